// SPDX-License-Identifier: Apache-2.0
// What the fake NCCL calls (fake_gpu.hpp).
#include "report.hpp"
#include "world.hpp"

#include <atomic>

namespace fakegpu {
namespace {

std::atomic<void (*)(const char*)> sync_check{nullptr};

const allocation* live_at(const void* pointer) {
  const allocation* const block = allocation_at(reinterpret_cast<std::uintptr_t>(pointer));
  return block == nullptr || block->freed ? nullptr : block;
}

}  // namespace

void before_wait(const char* call) {
  if (const auto check = sync_check.load()) check(call);
}

bool& in_host_function() {
  thread_local bool inside = false;
  return inside;
}

cudaError_t refuse_in_host_function() {
  finding("a host function of a stream calls the CUDA runtime, which it must not");
  return remember(cudaErrorNotPermitted);
}

}  // namespace fakegpu

using namespace fakegpu;

extern "C" {

int fakegpu_is_fake() { return 1; }

cudaError_t fakegpu_submit(cudaStream_t stream, const char* name, const range* ranges, std::size_t size,
                           void (*run)(void*), void* data, void (*drop)(void*)) {
  const std::shared_ptr<void> owned{data, [drop](void* last) {
                                      if (drop != nullptr) drop(last);
                                    }};
  operation made{name, {ranges, ranges + size}, [run, owned](const moment&, const std::string&) { run(owned.get()); }};
  return submit(stream, std::move(made));
}
void fakegpu_on_sync(void (*check)(const char*)) { sync_check = check; }
int fakegpu_is_device_pointer(const void* pointer) {
  const guard held{world().lock};
  return live_at(pointer) != nullptr ? 1 : 0;
}
int fakegpu_device_of(const void* pointer) {
  const guard held{world().lock};
  const allocation* const block = live_at(pointer);
  return block == nullptr ? -2 : block->device;
}
int fakegpu_device_of_stream(cudaStream_t stream) {
  const guard held{world().lock};
  return stream_of(stream)->device;
}
cudaError_t fakegpu_forbidden_in_capture(const char* call) {
  const guard held{world().lock};
  return forbidden_now(call);
}
void fakegpu_finding(const char* text, int fatally) {
  if (fatally != 0) fatal(text);
  finding(text);
}
}
