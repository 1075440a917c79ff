// SPDX-License-Identifier: Apache-2.0
// Stream capture: what was recorded, who may not do what meanwhile, and graphs.
#pragma once

#include "../fake_gpu.hpp"
#include "clocks.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace fakegpu {

struct stream;

/// Something that a stream does.
struct operation {
  std::string name;
  std::vector<range> ranges;
  std::function<void(const moment& when, const std::string& where)> run;
};
using shared_operation = std::shared_ptr<const operation>;

struct node {
  std::size_t branch;
  shared_operation what;
  std::vector<std::size_t> after;  ///< nodes that it waits for
};

struct graph {
  std::vector<node> nodes;
  std::size_t branches = 1;
};

/// One branch for each stream that takes part; the first is the one on which it began.
struct capture {
  struct branch {
    std::shared_ptr<stream> of;
    vector_clock seen;                 ///< how many nodes of each branch lie before its end
    std::optional<std::size_t> last;   ///< its last node
    std::vector<std::size_t> pending;  ///< nodes of others that its next one waits for
  };
  std::uint64_t id = 0;
  cudaStreamCaptureMode mode{};
  std::thread::id thread;
  std::vector<node> nodes;
  std::vector<branch> branches;
  std::string broken;  ///< by what; empty: it is valid

  void add(std::size_t on, shared_operation what);
  std::size_t join(const std::shared_ptr<stream>& other);  ///< a branch for one more stream
};

/// The mode of the calling thread (cudaThreadExchangeStreamCaptureMode).
cudaStreamCaptureMode& thread_capture_mode();
/// For calls that a capture under way may forbid to this thread: reports, breaks the captures, gives the error. Under
/// the lock.
cudaError_t forbidden_now(const std::string& call);
/// A call that the capture does not survive.
cudaError_t break_capture(capture& which, const std::string& call, cudaError_t error);

}  // namespace fakegpu
