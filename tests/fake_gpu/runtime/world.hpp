// SPDX-License-Identifier: Apache-2.0
// All that the fake runtime knows, under one lock. It is never destroyed: streams and exit handlers may outlive main.
#pragma once

#include "capture.hpp"
#include "clocks.hpp"
#include "memory.hpp"
#include "stream.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace fakegpu {

struct world_state {
  std::mutex lock;
  std::condition_variable moved;                           ///< some operation has ended, or a stream has got one
  vector_clock host;                                       ///< what any host thread has waited for
  std::map<const void*, std::shared_ptr<stream>> streams;  ///< by handle
  std::map<int, std::shared_ptr<stream>> legacy;           ///< the default streams, by device
  std::map<std::pair<std::thread::id, int>, std::shared_ptr<stream>> per_thread;
  std::set<std::shared_ptr<stream>> running;  ///< all that have a thread
  std::map<const void*, std::shared_ptr<event>> events;
  std::map<const void*, std::shared_ptr<graph>> graphs;
  std::map<const void*, std::shared_ptr<executable_graph>> executables;
  std::set<std::shared_ptr<capture>> captures;  ///< under way
  std::vector<std::pair<std::size_t, std::uint64_t>>
      free_lines;  ///< identities of timelines that ended, and their last time
  std::size_t lines = 0;
  std::multimap<int, std::string> held;  ///< kernels that wait for the host, by device
};
world_state& world();

using guard = std::unique_lock<std::mutex>;

/// The calling thread's device.
int& current_device();
int devices();
std::size_t device_memory();
/// cudaSuccess where there are a driver and a device that this runtime can use.
cudaError_t availability();

/// A call that the driver may answer only when the kernels of a device have ended, reported while one of them waits for
/// the host: the two may wait for each other. -1: any device. Under the lock.
void expect_no_gate(int device, const std::string& call);

/// Keeps an error for cudaGetLastError.
cudaError_t remember(cudaError_t error);
cudaError_t& last_error();

/// Does the calling thread execute a function of cudaLaunchHostFunc? Then it must not call the runtime.
bool& in_host_function();
cudaError_t refuse_in_host_function();

/// The body of an entry point that needs a device.
template <class F>
cudaError_t entry(F f) {
  if (in_host_function()) return refuse_in_host_function();
  if (const cudaError_t none = availability(); none != cudaSuccess) return remember(none);
  return remember(f());
}
/// The same for one that waits: the fake NCCL looks for an open group first.
void before_wait(const char* call);

}  // namespace fakegpu
