// SPDX-License-Identifier: Apache-2.0
// The table of opcodes.
#pragma once

#include "opcode.hpp"

namespace ptx {

template <handler Run>
void decode_as(instruction& i, const opcode&) {
  i.run = Run;
}

inline void decode_barrier(instruction& i, const opcode& o) {
  if (o.has("warp")) {
    i.run = warp_barrier;
    return;
  }
  const std::uint32_t mode = o.has("red") ? o.one_of<std::uint32_t>({{"or", any_true}, {"and", all_true}}, counting)
                             : o.has("arrive") ? arriving
                                               : synchronising;
  i.modifier |= mode;  // beside its number
  i.run = barrier;
}
inline void decode_shuffle(instruction& i, const opcode& o) {
  i.modifier = o.one_of<std::uint32_t>({{"up", up}, {"down", down}, {"bfly", butterfly}}, indexed);
  i.run = o.has("sync") ? shuffle : unsupported;
}
inline void decode_vote(instruction& i, const opcode& o) {
  i.modifier = o.one_of<std::uint32_t>({{"any", vote_any}, {"all", vote_all}, {"uni", vote_uniform}}, ballot);
  i.run = o.has("sync") ? vote : unsupported;
}
inline void decode_lane_reduction(instruction& i, const opcode& o) {
  i.modifier = o.one_of<std::uint32_t>(
      {{"add", sum}, {"min", least}, {"max", greatest}, {"and", conjunction}, {"or", disjunction}}, parity);
  i.run = o.last_type() == type::s32 ? reduce_lanes<std::int32_t> : reduce_lanes<std::uint32_t>;
}
inline void decode_find(instruction& i, const opcode& o) {
  i.modifier = o.has("shiftamt") ? 1 : 0;
  i.run = handler_of<takes::integers>(o.first_type(), []<class T>(T) -> handler { return find_bit<T>; });
}
inline void decode_extraction(instruction& i, const opcode& o) {
  i.run = handler_of<takes::integers>(o.first_type(), []<class T>(T) -> handler { return extract_bits<T>; });
}
inline void decode_insertion(instruction& i, const opcode& o) {
  i.run = handler_of<takes::unsigned_integers>(o.first_type(), []<class T>(T) -> handler { return insert_bits<T>; });
}
inline void decode_funnel(instruction& i, const opcode& o) {
  i.modifier = (o.has("r") ? 1u : 0u) | (o.has("clamp") ? 2u : 0u);
  i.run = funnel_shift;
}

inline void decode(instruction& i, const opcode& o) {
  using t = takes;
  static const std::map<std::string_view, decoder> table{
      {"abs", decode_unary<magnitude, t::numbers>},
      {"activemask", decode_as<active_lanes>},
      {"add", decode_binary<add, t::numbers>},
      {"and", decode_binary<bit_and, t::integers_and_predicates>},
      {"atom", decode_atomic},
      {"bar", decode_barrier},
      {"barrier", decode_barrier},
      {"bfe", decode_extraction},
      {"bfi", decode_insertion},
      {"bfind", decode_find},
      {"bra", decode_as<branch>},
      {"brev", decode_unary<reverse_bits, t::unsigned_integers>},
      {"clz", decode_unary<leading_zeros, t::unsigned_integers>},
      {"cvt", decode_conversion},
      {"cvta", decode_address},
      {"div", decode_binary<divide, t::numbers>},
      {"exit", decode_as<leave>},
      {"fence", decode_fence},
      {"fma", decode_fused},
      {"ld", decode_access<false>},
      {"ldu", decode_access<false>},
      {"lop3", decode_as<look_up>},
      {"mad", decode_multiply_add},
      {"max", decode_binary<maximum, t::numbers>},
      {"membar", decode_fence},
      {"min", decode_binary<minimum, t::numbers>},
      {"mov", decode_move},
      {"mul", decode_multiply},
      {"nanosleep", decode_as<sleep>},
      {"neg", decode_unary<negate, t::numbers>},
      {"not", decode_unary<bit_not, t::integers_and_predicates>},
      {"or", decode_binary<bit_or, t::integers_and_predicates>},
      {"popc", decode_unary<ones, t::unsigned_integers>},
      {"prefetch", decode_as<nothing>},
      {"prmt", decode_as<permute_bytes>},
      {"rcp", decode_unary<reciprocal, t::floats>},
      {"red", decode_atomic},
      {"redux", decode_lane_reduction},
      {"rem", decode_binary<remainder, t::integers>},
      {"ret", decode_as<leave>},
      {"selp", decode_as<select>},
      {"setp", decode_comparison},
      {"shf", decode_funnel},
      {"shfl", decode_shuffle},
      {"shl", decode_shift<shift_left>},
      {"shr", decode_shift<shift_right>},
      {"sqrt", decode_unary<square_root, t::floats>},
      {"st", decode_access<true>},
      {"sub", decode_binary<subtract, t::numbers>},
      {"trap", decode_as<stop>},
      {"vote", decode_vote},
      {"xor", decode_binary<bit_xor, t::integers_and_predicates>},
  };
  const auto known = table.find(o.name());
  if (known != table.end()) known->second(i, o);
  else i.run = unsupported;
}

/// Threads that reach such an opcode may wait for others.
inline bool may_wait(const opcode& o, const instruction& i) {
  static const std::vector<std::string_view> waiting{"bar", "barrier", "nanosleep", "redux", "shfl", "vote"};
  const bool listed = std::find(waiting.begin(), waiting.end(), o.name()) != waiting.end();
  return listed || (o.name() == "ld" && i.access.strong());
}

}  // namespace ptx
