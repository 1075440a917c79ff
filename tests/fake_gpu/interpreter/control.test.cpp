// SPDX-License-Identifier: Apache-2.0
// Conversions, comparisons, moves, branches, warps.
#include "interpreter/run.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace interpreter_test;
using ptx::bfloat16, ptx::float16, ptx::from_bits, ptx::to_bits;
constexpr float none = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();

TEST(interpreter, converts_to_and_from_16_bits) {
  for (const float x : {0.f, -0.f, 1.f, 1.0009766f, 65504.f, 65519.f, 65520.f, 1e-8f, 6e-8f, -3.14159f, infinite}) {
    EXPECT_EQ(computed("cvt.rn.f16.f32 %y, %x0;", to_bits(x)), float16{x}.bits()) << x;
    EXPECT_EQ(computed("cvt.rn.bf16.f32 %y, %x0;", to_bits(x)), bfloat16{x}.bits()) << x;
  }
  EXPECT_EQ(computed("cvt.rn.f16.f32 %y, %x0;", to_bits(none)), 0x7fffu);
  for (std::uint64_t bits = 0; bits < 0x10000; bits += 97) {
    const auto half = float16::from_bits(static_cast<std::uint16_t>(bits));
    if (half != half) continue;
    EXPECT_EQ(from_bits<float>(computed("{ cvt.f32.f16 %y, %x0;}", bits)), float{half}) << bits;
    EXPECT_EQ(computed("{ cvt.f32.bf16 %y, %x0;}", bits), bits << 16);
  }
  const double above_tie = 1.0 + 0x1p-11 + 0x1p-40;  // to float it would be a tie, and then even
  EXPECT_EQ(computed("cvt.rn.f16.f64 %y, %x0;", to_bits(above_tie)), float16{1.f}.bits() + 1u);
}

TEST(interpreter, converts_between_widths) {
  EXPECT_EQ(computed("cvt.u64.u32 %y, %x0;", 0xffffffffffffffff), 0xffffffffu);
  EXPECT_EQ(computed("cvt.s64.s32 %y, %x0;", 0x80000000), 0xffffffff80000000);
  EXPECT_EQ(computed("cvt.u16.u32 %y, %x0;", 0x12345678), 0x5678u);
  EXPECT_EQ(computed("cvt.s16.s8 %y, %x0;", 0x80) & 0xffff, 0xff80u);
  EXPECT_EQ(computed("cvt.u32.u16 %y, %x0;", 0xffff8000), 0x8000u);
  EXPECT_EQ(from_bits<float>(computed("cvt.rn.f32.u64 %y, %x0;", 0xffffffffffffffff)), 0x1p64f);
  EXPECT_EQ(from_bits<float>(computed("cvt.rn.f32.s32 %y, %x0;", 0xffffffff)), -1.f);
  EXPECT_EQ(from_bits<double>(computed("cvt.f64.f32 %y, %x0;", to_bits(0.1f))), double{0.1f});
  EXPECT_EQ(from_bits<float>(computed("cvt.rn.f32.f64 %y, %x0;", to_bits(0.1))), 0.1f);
}

TEST(interpreter, converts_floats_to_integers) {
  const auto whole = [](const char* opcode, float x) {
    return computed(std::string{opcode} + " %y, %x0;", to_bits(x));
  };
  EXPECT_EQ(whole("cvt.rzi.s32.f32", -2.9f), static_cast<std::uint64_t>(std::int64_t{-2}));
  EXPECT_EQ(whole("cvt.rni.s32.f32", 2.5f), 2u);
  EXPECT_EQ(whole("cvt.rmi.s32.f32", -2.1f), static_cast<std::uint64_t>(std::int64_t{-3}));
  EXPECT_EQ(whole("cvt.rzi.u32.f32", -1.f), 0u);
  EXPECT_EQ(whole("cvt.rzi.u32.f32", 1e20f), 0xffffffffu);
  EXPECT_EQ(whole("cvt.rzi.s64.f32", infinite), 0x7fffffffffffffffu);
  EXPECT_EQ(from_bits<float>(whole("cvt.rmi.f32.f32", -2.1f)), -3.f);
}

TEST(interpreter, compares) {
  const auto is = [](const std::string& how, auto a, auto b) {
    return computed("setp." + how + " %p, %x0, %x1;\nselp.u32 %y, 1, 0, %p;", to_bits(a), to_bits(b)) == 1;
  };
  EXPECT_TRUE(is("lt.s32", -1, 1));
  EXPECT_FALSE(is("lt.u32", -1, 1));
  EXPECT_TRUE(is("hi.u64", std::uint64_t{1} << 63, std::uint64_t{1}));
  EXPECT_TRUE(is("ge.s16", std::int16_t{5}, std::int16_t{5}));
  EXPECT_FALSE(is("lt.f32", none, 1.f));
  EXPECT_FALSE(is("ne.f32", none, 1.f));
  EXPECT_TRUE(is("neu.f32", none, 1.f));
  EXPECT_TRUE(is("ltu.f32", none, 1.f));
  EXPECT_TRUE(is("nan.f64", double{none}, 1.));
  EXPECT_FALSE(is("num.f64", double{none}, 1.));
  EXPECT_EQ(
      computed(
          "setp.eq.s32 %q, %x0, 3;\nsetp.lt.and.s32 %p|%r, %x1, 9, %q;\nselp.u32 %y, 2, 0, %p;\n@%r add.s32 %y, %y, 1;",
          3, 5),
      2u);
  EXPECT_EQ(computed("setp.eq.s32 %q, %x0, 3;\nsetp.lt.or.s32 %p, %x1, 9, !%q;\nselp.u32 %y, 2, 0, %p;", 4, 50), 2u);
  EXPECT_EQ(
      computed("setp.eq.s32 %q, %x0, 3;\nnot.pred %p, %q;\nxor.pred %p, %p, %q;\nselp.b64 %y, %x0, %x1, %p;", 4, 50),
      4u);
}

TEST(interpreter, moves_and_packs) {
  EXPECT_EQ(computed("mov.b32 {%lo, %hi}, %x0;\nmov.b32 %y, {%hi, %lo};", 0x12345678), 0x56781234u);
  EXPECT_EQ(computed("mov.b64 {%lo, %hi}, %x0;\nmov.b64 %y, {%hi, %lo};", 0x123456789abcdef0), 0x9abcdef012345678u);
  EXPECT_EQ(computed("mov.b32 {%q0, %q1, %q2, %q3}, %x0;\nmov.b32 %y, {%q3, %q2, %q1, %q0};", 0x12345678), 0x78563412u);
  EXPECT_EQ(computed("{ mov.b32 %y, {0, %x0};}", 0x4049), 0x40490000u);
}

TEST(interpreter, hides_names_inside_braces) {
  EXPECT_EQ(computed("mov.u32 %y, 1;\n{\n.reg .b32 %t, %s;\nmov.u32 %t, 5;\n{ .reg .b32 %t; mov.u32 %t, 7; }\nadd.s32 "
                     "%y, %y, %t;\n}\nadd.s32 %y, %y, %t;",
                     0),
            6u);
}

TEST(interpreter, loops_and_calls_nothing_unknown) {
  EXPECT_EQ(
      computed(
          "mov.u64 %y, 0;\n$L_0:\nadd.s64 %y, %y, %x0;\nsub.s64 %x0, %x0, 1;\nsetp.ne.s64 %p, %x0, 0;\n@%p bra $L_0;",
          100),
      5050u);
  EXPECT_EQ(computed("mov.u64 %y, 3;\nbra.uni $L_1;\nunknown.u32 %y, %x0;\n$L_1:", 0), 3u);
  EXPECT_THROW(computed("unknown.u32 %y, %x0;", 0), ptx::trap);
  EXPECT_THROW(computed("trap;", 0), ptx::trap);
}

TEST(interpreter, exchanges_between_lanes) {
  words memory(40);
  const request warp{{}, {32, 1, 1}, {}};
  run(kernel_of("mov.u32 %t, %tid.x;\nadd.s32 %v, %t, 1;\n"
                "shfl.sync.bfly.b32 %o|%p, %v, 16, 31, -1;\nadd.s32 %v, %v, %o;\nshfl.sync.bfly.b32 %o|%p, %v, 8, 31, "
                "-1;\nadd.s32 %v, %v, %o;\n"
                "shfl.sync.bfly.b32 %o|%p, %v, 4, 31, -1;\nadd.s32 %v, %v, %o;\nshfl.sync.bfly.b32 %o|%p, %v, 2, 31, "
                "-1;\nadd.s32 %v, %v, %o;\n"
                "shfl.sync.bfly.b32 %o|%p, %v, 1, 31, -1;\nadd.s32 %v, %v, %o;\nmul.wide.u32 %at, %t, 8;\nadd.s64 %at, "
                "%a, %at;\nst.global.u32 [%at], %v;"),
      memory, 0, warp);
  for (int lane = 0; lane < 32; ++lane) EXPECT_EQ(memory[lane], 528u) << lane;
  run(kernel_of("mov.u32 %t, %tid.x;\nsetp.gt.u32 %p, %t, 27;\nvote.sync.ballot.b32 %v, %p, -1;\nshfl.sync.down.b32 "
                "%d, %t, 3, 31, -1;\n"
                "redux.sync.max.u32 %m, %t, -1;\nmul.wide.u32 %at, %t, 8;\nadd.s64 %at, %a, %at;\nadd.s32 %d, %d, "
                "%m;\nst.global.v2.u32 [%at], {%v, %d};"),
      memory, 0, warp);
  for (unsigned lane = 0; lane < 32; ++lane)
    EXPECT_EQ(memory[lane], (std::uint64_t{(lane < 29 ? lane + 3 : lane) + 31} << 32) + 0xf0000000u) << lane;
}

TEST(interpreter, counts_at_a_barrier) {
  words memory(8);
  run(kernel_of("mov.u32 %t, %tid.x;\nsetp.lt.u32 %p, %t, 5;\nbarrier.cta.red.popc.u32 %n, 0, %p;\nbar.red.and.pred "
                "%all, 0, %p;\n"
                "bar.red.or.pred %any, 1, !%p;\nselp.u32 %x, 100, 0, %all;\nselp.u32 %z, 1000, 0, %any;\nadd.s32 %n, "
                "%n, %x;\nadd.s32 %n, %n, %z;\n"
                "setp.eq.u32 %first, %t, 0;\n@%first st.global.u64 [%a], %n;"),
      memory, 0, {{}, {40, 1, 1}, {}});
  EXPECT_EQ(memory[0], 1005u);
}

}  // namespace
