// SPDX-License-Identifier: Apache-2.0
// A kernel after parsing: instructions whose operands are all slots of a thread's register file. Constants, special
// registers and addresses of variables are slots, too, filled in when a thread starts: no operand needs a case at run
// time.
#pragma once

#include "values.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace ptx {

enum class rounding : std::uint8_t { nearest, zero, down, up };

class machine;
struct thread;
struct instruction;

using slot = std::uint32_t;
inline constexpr slot no_slot = std::numeric_limits<slot>::max();
using handler = void (*)(machine&, thread&, const instruction&);

enum class space : std::uint8_t { global, shared, local, param };  // global: generic addresses, too
enum class order : std::uint8_t { plain, relaxed, acquire, release, acquire_release };
enum class scope : std::uint8_t { block, device, system };
enum class comparison : std::uint8_t { eq, ne, lt, le, gt, ge, equ, neu, ltu, leu, gtu, geu, num, nan };
enum class combination : std::uint8_t { none, conjunction, disjunction, exclusive };  // of setp with a predicate
enum class special : std::uint8_t {
  tid_x,
  tid_y,
  tid_z,
  ntid_x,
  ntid_y,
  ntid_z,
  ctaid_x,
  ctaid_y,
  ctaid_z,
  nctaid_x,
  nctaid_y,
  nctaid_z,
  laneid,
  warpid
};

/// How an access to memory orders itself with others.
struct access_kind {
  order ordering = order::plain;
  scope reach = scope::system;
  bool strong() const { return ordering != order::plain; }
  bool acquires() const { return ordering == order::acquire || ordering == order::acquire_release; }
  bool releases() const { return ordering == order::release || ordering == order::acquire_release; }
};

struct instruction {
  handler run = nullptr;
  slot predicate = no_slot;
  bool negated = false;
  bool negated_source = false;  ///< of a predicate that is an operand
  bool two_results = false;     ///< written result|other
  std::uint8_t vector = 1;      ///< elements of a load or store
  space where = space::global;
  access_kind access{};
  comparison compare = comparison::eq;
  combination combine = combination::none;
  rounding round = rounding::nearest;
  std::uint32_t modifier = 0;      ///< what else an operation has to know: a mode of shfl, vote or bar
  std::uint32_t target = 0;        ///< of a branch
  std::int64_t offset = 0;         ///< added to the address
  std::array<slot, 8> operands{};  ///< results first
  std::uint8_t size = 0;           ///< of the operands
  slot address = no_slot;
  bool waits = false;  ///< a thread that reaches it may wait for another
};

struct parameter {
  std::string name;
  std::size_t offset;
  std::size_t bytes;
};

struct variable {
  space where;
  std::size_t offset;
};

struct kernel {
  std::string name;
  std::vector<instruction> code;
  std::vector<std::string> lines;  ///< the text of each instruction
  std::vector<parameter> parameters;
  std::size_t parameter_bytes = 0;
  std::size_t shared_bytes = 0;  ///< without what a launch adds
  std::size_t local_bytes = 0;
  slot slots = 0;
  std::vector<std::pair<slot, std::uint64_t>> constants;
  std::vector<std::pair<slot, special>> specials;
  std::vector<std::pair<slot, variable>> addresses;
  bool waits = false;  ///< its threads may wait for each other: they must be interleaved
};

}  // namespace ptx
