// SPDX-License-Identifier: Apache-2.0
// What a thread gathers between ncclGroupStart and ncclGroupEnd.
#include "batch.hpp"

#include <algorithm>
#include <utility>

namespace fake_nccl {
namespace {

/// The calls of some groups, as far as they fit into `room` characters.
std::string text_of(const group& what, std::size_t room) {
  std::string all;
  for (const auto* list : {&what.collectives, &what.messages})
    for (const transfer& one : *list) {
      if (all.size() > room) return all + ", ...";
      all += (all.empty() ? "" : ", ") + describe(one);
    }
  return all;
}

struct open_batch : batch {
  int depth = 0;
  ~open_batch() {
    if (depth != 0) stop("a thread ends with an open ncclGroupStart (ncclGroupEnd is missing): " + text());
  }
  std::string text() const {
    std::string all;
    for (const auto& one : groups) all += one->comm->who() + " {" + text_of(*one, 200) + "} ";
    return all + "never submitted";
  }
};
thread_local open_batch opened;

[[maybe_unused]] const bool hooked = [] {
  fakegpu_on_sync([](const char* what) {
    if (opened.depth != 0)
      stop(std::string{what} + " inside an open ncclGroupStart (ncclGroupEnd is missing): " + opened.text());
  });
  return true;
}();

bool is_capturing(cudaStream_t stream) {
  cudaStreamCaptureStatus status{};
  return cudaStreamIsCapturing(stream, &status) == cudaSuccess && status != cudaStreamCaptureStatusNone;
}

/// Two calls of one group have no order, so that neither may write what the other uses.
void expect_disjoint(const group& what) {
  std::vector<use> uses = what.uses;
  std::ranges::sort(uses, {}, [](const use& u) { return u.range.lo; });
  for (auto a = uses.begin(); a != uses.end(); ++a)
    for (auto b = a + 1; b != uses.end() && b->range.lo < a->range.hi; ++b)
      if (a->call != b->call && (a->range.write || b->range.write))
        stop(what.comm->who() + ": race within " + what.text + ": its calls " + std::to_string(a->call) + " and " +
             std::to_string(b->call) + " share " + std::to_string(std::min(a->range.hi, b->range.hi) - b->range.lo) +
             " bytes, one of them writes, and a group has no order");
}

ncclResult_t flush() {
  batch what = std::move(static_cast<batch&>(opened));
  static_cast<batch&>(opened) = {};
  for (const auto& one : what.groups) {
    const on_device_of here{*one->comm};
    one->captured = is_capturing(one->streams[0]);
    one->text = "group {" + text_of(*one, 300) + "}";
    expect_disjoint(*one);
  }
  return submit(std::move(what));
}

ncclResult_t flush_unless_open() { return opened.depth != 0 ? ncclSuccess : flush(); }

}  // namespace

std::string describe(const transfer& one) {
  return (one.sends ? "send " : "recv ") + std::to_string(one.bytes) + (one.sends ? " B to " : " B from ") +
         std::to_string(one.peer);
}

bool group_is_open() { return opened.depth != 0; }

group& open_group(ncclComm* comm, cudaStream_t stream) {
  auto found = std::ranges::find(opened.groups, comm, [](const auto& one) { return one->comm; });
  if (found == opened.groups.end()) {
    opened.groups.push_back(std::make_unique<group>());
    found = opened.groups.end() - 1;
    (*found)->comm = comm;
  }
  const on_device_of here{*comm};
  if (const int device = fakegpu_device_of_stream(stream); device != comm->device)
    stop(comm->who() + " on device " + std::to_string(comm->device) + " gets a stream of device " +
         std::to_string(device));
  auto& streams = (*found)->streams;
  if (std::ranges::find(streams, stream) == streams.end()) streams.push_back(stream);
  ++(*found)->calls;
  return **found;
}

void uses_memory(group& in, const char* call, const void* at, std::size_t bytes, bool writes) {
  if (bytes == 0) return;
  const std::string what = in.comm->who() + ": " + call + (writes ? " into" : " of");
  if (!fakegpu_is_device_pointer(at)) stop(what + " memory that no cudaMalloc gave");
  if (const int device = fakegpu_device_of(at); device >= 0 && device != in.comm->device)
    stop(what + " memory of device " + std::to_string(device) + ", but its device is " +
         std::to_string(in.comm->device));
  const auto lo = reinterpret_cast<std::uintptr_t>(at);
  in.uses.push_back({{lo, lo + bytes, writes}, in.calls});
}

ncclResult_t call_done(group& in, const char* call) {
  if (opened.depth != 0) note(in.comm, std::string{"called "} + call + " in a group that is open");
  return flush_unless_open();
}

ncclResult_t joins(ncclComm* comm) {
  opened.joining.push_back(comm);
  return flush_unless_open();
}

ncclResult_t registers(ncclComm* comm, ncclWindow_t* handle, void* memory) {
  comm->own().windows.fetch_add(1);
  comm->shared->progress.fetch_add(1);
  for (int r = 0; r < comm->size; ++r) ring(comm->shared->ranks[r]);
  opened.windows.push_back({comm, handle, memory});
  return flush_unless_open();
}

}  // namespace fake_nccl

extern "C" {

ncclResult_t ncclGroupStart() { return ++fake_nccl::opened.depth, ncclSuccess; }

ncclResult_t ncclGroupEnd() {
  if (fake_nccl::opened.depth == 0) fake_nccl::stop("ncclGroupEnd without ncclGroupStart");
  return --fake_nccl::opened.depth != 0 ? ncclSuccess : fake_nccl::flush();
}
}
