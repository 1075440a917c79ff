// SPDX-License-Identifier: Apache-2.0
#include "reduction.hpp"

#include "finding.hpp"

#include <colossus/data_type.hpp>
#include <colossus/reduce_op.hpp>

#include <cstring>
#include <type_traits>

namespace fake_nccl {
namespace {

/// NCCL's names, in the order of colossus::data_types.
constexpr ncclDataType_t nccl_types[] = {ncclInt8,   ncclUint8,   ncclInt32,   ncclUint32,  ncclInt64,
                                         ncclUint64, ncclFloat16, ncclFloat32, ncclFloat64, ncclBfloat16};

/// Calls `f(std::type_identity<T>{})` for an element type; false where this library cannot compute in it.
template <class F>
bool with_type(ncclDataType_t type, F&& f) {
  bool found = false;
  const ncclDataType_t* name = nccl_types;
  colossus::for_each_type(colossus::data_types{}, [&]<class T>(std::type_identity<T> one) {
    if (*name++ == type) found = true, f(one);
  });
  return found;
}

template <class T>
T combined(ncclRedOp_t op, T a, T b) {
  switch (op) {
    case ncclProd:
      return colossus::prod{}(a, b);
    case ncclMin:
      return colossus::min{}(a, b);
    case ncclMax:
      return colossus::max{}(a, b);
    default:
      return colossus::sum{}(a, b);  // the average, too, is a sum first
  }
}

/// The memory of `rank` as elements, which need not be aligned in memory that came from a channel.
template <class T>
T element(const reduction& what, int rank, std::size_t part, std::size_t index) {
  const char* from = part == static_cast<std::size_t>(rank) ? what.own : what.parts[part].data();
  T value;
  std::memcpy(&value, from + index * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void combine_as(const reduction& what, int rank) {
  const std::size_t ranks = what.parts.size();
  for (std::size_t i = 0; i < what.count; ++i) {
    T all = element<T>(what, rank, 0, i);
    for (std::size_t part = 1; part < ranks; ++part) all = combined(what.op, all, element<T>(what, rank, part, i));
    if (what.op == ncclAvg) all = static_cast<T>(all / static_cast<T>(static_cast<int>(ranks)));
    std::memcpy(what.out + i * sizeof(T), &all, sizeof(T));
  }
}

}  // namespace

std::size_t size_of(ncclDataType_t type) {
  std::size_t size = 0;
  if (!with_type(type, [&]<class T>(std::type_identity<T>) { size = sizeof(T); }))
    return type == ncclFloat8e4m3 || type == ncclFloat8e5m2 ? 1 : 0;
  return size;
}

std::string name_of(ncclDataType_t type) {
  std::string name = type == ncclFloat8e4m3   ? "f8e4m3"
                     : type == ncclFloat8e5m2 ? "f8e5m2"
                                              : "type " + std::to_string(type);
  with_type(type, [&]<class T>(std::type_identity<T>) { name = colossus::data_type<T>::name; });
  return name;
}

std::string name_of(ncclRedOp_t op) {
  constexpr const char* names[] = {"sum", "prod", "max", "min", "avg"};
  return op >= 0 && op < ncclNumOps ? names[op] : "op " + std::to_string(op);
}

void combine(const reduction& what, int rank) {
  if (!with_type(what.type, [&]<class T>(std::type_identity<T>) { combine_as<T>(what, rank); }))
    stop("rank " + std::to_string(rank) + ": a reduction of " + name_of(what.type) + " is not in this fake");
}

}  // namespace fake_nccl
