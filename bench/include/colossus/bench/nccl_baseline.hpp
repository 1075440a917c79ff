// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/operation.hpp>
#include <colossus/collectives.hpp>

#include <dlfcn.h>
#include <nccl.h>

namespace colossus::bench {

/// NCCL's own collective under the name `nccl`: no schedule of ours, and the row that ours are laid beside.
template <class Collective>
struct nccl_baseline {
  using collective = Collective;
  static constexpr std::string_view name = "nccl";
};

template <class A>
inline constexpr bool is_nccl_baseline = false;
template <class Collective>
inline constexpr bool is_nccl_baseline<nccl_baseline<Collective>> = true;

namespace detail {

/// A list in which the algorithms of each collective come behind NCCL's own.
template <class List, class Done = type_list<>, class Last = void>
struct beside_nccl {
  using type = Done;
};
template <class A, class... Rest, class Done, class Last>
struct beside_nccl<type_list<A, Rest...>, Done, Last> {
  using collective = typename A::collective;
  using begun = std::conditional_t<std::is_same_v<collective, Last>, Done, append<Done, nccl_baseline<collective>>>;
  using type = typename beside_nccl<type_list<Rest...>, append<begun, A>, collective>::type;
};

}  // namespace detail

/// The algorithms of `List`, and NCCL's own collectives before them.
template <class List>
using beside_nccl = typename detail::beside_nccl<List>::type;

/// NCCL's number for one of our element types.
inline ncclDataType_t nccl_type(std::string_view name) {
  struct named {
    std::string_view name;
    ncclDataType_t type;
  };
  for (const auto& [known, type] :
       {named{"int8", ncclInt8}, named{"uint8", ncclUint8}, named{"int32", ncclInt32}, named{"uint32", ncclUint32},
        named{"int64", ncclInt64}, named{"uint64", ncclUint64}, named{"half", ncclFloat16}, named{"float", ncclFloat32},
        named{"double", ncclFloat64}, named{"bfloat16", ncclBfloat16}})
    if (known == name) return type;
  throw error{"NCCL has no element type '" + std::string{name} + "': leave it out of -d"};
}

inline ncclRedOp_t nccl_reduction(std::string_view name) {
  return name == "prod" ? ncclProd : name == "min" ? ncclMin : name == "max" ? ncclMax : ncclSum;
}

/// One rank's call of NCCL's own collective.
struct baseline_call {
  std::string_view collective;
  call made;
  ncclComm_t comm;
  rank_t rank, ranks;
  cudaStream_t stream;
};

namespace detail {

/// As nccl-tests' sendrecv_perf: a ring shift.
inline ncclResult_t shift(const baseline_call& b, ncclDataType_t type) {
  const auto count = static_cast<std::size_t>(b.made.count);
  const ncclResult_t sent = ncclSend(b.made.in, count, type, (b.rank + 1) % b.ranks, b.comm, b.stream);
  return sent != ncclSuccess ? sent
                             : ncclRecv(b.made.out, count, type, (b.rank + b.ranks - 1) % b.ranks, b.comm, b.stream);
}

/// ncclAlltoAll where this NCCL has it (2.28), else the sends and receives that it stands for.
inline ncclResult_t all_to_all(const baseline_call& b, ncclDataType_t type) {
  using function = ncclResult_t (*)(const void*, void*, std::size_t, ncclDataType_t, ncclComm_t, cudaStream_t);
  static const auto whole = reinterpret_cast<function>(::dlsym(RTLD_DEFAULT, "ncclAlltoAll"));
  const auto count = static_cast<std::size_t>(b.made.count);
  if (whole) return whole(b.made.in, b.made.out, count, type, b.comm, b.stream);
  ncclResult_t status = ncclSuccess;
  const auto part = b.made.count * static_cast<std::int64_t>(b.made.kind.size);
  for (rank_t peer = 0; peer < b.ranks && status == ncclSuccess; ++peer) {
    status = ncclSend(b.made.in + peer * part, count, type, peer, b.comm, b.stream);
    if (status == ncclSuccess) status = ncclRecv(b.made.out + peer * part, count, type, peer, b.comm, b.stream);
  }
  return status;
}

}  // namespace detail

/// Enqueues the call. To be made within a group with those of the other local ranks.
inline ncclResult_t enqueue_baseline(const baseline_call& b) {
  const ncclDataType_t type = nccl_type(b.made.kind.type);
  const ncclRedOp_t op = nccl_reduction(b.made.kind.reduction);
  const auto count = static_cast<std::size_t>(b.made.count);
  const void* const in = b.made.in;
  void* const out = b.made.out;
  if (b.collective == "all_reduce") return ncclAllReduce(in, out, count, type, op, b.comm, b.stream);
  if (b.collective == "reduce_scatter") return ncclReduceScatter(in, out, count, type, op, b.comm, b.stream);
  if (b.collective == "all_gather") return ncclAllGather(in, out, count, type, b.comm, b.stream);
  if (b.collective == "reduce") return ncclReduce(in, out, count, type, op, b.made.root, b.comm, b.stream);
  if (b.collective == "broadcast") return ncclBroadcast(in, out, count, type, b.made.root, b.comm, b.stream);
  if (b.collective == "send_recv") return detail::shift(b, type);
  if (b.collective == "all_to_all") return detail::all_to_all(b, type);
  throw error{"NCCL has no collective " + std::string{b.collective} + ": leave nccl out of --algorithm"};
}

}  // namespace colossus::bench
