// SPDX-License-Identifier: Apache-2.0
// Streams are threads that take operations from a queue, with seeded delays; events and graphs hang on their timelines.
#pragma once

#include "capture.hpp"
#include "clocks.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace fakegpu {

/// An operation of another timeline that must have ended first.
struct dependency {
  std::shared_ptr<timeline> on;
  std::uint64_t time;
};

struct queued {
  shared_operation what;
  moment when;
  std::vector<dependency> after;
};

struct stream {
  std::shared_ptr<timeline> time;
  int device = 0;
  bool blocking = true;  ///< waits for the default stream, and it for this one
  bool ends = false;     ///< destroyed: its thread ends when the queue is empty
  unsigned flags = 0;
  int priority = 0;
  std::deque<queued> queue;
  std::condition_variable woken;  ///< it has got an operation, or has to end
  std::shared_ptr<capture> captured;
  std::size_t branch = 0;  ///< of the capture
};

/// Where an event was recorded last: on a timeline, or in a capture.
struct event {
  struct record {
    std::shared_ptr<timeline> on;
    moment when;
    std::chrono::steady_clock::time_point at;
  };
  bool timed = true;
  int device = 0;
  std::shared_ptr<record> last;
  std::shared_ptr<capture> captured;
  vector_clock seen;
  std::vector<std::size_t> nodes;
};

struct executable_graph {
  std::shared_ptr<const graph> of;
  std::vector<std::shared_ptr<timeline>> branches;
  std::shared_ptr<timeline> last_on;  ///< its last launch: the next one waits for it
  std::uint64_t last_time = 0;
  vector_clock last_clock;
};

/// Random pauses before operations: FAKE_GPU_SEED, FAKE_GPU_DELAY_US (0: none).
class delays {
 public:
  explicit delays(std::uint64_t salt);
  void pause();

 private:
  std::mt19937_64 random_;
};

// Under the lock of the world:

std::shared_ptr<timeline> new_timeline(const std::string& name);
/// Nothing more will be issued on it.
void end_timeline(const timeline& ended);
std::shared_ptr<stream> new_stream(int device, bool blocking, const std::string& kind);
/// The stream of a handle. Ends the process where it was destroyed or never made.
std::shared_ptr<stream> stream_of(cudaStream_t handle);
/// Appends an operation that follows all that `after` and the stream's own order say.
moment issue(stream& on, shared_operation what, std::vector<dependency> after = {}, const vector_clock* also = nullptr);
/// Appends to the stream, or to the capture that it is part of.
cudaError_t submit(cudaStream_t on, operation what);
/// Waits until all that was issued on the stream is done; the host then knows of it.
cudaError_t drain(const std::shared_ptr<stream>& which, const char* call, std::unique_lock<std::mutex>& held);
cudaError_t drain_device(int device, const char* call, std::unique_lock<std::mutex>& held);

/// Checks an operation's ranges and runs it: without the lock.
void execute(const operation& what, const moment& when, const std::string& where);

}  // namespace fakegpu
