// SPDX-License-Identifier: Apache-2.0
// An opcode such as "ld.acquire.sys.global.u32", taken apart: which instruction it makes.
#pragma once

#include "control.hpp"
#include "memory.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ptx {

class opcode {
 public:
  explicit opcode(std::string_view text) : parts_{split(text, '.')} {
    for (const auto& part : parts_) {
      if (const auto named = type_named(part)) types_.push_back(*named);
    }
  }
  const std::string& name() const { return parts_.front(); }
  bool has(std::string_view part) const { return std::find(parts_.begin() + 1, parts_.end(), part) != parts_.end(); }
  type first_type() const { return types_.empty() ? type::u32 : types_.front(); }
  type last_type() const { return types_.empty() ? type::u32 : types_.back(); }
  std::size_t types() const { return types_.size(); }
  /// The first of `known` whose name is a part.
  template <class Value>
  Value one_of(std::initializer_list<std::pair<std::string_view, Value>> known, Value otherwise) const {
    for (const auto& [part, value] : known) {
      if (has(part)) return value;
    }
    return otherwise;
  }

 private:
  std::vector<std::string> parts_;
  std::vector<type> types_;
};

using decoder = void (*)(instruction&, const opcode&);

/// Which C++ types an operation takes; others are unknown PTX.
enum class takes { numbers, integers, integers_and_predicates, unsigned_integers, floats };

template <takes What, class T>
constexpr bool is_taken() {
  if constexpr (What == takes::integers_and_predicates) return std::is_integral_v<T>;
  else if constexpr (std::is_same_v<T, bool>) return false;
  else if constexpr (What == takes::numbers) return true;
  else if constexpr (What == takes::integers) return std::is_integral_v<T>;
  else if constexpr (What == takes::unsigned_integers) return std::is_unsigned_v<T>;
  else return std::is_floating_point_v<T>;
}

/// The handler that `make` gives for the type `of`, where the operation takes it.
template <takes What, class Make>
handler handler_of(type of, Make make) {
  return with_type(of, [&](auto value) -> handler {
    using T = decltype(value);
    if constexpr (is_taken<What, T>()) return make(value);
    else return unsupported;
  });
}
template <class F, takes What>
void decode_binary(instruction& i, const opcode& o) {
  i.run = handler_of<What>(o.first_type(), []<class T>(T) -> handler { return binary<F, T>; });
}
template <class F, takes What>
void decode_unary(instruction& i, const opcode& o) {
  i.run = handler_of<What>(o.first_type(), []<class T>(T) -> handler { return unary<F, T>; });
}
template <class F>
void decode_shift(instruction& i, const opcode& o) {
  i.run = handler_of<takes::integers>(o.first_type(), []<class T>(T) -> handler { return shift<F, T>; });
}

inline void decode_multiply(instruction& i, const opcode& o) {
  if (o.has("wide"))
    i.run = handler_of<takes::integers>(o.first_type(), []<class T>(T) -> handler { return multiply_wide<T>; });
  else if (o.has("hi")) decode_binary<multiply_high, takes::integers>(i, o);
  else decode_binary<multiply, takes::numbers>(i, o);
}
inline void decode_fused(instruction& i, const opcode& o) {
  i.run = handler_of<takes::numbers>(o.first_type(), []<class T>(T) -> handler {
    if constexpr (is_float<T>) return fused_multiply_add<T>;
    else return multiply_add<T>;
  });
}
inline void decode_multiply_add(instruction& i, const opcode& o) {
  if (o.has("wide")) decode_multiply(i, o);
  else if (o.has("hi"))
    i.run = handler_of<takes::integers>(o.first_type(), []<class T>(T) -> handler { return multiply_high_add<T>; });
  else decode_fused(i, o);
}

inline void decode_comparison(instruction& i, const opcode& o) {
  using c = comparison;
  i.compare = o.one_of<c>({{"eq", c::eq},
                           {"ne", c::ne},
                           {"lt", c::lt},
                           {"lo", c::lt},
                           {"le", c::le},
                           {"ls", c::le},
                           {"gt", c::gt},
                           {"hi", c::gt},
                           {"ge", c::ge},
                           {"hs", c::ge},
                           {"equ", c::equ},
                           {"neu", c::neu},
                           {"ltu", c::ltu},
                           {"leu", c::leu},
                           {"gtu", c::gtu},
                           {"geu", c::geu},
                           {"num", c::num}},
                          c::nan);
  i.combine = o.one_of<combination>(
      {{"and", combination::conjunction}, {"or", combination::disjunction}, {"xor", combination::exclusive}},
      combination::none);
  i.run = handler_of<takes::numbers>(o.last_type(), []<class T>(T) -> handler { return set_predicate<T>; });
}

inline void decode_conversion(instruction& i, const opcode& o) {
  i.modifier = o.has("rni") || o.has("rzi") || o.has("rmi") || o.has("rpi") ? 1 : 0;
  i.round =
      o.one_of<rounding>({{"rzi", rounding::zero}, {"rmi", rounding::down}, {"rpi", rounding::up}}, rounding::nearest);
  const type from = o.last_type();
  i.run = handler_of<takes::numbers>(o.first_type(), [from]<class To>(To) {
    return handler_of<takes::numbers>(from, []<class From>(From) -> handler { return convert<To, From>; });
  });
  const bool narrows_otherwise = (o.has("rz") || o.has("rm") || o.has("rp")) && is_float_type(o.first_type());
  if (o.types() != 2 || o.has("sat") || o.has("relu") || narrows_otherwise) i.run = unsupported;
}

/// `modifier` tells which side is a list: 1 the result, 2 the source.
inline void decode_move(instruction& i, const opcode& o) {
  if (i.modifier == 0) {
    i.run = move;
  } else if (i.modifier == 1) {
    i.run = handler_of<takes::unsigned_integers>(o.first_type(), []<class T>(T) -> handler { return unpack<T>; });
  } else {
    i.run = handler_of<takes::unsigned_integers>(o.first_type(), []<class T>(T) -> handler { return pack<T>; });
  }
}

inline access_kind access_of(const opcode& o, order otherwise, scope reach) {
  return {o.one_of<order>({{"acq_rel", order::acquire_release},
                           {"sc", order::acquire_release},
                           {"acquire", order::acquire},
                           {"release", order::release},
                           {"relaxed", order::relaxed},
                           {"volatile", order::relaxed},
                           {"mmio", order::relaxed}},
                          otherwise),
          o.one_of<scope>({{"cta", scope::block},
                           {"gpu", scope::device},
                           {"gl", scope::device},
                           {"cluster", scope::device},
                           {"sys", scope::system}},
                          reach)};
}
inline space space_of(const opcode& o) {
  return o.one_of<space>(
      {{"shared", space::shared}, {"shared::cta", space::shared}, {"local", space::local}, {"param", space::param}},
      space::global);
}
template <bool Store>
void decode_access(instruction& i, const opcode& o) {
  i.vector = o.one_of<std::uint8_t>({{"v2", 2}, {"v4", 4}, {"v8", 8}}, 1);
  i.where = space_of(o);
  i.access = access_of(o, order::plain, scope::system);
  i.run = handler_of<takes::numbers>(o.last_type(), []<class T>(T) -> handler {
    if constexpr (Store) return store<T>;
    else return load<T>;
  });
}

template <class F, takes What>
handler atomic_of(type of) {
  return handler_of<What>(of, []<class T>(T) -> handler { return atomic<F, T>; });
}
inline void decode_atomic(instruction& i, const opcode& o) {
  i.where = space_of(o);
  i.access = access_of(o, order::relaxed, scope::device);
  i.modifier = o.name() == "atom" ? 1 : 0;
  const type of = o.last_type();
  const auto cas = []<class T>(T) -> handler { return compare_and_swap<T>; };
  using t = takes;
  i.run = o.has("add")    ? atomic_of<add, t::numbers>(of)
          : o.has("min")  ? atomic_of<minimum, t::integers>(of)
          : o.has("max")  ? atomic_of<maximum, t::integers>(of)
          : o.has("and")  ? atomic_of<bit_and, t::integers>(of)
          : o.has("or")   ? atomic_of<bit_or, t::integers>(of)
          : o.has("xor")  ? atomic_of<bit_xor, t::integers>(of)
          : o.has("exch") ? atomic_of<exchange, t::integers>(of)
          : o.has("inc")  ? atomic_of<increment, t::unsigned_integers>(of)
          : o.has("dec")  ? atomic_of<decrement, t::unsigned_integers>(of)
          : o.has("cas")  ? handler_of<t::integers>(of, cas)
                          : unsupported;
}

inline void decode_fence(instruction& i, const opcode& o) {
  i.access = access_of(o, order::acquire_release, scope::system);
  i.run = o.has("proxy") ? nothing : fence;
}
inline void decode_address(instruction& i, const opcode& o) {
  i.modifier = o.has("to") ? 1 : 0;
  i.run = o.has("shared") ? convert_shared_address : move;
}

/// Decodes `o` into `i`, whose operands are already known. What is unknown fails only when it is reached.
void decode(instruction& i, const opcode& o);

}  // namespace ptx

#include "opcodes.hpp"
