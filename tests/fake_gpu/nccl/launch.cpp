// SPDX-License-Identifier: Apache-2.0
// The end of a group on the host: what waits for others, and what goes to the streams.
#include "batch.hpp"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

namespace fake_nccl {
namespace {

/// Makes the first stream wait for the others, or the others for the first, as NCCL does.
bool fan(const std::vector<cudaStream_t>& streams, bool in) {
  if (streams.size() == 1) return true;
  cudaEvent_t event = nullptr;
  if (cudaEventCreateWithFlags(&event, cudaEventDisableTiming) != cudaSuccess) return false;
  bool good = true;
  for (std::size_t i = 1; i < streams.size(); ++i)
    good &= cudaEventRecord(event, streams[in ? i : 0]) == cudaSuccess &&
            cudaStreamWaitEvent(streams[in ? 0 : i], event, 0) == cudaSuccess;
  return cudaEventDestroy(event) == cudaSuccess && good;
}

ncclResult_t launch(std::unique_ptr<group> what) {
  ncclComm& comm = *what->comm;
  if (comm.gives_up()) return ncclInternalError;
  note(&comm, "submitted " + what->text);
  comm.submitted.fetch_add(1);
  if (!what->captured) what->turn = comm.issued.fetch_add(1);
  const on_device_of here{comm};
  const auto streams = what->streams;
  std::vector<fakegpu::range> ranges;
  for (const use& one : what->uses) ranges.push_back(one.range);
  if (!fan(streams, true)) return refuse(ncclUnhandledCudaError, "the streams of a group cannot be joined");
  group* kept = what.release();  // the stream's, or its graph's, until it drops it
  const cudaError_t taken = fakegpu_submit(
      streams[0], kept->text.c_str(), ranges.data(), ranges.size(), [](void* data) { run(*static_cast<group*>(data)); },
      kept, [](void* data) { delete static_cast<group*>(data); });
  if (taken != cudaSuccess) return refuse(ncclUnhandledCudaError, "Cuda failure " + std::to_string(taken));
  return fan(streams, false) ? ncclSuccess : refuse(ncclUnhandledCudaError, "the streams of a group cannot be forked");
}

ncclResult_t finish(const window& one) {
  const std::uint32_t mine = one.comm->own().windows;
  const bool all = wait_on_host(one.comm, "for the others' ncclCommWindowRegister", [&] {
    const rank_state* const ranks = one.comm->shared->ranks;
    return std::all_of(ranks, ranks + one.comm->size, [&](const rank_state& rank) { return rank.windows >= mine; });
  });
  if (all) *one.handle = static_cast<ncclWindow_t>(one.memory);
  return all ? ncclSuccess : ncclInternalError;
}

/// Each step is taken for all communicators before any of them waits.
ncclResult_t perform(batch what) {
  ncclResult_t result = ncclSuccess;
  const auto keep = [&](ncclResult_t one) { result = result == ncclSuccess ? one : result; };
  for (ncclComm* comm : what.joining) keep(wait_for_all(comm));
  for (const window& one : what.windows) keep(finish(one));
  if (result != ncclSuccess) return result;
  if (!connect(what.groups)) return ncclInternalError;
  for (auto& one : what.groups) keep(launch(std::move(one)));
  return result;
}

std::vector<ncclComm*> communicators(const batch& what) {
  std::vector<ncclComm*> all = what.joining;
  for (const auto& one : what.groups) all.push_back(one->comm);
  for (const window& one : what.windows) all.push_back(one.comm);
  return all;
}

/// As NCCL does it for communicators that do not block: another thread performs the group, some time later. Who relies
/// on the stream before ncclCommGetAsyncError says ncclSuccess comes too early.
ncclResult_t perform_later(batch what) {
  const std::vector<ncclComm*> all = communicators(what);
  const auto job = std::make_shared<std::atomic<bool>>(false);
  for (ncclComm* comm : all) {
    comm->job = job;
    comm->state = ncclInProgress;
  }
  static std::atomic<unsigned> number;
  std::minstd_rand delays{static_cast<unsigned>(setting("FAKE_GPU_SEED", 1)) * 7919u + number++};
  const std::chrono::microseconds delay{delays() % (setting("FAKE_GPU_DELAY_US", 200) + 1)};
  std::thread{[all, delay, what = std::move(what)]() mutable {
    std::this_thread::sleep_for(delay);
    const ncclResult_t result = perform(std::move(what));
    for (ncclComm* comm : all) comm->state = result;
  }}.detach();
  return ncclInProgress;
}

}  // namespace

ncclResult_t submit(batch what) {
  const auto all = communicators(what);
  const bool blocks = std::ranges::all_of(all, [](const ncclComm* comm) { return comm->blocking; });
  return blocks ? perform(std::move(what)) : perform_later(std::move(what));
}

}  // namespace fake_nccl
