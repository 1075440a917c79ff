// SPDX-License-Identifier: Apache-2.0
// Each arithmetic opcode form against what C++ computes.
#include "interpreter/run.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace {

using interpreter_test::computed;
using ptx::bfloat16, ptx::float16;
using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

/// Ends of the range, small numbers and random ones.
template <class T>
std::vector<T> samples() {
  std::mt19937_64 random{7};
  std::vector<T> all;
  for (const int x : {0, 1, 2, 3, 7, 63, 100, 127}) all.push_back(static_cast<T>(x));
  if constexpr (std::is_integral_v<T>) {
    all.insert(all.end(), {std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), static_cast<T>(-1)});
    for (int n = 0; n < 4; ++n) all.push_back(static_cast<T>(random()));
  } else {
    for (const float x : {-1.5f, 0.1f, 3.25f, -0.0f, 1e-3f}) all.push_back(static_cast<T>(x));
  }
  return all;
}

/// The opcode gives what `f` does, for all pairs of samples of type T; the result is of type R.
template <class T, class R = T, class F>
void expect(const std::string& opcode, F f) {
  for (const T a : samples<T>()) {
    for (const T b : samples<T>()) {
      if constexpr (std::is_invocable_v<F, T, T>) {
        const R wanted = f(a, b),
                found = ptx::from_bits<R>(computed(opcode + " %y, %x0, %x1;", ptx::to_bits(a), ptx::to_bits(b)));
        EXPECT_EQ(ptx::to_bits(found), ptx::to_bits(wanted)) << opcode << " of " << +a << " and " << +b;
      } else {
        const R wanted = f(a), found = ptx::from_bits<R>(computed(opcode + " %y, %x0;", ptx::to_bits(a)));
        EXPECT_EQ(ptx::to_bits(found), ptx::to_bits(wanted)) << opcode << " of " << +a;
      }
    }
  }
}
#define BINARY(T, opcode, expression) expect<T>(opcode, [](T a, T b) { return static_cast<T>(expression); })
#define UNARY(T, opcode, expression) expect<T>(opcode, [](T a) { return static_cast<T>(expression); })
#define GIVES(T, R, opcode, expression) expect<T, R>(opcode, [](T a) { return static_cast<R>(expression); })

TEST(interpreter, integers) {
  BINARY(u32, "add.s32", a + b);
  BINARY(u16, "add.s16", a + b);
  BINARY(u64, "sub.s64", a - b);
  BINARY(u16, "mul.lo.s16", a * b);
  BINARY(u32, "mul.lo.s32", a * b);
  BINARY(u64, "mul.lo.s64", a * b);
  BINARY(u32, "mul.hi.u32", u64{a} * b >> 32);
  BINARY(i32, "mul.hi.s32", i64{a} * b >> 32);
  BINARY(u64, "mul.hi.u64", static_cast<unsigned __int128>(a) * b >> 64);
  BINARY(i64, "mul.hi.s64", static_cast<__int128>(a) * b >> 64);
  BINARY(i32, "min.s32", std::min(a, b));
  BINARY(u32, "min.u32", std::min(a, b));
  BINARY(i16, "max.s16", std::max(a, b));
  BINARY(u64, "max.u64", std::max(a, b));
  BINARY(i64, "min.s64", std::min(a, b));
  UNARY(u64, "neg.s64", 0 - a);
  GIVES(i32, u32, "abs.s32", a < 0 ? 0u - static_cast<u32>(a) : static_cast<u32>(a));
}

TEST(interpreter, divides) {
  const auto all = [](const std::string& opcode, auto f, auto one) {
    using T = decltype(one);
    for (const T a : samples<T>()) {
      for (const T b : samples<T>()) {
        const bool overflows = std::is_signed_v<T> && a == std::numeric_limits<T>::min() && b == static_cast<T>(-1);
        if (b == 0 || overflows) continue;
        const auto found = ptx::from_bits<T>(computed(opcode + " %y, %x0, %x1;", ptx::to_bits(a), ptx::to_bits(b)));
        EXPECT_EQ(found, f(a, b)) << opcode << a << " " << b;
      }
    }
  };
  const auto quotient = [](auto a, auto b) { return a / b; };
  const auto rest = [](auto a, auto b) { return a % b; };
  all("div.s32", quotient, i32{}), all("div.u32", quotient, u32{}), all("div.s64", quotient, i64{}),
      all("div.u64", quotient, u64{});
  all("rem.s32", rest, i32{}), all("rem.u32", rest, u32{}), all("rem.s64", rest, i64{}), all("rem.u64", rest, u64{});
  EXPECT_THROW(computed("div.u32 %y, %x0, %x1;", 1, 0), ptx::trap);
}

TEST(interpreter, bits) {
  BINARY(u32, "and.b32", a & b);
  BINARY(u64, "or.b64", a | b);
  BINARY(u16, "xor.b16", a ^ b);
  UNARY(u32, "not.b32", ~a);
  GIVES(u32, u32, "popc.b32", std::popcount(a));
  GIVES(u64, u32, "popc.b64", std::popcount(a));
  GIVES(u32, u32, "clz.b32", std::countl_zero(a));
  GIVES(u64, u32, "clz.b64", std::countl_zero(a));
  GIVES(u32, u32, "bfind.u32", 31 - std::countl_zero(a));
  GIVES(u32, u32, "bfind.shiftamt.u32", a == 0 ? ~0 : std::countl_zero(a));
  for (u32 by = 0; by < 70; by += 3) {
    const u64 x = 0x9123456789abcdef;
    EXPECT_EQ(computed("shl.b64 %y, %x0, %x1;", x, by), by > 63 ? 0 : x << by);
    EXPECT_EQ(computed("shr.u64 %y, %x0, %x1;", x, by), by > 63 ? 0 : x >> by);
    EXPECT_EQ(computed("shr.s64 %y, %x0, %x1;", x, by), static_cast<u64>(static_cast<i64>(x) >> std::min(by, 63u)));
    EXPECT_EQ(computed("shr.u16 %y, %x0, %x1;", x, by), by > 15 ? 0 : 0xcdefu >> by);
    EXPECT_EQ(static_cast<u32>(computed("shf.l.wrap.b32 %y, %x0, %x2, %x1;", 0x89abcdef, by, 0x91234567)),
              static_cast<u32>(x << (by & 31) >> 32));
    EXPECT_EQ(static_cast<u32>(computed("shf.r.clamp.b32 %y, %x0, %x2, %x1;", 0x89abcdef, by, 0x91234567)),
              static_cast<u32>(x >> std::min(by, 32u)));
  }
  EXPECT_EQ(computed("brev.b32 %y, %x0;", 0x80000001), 0x80000001u);
  EXPECT_EQ(computed("brev.b32 %y, %x0;", 0x00000003), 0xc0000000u);
  EXPECT_EQ(computed("prmt.b32 %y, %x0, %x1, 0x5410;", 0x33221100, 0x77665544), 0x55441100u);
  EXPECT_EQ(computed("prmt.b32 %y, %x0, %x1, 0x8880;", 0x33221180, 0), 0xffffff80u);
  EXPECT_EQ(computed("bfe.u32 %y, %x0, 8, 12;", 0xabcdef12), 0xdefu);
  EXPECT_EQ(computed("bfe.s32 %y, %x0, 8, 12;", 0xabcdef12), static_cast<u64>(i64{-529}));
  EXPECT_EQ(computed("bfi.b32 %y, %x0, %x1, 4, 8;", 0xfff, 0), 0xff0u);
  EXPECT_EQ(computed("lop3.b32 %y, %x0, %x1, %x2, 0x96;", 0xf0, 0xcc, 0xaa), 0xf0u ^ 0xccu ^ 0xaau);
}

TEST(interpreter, products_and_sums) {
  EXPECT_EQ(computed("mul.wide.u32 %y, %x0, %x1;", 0xffffffff, 0xffffffff), u64{0xffffffff} * 0xffffffff);
  EXPECT_EQ(computed("mul.wide.s32 %y, %x0, %x1;", 0xffffffff, 5), static_cast<u64>(i64{-5}));
  EXPECT_EQ(computed("mad.wide.s32 %y, %x0, %x1, %x2;", 0xffffffff, 5, 100), 95u);
  EXPECT_EQ(computed("mad.lo.s64 %y, %x0, %x1, %x2;", 1ull << 40, 3, 7), (3ull << 40) + 7);
  EXPECT_EQ(computed("mad.lo.s32 %y, %x0, %x1, %x2;", 0x10000, 0x10000, 7), 7u);
}

TEST(interpreter, floats) {
  BINARY(float, "add.f32", a + b);
  BINARY(float, "sub.f32", a - b);
  BINARY(float, "mul.rn.f32", a* b);
  BINARY(double, "add.f64", a + b);
  BINARY(double, "mul.f64", a* b);
  BINARY(float16, "add.f16", float16{float{a} + float{b}});
  BINARY(bfloat16, "mul.bf16", bfloat16{float{a} * float{b}});
  EXPECT_EQ(ptx::from_bits<double>(computed("div.rn.f64 %y, %x0, %x1;", ptx::to_bits(1.0), ptx::to_bits(3.0))),
            1.0 / 3);
  UNARY(float, "abs.f32", std::fabs(a));
  UNARY(double, "neg.f64", -a);
  UNARY(float, "sqrt.rn.f32", std::sqrt(a));
  EXPECT_EQ(ptx::from_bits<float>(
                computed("fma.rn.f32 %y, %x0, %x1, %x2;", ptx::to_bits(0.1f), ptx::to_bits(10.f), ptx::to_bits(-1.f))),
            std::fma(0.1f, 10.f, -1.f));
  EXPECT_EQ(ptx::from_bits<double>(
                computed("fma.rn.f64 %y, %x0, 0d4000000000000000, 0d3FF0000000000000;", ptx::to_bits(0.5))),
            2.0);
}

TEST(interpreter, the_least_and_the_largest_float) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  const auto of = [](const char* opcode, float a, float b) {
    return ptx::from_bits<float>(computed(std::string{opcode} + " %y, %x0, %x1;", ptx::to_bits(a), ptx::to_bits(b)));
  };
  EXPECT_EQ(of("min.f32", 1, 2), 1);
  EXPECT_EQ(of("max.f32", 1, 2), 2);
  EXPECT_EQ(of("min.f32", none, 2), 2);
  EXPECT_EQ(of("max.f32", 1, none), 1);
  EXPECT_TRUE(std::signbit(of("min.f32", 0.f, -0.f)));
  EXPECT_FALSE(std::signbit(of("max.f32", -0.f, 0.f)));
}

}  // namespace
