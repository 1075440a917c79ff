// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/process_group.hpp>
#include <colossus/bench/rank_list.hpp>
#include <colossus/transports/nccl.hpp>

#include <numeric>

namespace colossus::bench {
namespace detail {

/// With a name: CUDA's compiler takes no vector of NCCL's nameless type.
struct named_id {
  ncclUniqueId id;
};

/// Rank 0's id for all. Where rank 0 has none, all throw what it says.
inline ncclUniqueId share_nccl_id(process_group& all) {
  named_id made_here{};
  ncclResult_t made = ncclSuccess;
  if (all.rank() == 0) made = ncclGetUniqueId(&made_here.id);
  const std::string said =
      made == ncclSuccess ? std::string{} : ncclGetErrorString(made) + colossus::detail::nccl_last_words(nullptr);
  if (const std::string why = gather_text(all, said).front(); !why.empty())
    throw error{"rank 0 cannot begin a communicator: " + why + ": set NCCL_SOCKET_IFNAME to an interface that is up",
                failure::broke};
  return gather(all, made_here).front().id;
}

/// The ranks of those processes that are ready and of those that are not, and what the first of these says.
inline std::string unready_ranks(const std::vector<int>& devices, const std::vector<std::string>& reasons) {
  std::vector<int> ready, not_ready;
  std::string first;
  int rank = 0;
  for (std::size_t process = 0; process < devices.size(); ++process) {
    for (int i = 0; i < devices[process]; ++i) (reasons[process].empty() ? ready : not_ready).push_back(rank++);
    if (first.empty()) first = reasons[process];
  }
  return (ready.empty() ? "no rank is ready" : "ranks " + rank_list(ready) + " are ready") + ", ranks " +
         rank_list(not_ready) + " are not; the first of these says: " + first;
}

}  // namespace detail

/// Makes the first of a process's devices current; else the first return to device 0 would open a context on it for
/// every process. Whether it went well is seen when the world forms.
inline void choose_device(const std::vector<int>& devices) {
  if (cudaSetDevice(devices.front()) != cudaSuccess) static_cast<void>(cudaGetLastError());
}

/// One communicator over the `devices` of all processes, whose ranks are numbered in the order of processes: those of
/// this process. Where it does not form by the deadline, or on some only, all throw (broke) who is ready and who is
/// not. The deadline is to be shorter than the group's, by which the processes tell each other.
inline std::vector<transports::nccl> form_nccl_world(process_group& all, std::span<const int> devices,
                                                     std::chrono::milliseconds deadline) {
  const std::vector<int> each = gather(all, static_cast<int>(devices.size()));
  const auto size = static_cast<rank_t>(std::accumulate(each.begin(), each.end(), 0));
  const auto first = static_cast<rank_t>(std::accumulate(each.begin(), each.begin() + all.rank(), 0));
  const ncclUniqueId id = detail::share_nccl_id(all);
  std::vector<transports::nccl> ranks;
  std::string trouble;
  try {
    ranks = transports::nccl::ranks_of_process(id, size, first, devices, deadline);
  } catch (const error& e) {
    trouble = e.what();
  }
  const std::vector<std::string> reasons = gather_text(all, trouble);
  if (std::all_of(reasons.begin(), reasons.end(), [](const std::string& reason) { return reason.empty(); }))
    return ranks;
  throw error{
      "the communicator of " + std::to_string(size) + " ranks did not form: " + detail::unready_ranks(each, reasons),
      failure::broke};
}

}  // namespace colossus::bench
