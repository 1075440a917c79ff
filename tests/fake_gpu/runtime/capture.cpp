// SPDX-License-Identifier: Apache-2.0
#include "capture.hpp"

#include "report.hpp"
#include "world.hpp"

namespace fakegpu {

void capture::add(std::size_t on, shared_operation what) {
  branch& here = branches[on];
  node made{on, std::move(what), std::exchange(here.pending, {})};
  if (here.last) made.after.push_back(*here.last);
  here.last = nodes.size();
  here.seen.set(on, nodes.size() + 1);
  nodes.push_back(std::move(made));
}

std::size_t capture::join(const std::shared_ptr<stream>& other) {
  branches.push_back({other, {}, {}, {}});
  return branches.size() - 1;
}

cudaStreamCaptureMode& thread_capture_mode() {
  thread_local cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  return mode;
}

/// As cudaThreadExchangeStreamCaptureMode's documentation has it.
static bool forbids(const capture& which) {
  const cudaStreamCaptureMode mine = thread_capture_mode();
  if (mine == cudaStreamCaptureModeRelaxed) return false;
  if (which.thread == std::this_thread::get_id()) return which.mode != cudaStreamCaptureModeRelaxed;
  return mine == cudaStreamCaptureModeGlobal && which.mode == cudaStreamCaptureModeGlobal;
}

cudaError_t break_capture(capture& which, const std::string& call, cudaError_t error) {
  if (which.broken.empty()) which.broken = call;
  finding(call + " during a stream capture, which it breaks (" + cudaGetErrorName(error) + ")");
  return error;
}

cudaError_t forbidden_now(const std::string& call) {
  cudaError_t result = cudaSuccess;
  for (const auto& which : world().captures) {
    if (forbids(*which)) result = break_capture(*which, call, cudaErrorStreamCaptureUnsupported);
  }
  return result;
}

}  // namespace fakegpu
