// SPDX-License-Identifier: Apache-2.0
#include "program.cuh"

#include <atomic>
#include <thread>

namespace misuse {
namespace {

constexpr std::size_t bytes = count * sizeof(int);

// ---- streams and events ----

/// a = 5 on one stream, then b = 1 + a on the other, if the event is waited for.
bool hand_over(const scene& s, bool waits) {
  put<><<<2, 32, 0, s.second>>>(s.b, 1, count);
  put<><<<2, 32, 0, s.first>>>(s.a, 5, count);
  CHECK(cudaEventRecord(s.event, s.first));
  if (waits) CHECK(cudaStreamWaitEvent(s.second, s.event, 0));
  add_to<><<<2, 32, 0, s.second>>>(s.b, s.a, count);
  return s.holds(s.b, 6);
}
bool right_events() { return hand_over(scene{}, true); }
bool missing_event() { return hand_over(scene{}, false); }

bool copies(bool waits) {
  const scene s;
  for (int i = 0; i < count; ++i) s.pinned[i] = 3;
  CHECK(cudaMemcpyAsync(s.a, s.pinned, bytes, cudaMemcpyHostToDevice, s.first));
  if (waits) CHECK(cudaStreamSynchronize(s.first));
  CHECK(cudaMemcpyAsync(s.b, s.a, bytes, cudaMemcpyDeviceToDevice, s.second));
  return s.holds(s.b, 3);
}
bool right_copies() { return copies(true); }
bool copy_before_its_source() { return copies(false); }

/// The default stream waits for blocking streams, and they for it.
bool right_default_stream() {
  const scene s;
  cudaStream_t blocking{};
  CHECK(cudaStreamCreate(&blocking));
  put<><<<2, 32, 0, blocking>>>(s.a, 2, count);
  put<><<<2, 32>>>(s.b, 1, count);
  add_to<><<<2, 32>>>(s.b, s.a, count);
  add_to<><<<2, 32, 0, blocking>>>(s.a, s.b, count);
  CHECK(cudaStreamDestroy(blocking));
  return s.holds(s.a, 5);
}
bool default_stream_of_nonblocking() {
  const scene s;
  put<><<<2, 32>>>(s.a, 2, count);
  add_to<><<<2, 32, 0, s.first>>>(s.b, s.a, count);
  return s.holds(s.a, 2);
}
bool query_orders() {
  const scene s;
  put<><<<2, 32, 0, s.first>>>(s.a, 4, count);
  while (cudaStreamQuery(s.first) == cudaErrorNotReady) std::this_thread::yield();
  put<><<<2, 32, 0, s.second>>>(s.a, 5, count);
  return s.holds(s.a, 5);
}
bool unrecorded_event() {
  const scene s;
  CHECK(cudaStreamWaitEvent(s.first, s.event, 0));
  return true;
}

// ---- graphs ----

bool replay(bool waits, bool joins) {
  const scene s;
  cudaGraph_t graph{};
  cudaGraphExec_t exec{};
  CHECK(cudaMemset(s.b, 0, bytes));
  CHECK(cudaDeviceSynchronize());
  CHECK(cudaStreamBeginCapture(s.first, cudaStreamCaptureModeThreadLocal));
  CHECK(cudaEventRecord(s.event, s.first));
  CHECK(cudaStreamWaitEvent(s.second, s.event, 0));
  put<><<<2, 32, 0, s.first>>>(s.a, 7, count);
  CHECK(cudaEventRecord(s.event, s.first));
  if (waits) CHECK(cudaStreamWaitEvent(s.second, s.event, 0));
  add_to<><<<2, 32, 0, s.second>>>(s.b, s.a, count);
  CHECK(cudaEventRecord(s.joined, s.second));
  if (joins) CHECK(cudaStreamWaitEvent(s.first, s.joined, 0));
  const cudaError_t end = cudaStreamEndCapture(s.first, &graph);
  if (!joins) {
    REFUSED(end, cudaErrorStreamCaptureUnjoined);
    return true;
  }
  CHECK(end);
  CHECK(cudaGraphInstantiate(&exec, graph, 0));
  CHECK(cudaGraphDestroy(graph));
  for (int times = 0; times < 3; ++times) CHECK(cudaGraphLaunch(exec, s.first));
  const bool right = s.holds(s.b, 21);
  CHECK(cudaGraphExecDestroy(exec));
  return right;
}
bool right_graph() { return replay(true, true); }
bool missing_event_in_graph() { return replay(false, true); }
bool unjoined_capture() { return replay(true, false); }

/// What is called while a stream captures, and what it gives; the capture does not survive.
bool in_capture(cudaStreamCaptureMode mode, cudaError_t (*call)(const scene&), cudaError_t gives,
                bool elsewhere = false) {
  const scene s;
  cudaGraph_t graph{};
  CHECK(cudaStreamBeginCapture(s.first, mode));
  put<><<<2, 32, 0, s.first>>>(s.a, 7, count);
  cudaError_t found = cudaSuccess;
  if (elsewhere) std::thread{[&] { found = call(s); }}.join();
  else found = call(s);
  REFUSED(found, gives);
  REFUSED(cudaStreamEndCapture(s.first, &graph),
          gives == cudaSuccess ? cudaSuccess : cudaErrorStreamCaptureInvalidated);
  return true;
}
cudaError_t allocate(const scene&) {
  void* more = nullptr;
  return cudaMalloc(&more, 64);
}
cudaError_t synchronise(const scene& s) { return cudaStreamSynchronize(s.first); }
cudaError_t synchronise_device(const scene&) { return cudaDeviceSynchronize(); }
cudaError_t query_event(const scene& s) { return cudaEventQuery(s.event); }

constexpr auto global = cudaStreamCaptureModeGlobal, local = cudaStreamCaptureModeThreadLocal;
constexpr auto relaxed = cudaStreamCaptureModeRelaxed;
constexpr auto forbidden = cudaErrorStreamCaptureUnsupported;

bool allocation_in_capture() { return in_capture(global, allocate, forbidden); }
bool allocation_in_local_capture() { return in_capture(local, allocate, forbidden); }
bool allocation_of_another_thread() { return in_capture(global, allocate, forbidden, true); }
bool right_allocation_of_another_thread() { return in_capture(local, allocate, cudaSuccess, true); }
bool right_allocation_in_relaxed_capture() { return in_capture(relaxed, allocate, cudaSuccess); }
bool right_exchanged_mode() {
  return in_capture(
      local,
      [](const scene& s) {
        cudaStreamCaptureMode mode = relaxed;
        CHECK(cudaThreadExchangeStreamCaptureMode(&mode));
        const cudaError_t found = allocate(s);
        CHECK(cudaThreadExchangeStreamCaptureMode(&mode));
        return mode == relaxed ? found : cudaErrorUnknown;
      },
      cudaSuccess);
}
bool synchronisation_in_capture() { return in_capture(relaxed, synchronise, forbidden); }
bool device_synchronisation_in_capture() { return in_capture(local, synchronise_device, forbidden); }
bool query_in_capture() { return in_capture(global, query_event, forbidden, true); }

// ---- memory ----

bool freed_memory() {
  const scene s;
  CHECK(cudaFree(s.a));
  put<><<<2, 32, 0, s.first>>>(s.a, 1, count);
  CHECK(cudaDeviceSynchronize());
  return true;
}
bool freed_twice() {
  const scene s;
  CHECK(cudaFree(s.a));
  CHECK(cudaFree(s.a));
  return true;
}
bool kernel_out_of_bounds() {
  const scene s;
  put<><<<2, 32, 0, s.first>>>(s.a, 1, count + 1);
  CHECK(cudaDeviceSynchronize());
  return true;
}
bool copy_out_of_bounds() {
  const scene s;
  CHECK(cudaMemcpyAsync(s.a + 1, s.b, bytes, cudaMemcpyDeviceToDevice, s.first));
  CHECK(cudaDeviceSynchronize());
  return true;
}
bool freed_workspace_of_graph() {
  const scene s;
  cudaGraph_t graph{};
  cudaGraphExec_t exec{};
  CHECK(cudaStreamBeginCapture(s.first, local));
  CHECK(cudaMemsetAsync(s.a, 1, bytes, s.first));
  CHECK(cudaStreamEndCapture(s.first, &graph));
  CHECK(cudaGraphInstantiate(&exec, graph, 0));
  CHECK(cudaFree(s.a));
  CHECK(cudaGraphLaunch(exec, s.first));
  CHECK(cudaDeviceSynchronize());
  return true;
}
bool ordered_memory(bool waits) {
  const scene s;
  int* made = nullptr;
  CHECK(cudaMallocAsync(reinterpret_cast<void**>(&made), bytes, s.first));
  CHECK(cudaEventRecord(s.event, s.first));
  if (waits) CHECK(cudaStreamWaitEvent(s.second, s.event, 0));
  put<><<<2, 32, 0, s.second>>>(made, 9, count);
  const bool right = s.holds(made, 9);
  CHECK(cudaFreeAsync(made, s.first));
  return right;
}
bool right_stream_order() { return ordered_memory(true); }
bool before_stream_order() { return ordered_memory(false); }

// ---- objects ----

bool destroyed_stream() {
  const scene s;
  CHECK(cudaStreamDestroy(s.first));
  put<><<<2, 32, 0, s.first>>>(s.a, 1, count);
  return true;
}
bool destroyed_event() {
  const scene s;
  CHECK(cudaEventDestroy(s.event));
  CHECK(cudaEventRecord(s.event, s.first));
  return true;
}
bool host_function_calls_runtime() {
  const scene s;
  CHECK(cudaLaunchHostFunc(
      s.first, [](void*) { (void)cudaDeviceSynchronize(); }, nullptr));
  CHECK(cudaDeviceSynchronize());
  return true;
}

// ---- kernels ----

template <bool Together>
bool rotated() {
  const scene s;
  CHECK(cudaMemset(s.a, 0, bytes));
  CHECK(cudaDeviceSynchronize());
  rotate<Together><<<1, 128, 0, s.first>>>(s.a);
  return s.holds(s.a, 0);
}
bool never_ending_barrier() {
  const scene s;
  CHECK(cudaMemset(s.a, 0, bytes));
  CHECK(cudaDeviceSynchronize());
  half_a_barrier<><<<1, 64, 0, s.first>>>(s.a);
  CHECK(cudaDeviceSynchronize());
  return true;
}
/// A kernel holds the stream until the host lets it go, and what lies behind it has not run before that.
bool right_gate() {
  const scene s;
  unsigned *word = nullptr, *on_gpu = nullptr;
  CHECK(cudaHostAlloc(reinterpret_cast<void**>(&word), sizeof(unsigned), cudaHostAllocMapped));
  *word = 0;
  CHECK(cudaHostGetDevicePointer(reinterpret_cast<void**>(&on_gpu), word, 0));
  wait_for_word<><<<1, 1, 0, s.first>>>(on_gpu);
  put<><<<2, 32, 0, s.first>>>(s.a, 8, count);
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  const bool held = cudaStreamQuery(s.first) == cudaErrorNotReady;
  std::atomic_ref<unsigned>{*word}.store(1);
  return s.holds(s.a, 8) && held;
}
/// While a kernel waits for the host, the host must not wait for the device, and who allocates may.
bool behind_gate(void (*call)(const scene&)) {
  const scene s;
  unsigned* word = nullptr;
  CHECK(cudaMallocHost(&word, sizeof(unsigned)));
  *word = 0;
  wait_for_word<><<<1, 1, 0, s.first>>>(word);
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
  std::thread opens{[word] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    std::atomic_ref<unsigned>{*word}.store(1);
  }};
  call(s);
  opens.join();
  CHECK(cudaDeviceSynchronize());
  return true;
}
bool allocation_behind_gate() {
  return behind_gate([](const scene& s) { (void)allocate(s); });
}
bool freeing_behind_gate() {
  return behind_gate([](const scene& s) { CHECK(cudaFree(s.b)); });
}
bool first_launch_behind_gate() {
  return behind_gate([](const scene& s) { put<7><<<2, 32, 0, s.first>>>(s.a, 8, count); });
}
bool right_launch_behind_gate() {
  const scene s;
  put<8><<<2, 32, 0, s.first>>>(s.a, 1, count);
  CHECK(cudaDeviceSynchronize());
  return behind_gate([](const scene& t) { put<8><<<2, 32, 0, t.first>>>(t.a, 8, count); });
}
bool launch_on_another_device() {
  const scene s;
  CHECK(cudaSetDevice(1));
  put<><<<2, 32, 0, s.first>>>(s.a, 1, count);
  REFUSED(cudaGetLastError(), cudaErrorInvalidResourceHandle);
  return true;
}
bool launch_too_large() {
  const scene s;
  put<><<<1, 2048, 0, s.first>>>(s.a, 1, count);
  REFUSED(cudaGetLastError(), cudaErrorInvalidConfiguration);
  return true;
}

}  // namespace

#define NAMED(program) \
  named { #program, program }
const std::vector<named>& programs() {
  static const std::vector<named> all{NAMED(right_events),
                                      NAMED(right_copies),
                                      NAMED(right_default_stream),
                                      NAMED(query_orders),
                                      NAMED(right_graph),
                                      NAMED(right_allocation_of_another_thread),
                                      NAMED(right_allocation_in_relaxed_capture),
                                      NAMED(right_exchanged_mode),
                                      NAMED(right_stream_order),
                                      {"right_barrier", rotated<true>},
                                      NAMED(right_gate),
                                      NAMED(launch_too_large),
                                      NAMED(missing_event),
                                      NAMED(copy_before_its_source),
                                      NAMED(default_stream_of_nonblocking),
                                      NAMED(unrecorded_event),
                                      NAMED(missing_event_in_graph),
                                      NAMED(unjoined_capture),
                                      NAMED(allocation_in_capture),
                                      NAMED(allocation_in_local_capture),
                                      NAMED(allocation_of_another_thread),
                                      NAMED(synchronisation_in_capture),
                                      NAMED(device_synchronisation_in_capture),
                                      NAMED(query_in_capture),
                                      NAMED(freed_memory),
                                      NAMED(freed_twice),
                                      NAMED(kernel_out_of_bounds),
                                      NAMED(copy_out_of_bounds),
                                      NAMED(freed_workspace_of_graph),
                                      NAMED(before_stream_order),
                                      NAMED(destroyed_stream),
                                      NAMED(destroyed_event),
                                      NAMED(host_function_calls_runtime),
                                      {"missing_barrier", rotated<false>},
                                      NAMED(never_ending_barrier),
                                      NAMED(allocation_behind_gate),
                                      NAMED(freeing_behind_gate),
                                      NAMED(first_launch_behind_gate),
                                      NAMED(right_launch_behind_gate),
                                      NAMED(launch_on_another_device)};
  return all;
}

}  // namespace misuse
