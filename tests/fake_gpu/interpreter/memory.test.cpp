// SPDX-License-Identifier: Apache-2.0
// Loads and stores of every width and space, atomics, parameters by address, grids, and what a kernel must not do.
#include "interpreter/run.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace {

using namespace interpreter_test;

TEST(interpreter, loads_every_width) {
  const words given{0x8182838485868788, 0x1112131415161718, 0x2122232425262728, 0x3132333435363738, 0};
  const auto loaded = [&](const std::string& line) {
    words memory = given;
    run(kernel_of(line + "\nst.global.u64 [%a+32], %y;"), memory);
    return memory[4];
  };
  EXPECT_EQ(loaded("ld.global.u8 %y, [%a];"), 0x88u);
  EXPECT_EQ(loaded("ld.global.s8 %y, [%a];"), 0xffffffffffffff88);
  EXPECT_EQ(loaded("ld.global.u16 %y, [%a+2];"), 0x8586u);
  EXPECT_EQ(loaded("ld.global.nc.u32 %y, [%a+4];"), 0x81828384u);
  EXPECT_EQ(loaded("ld.global.s32 %y, [%a+4];"), 0xffffffff81828384);
  EXPECT_EQ(loaded("ld.volatile.global.u64 %y, [%a];"), given[0]);
  EXPECT_EQ(loaded("ld.acquire.sys.global.u32 %y, [%a];"), 0x85868788u);
  EXPECT_EQ(loaded("ld.relaxed.gpu.global.L1::no_allocate.u32 %y, [%a];"), 0x85868788u);
  EXPECT_EQ(loaded("ld.global.nc.L1::no_allocate.L2::128B.v2.u64 {%z, %y}, [%a];"), given[1]);
  EXPECT_EQ(loaded("ld.global.v4.u32 {%x, %y, %z, %w}, [%a+16];"), 0x21222324u);
  EXPECT_EQ(loaded("ld.global.v4.u8 {%x, _, %y, %w}, [%a];"), 0x86u);
  EXPECT_EQ(loaded("ld.u32 %y, [%a];"), 0x85868788u);
}

TEST(interpreter, stores_every_width) {
  words memory(6);
  run(kernel_of("mov.u64 %x, 0x1122334455667788;\nst.global.u8 [%a], %x;\nst.global.u16 [%a+2], %x;\nst.global.b32 "
                "[%a+4], %x;\n"
                "st.volatile.global.u64 [%a+8], %x;\nst.global.v2.u32 [%a+16], {%x, 7};\nst.release.sys.global.u32 "
                "[%a+24], 9;\nst.global.v2.f64 [%a+32], {%x, 0d3FF0000000000000};"),
      memory);
  EXPECT_EQ(memory,
            (words{0x5566778877880088, 0x1122334455667788, 0x755667788, 9, 0x1122334455667788, 0x3ff0000000000000}));
}

TEST(interpreter, updates_atomically) {
  const auto after = [](const std::string& line, std::uint64_t before) {
    words memory{before, 0};
    run(kernel_of(line), memory);
    return memory;
  };
  const auto both = [&](const std::string& line, std::uint64_t before) {
    return after(line + "\nst.global.u64 [%a+8], %y;", before);
  };
  EXPECT_EQ(both("atom.global.add.u64 %y, [%a], 5;", 1ull << 33), (words{(1ull << 33) + 5, 1ull << 33}));
  EXPECT_EQ(both("atom.global.min.u64 %y, [%a], 5;", 7), (words{5, 7}));
  EXPECT_EQ(both("atom.global.min.s32 %y, [%a], -5;", 7), (words{0xfffffffb, 7}));
  EXPECT_EQ(both("atom.global.max.u32 %y, [%a], 5;", 7), (words{7, 7}));
  EXPECT_EQ(both("atom.relaxed.gpu.global.cas.b32 %y, [%a], 7, 9;", 7), (words{9, 7}));
  EXPECT_EQ(both("atom.acq_rel.sys.global.exch.b64 %y, [%a], 9;", 7), (words{9, 7}));
  EXPECT_EQ(both("atom.global.inc.u32 %y, [%a], 7;", 7), (words{0, 7}));
  EXPECT_EQ(after("red.global.add.u32 [%a], 3;", 0x1ffffffff), (words{0x100000002, 0}));
  EXPECT_EQ(after("red.relaxed.gpu.global.or.b32 [%a], 3;", 4), (words{7, 0}));
  EXPECT_EQ(after("red.global.add.f32 [%a], 0f3F800000;", 0x3f800000), (words{0x40000000, 0}));
}

TEST(interpreter, adds_over_a_whole_grid) {
  words memory(2);
  run(kernel_of("mov.u32 %x, %ctaid.x;\nmov.u32 %n, %nctaid.x;\nmov.u32 %y, %ctaid.y;\nmad.lo.s32 %x, %y, %n, "
                "%x;\nmov.u32 %n, %ntid.x;\n"
                "mov.u32 %t, %tid.x;\nmad.lo.s32 %x, %x, %n, %t;\nred.global.add.u32 [%a], %x;\nred.global.add.u64 "
                "[%a+8], 1;"),
      memory, 0, {{3, 5, 1}, {100, 1, 1}, {}});
  EXPECT_EQ(memory, (words{1500 * 1499 / 2, 1500}));
}

/// combine_segments' way: the index into a parameter of 2.5 KiB is a register.
TEST(interpreter, reads_parameters_by_address) {
  const ptx::module text{
      ".visible .entry test(.param .u32 test_param_0, .param .align 8 .b8 test_param_1[2568])\n{\n"
      "mov.b64 %base, test_param_1;\nmov.u32 %y, %ctaid.y;\nmul.wide.u32 %off, %y, 40;\nadd.s64 %at, %base, %off;\n"
      "ld.param.u64 %to, [%at+8];\nld.param.u32 %v, [%at+16];\nld.param.u32 %w, [test_param_0];\nadd.s32 %v, %v, %w;\n"
      "cvta.to.global.u64 %to, %to;\nst.global.u32 [%to], %v;\nret;\n}\n"};
  const ptx::kernel code = text.find("test");
  ASSERT_EQ(code.parameters.size(), 2u);
  EXPECT_EQ(code.parameters[1].offset, 8u);
  EXPECT_EQ(code.parameters[1].bytes, 2568u);
  words memory(64);
  std::vector<std::byte> given(8 + 2568);
  const std::uint32_t more = 1000;
  std::memcpy(given.data(), &more, 4);
  for (std::uint64_t n = 0; n < 64; ++n) {
    const std::uint64_t entry[2]{reinterpret_cast<std::uintptr_t>(&memory[n]), n};
    std::memcpy(given.data() + 16 + 40 * n, entry, 16);
  }
  ptx::machine machine{{}};
  machine.start(code, {1, 64, 1}, {}, given);
  machine.run();
  for (std::uint64_t n = 0; n < 64; ++n) EXPECT_EQ(memory[n], 1000 + n);
}

TEST(interpreter, has_shared_and_local_memory) {
  words memory(64);
  const std::string code = ".shared .align 8 .b8 fixed[256];\n";
  run(kernel_of(".local .align 8 .b8 depot[16];\nmov.u32 %t, %tid.x;\nshl.b32 %o, %t, 3;\nmov.u32 %s, fixed;\nadd.s32 "
                "%s, %s, %o;\n"
                "mov.u64 %l, depot;\nst.local.u64 [%l+8], %t;\nld.local.u64 %t64, [%l+8];\nst.shared.u64 [%s], "
                "%t64;\nbar.sync 0;\n"
                "mov.u32 %s, fixed;\nxor.b32 %o2, %o, 248;\nadd.s32 %s, %s, %o2;\ncvt.u64.u32 %s64, "
                "%s;\ncvta.shared.u64 %g, %s64;\nld.u64 %v, [%g];\n"
                "cvt.u64.u32 %o64, %o;\nadd.s64 %at, %a, %o64;\nst.global.u64 [%at], %v;",
                code),
      memory, 0, {{}, {32, 1, 1}, {}});
  for (std::uint64_t t = 0; t < 32; ++t) EXPECT_EQ(memory[t], 31 - t);
}

TEST(interpreter, adds_the_shared_memory_that_a_launch_asks_for) {
  words memory(2);
  const auto code = kernel_of(
      "mov.u32 %s, fixed;\nmov.u32 %d, more;\nst.shared.u64 [%s], 5;\nst.shared.u64 [%d], 7;\nst.shared.u64 [%d+56], "
      "9;\n"
      "ld.shared.u64 %x, [%s];\nld.shared.u64 %y, [%d+56];\nst.global.v2.u64 [%a], {%x, %y};",
      ".extern .shared .align 16 .b8 more[];\n.shared .align 8 .b8 fixed[8];\n");
  const auto run_with = [&](std::size_t dynamic) {
    ptx::machine machine{{}};
    machine.start(code, {}, {}, parameters(memory.data(), std::uint64_t{0}), dynamic);
    machine.run();
  };
  run_with(64);
  EXPECT_EQ(memory, (words{5, 9}));
  EXPECT_THROW(run_with(56), ptx::trap);
}

std::string failure(const std::string& lines, request how = {}, std::uintptr_t size = 32) {
  words memory(4);
  const auto lo = reinterpret_cast<std::uintptr_t>(memory.data());
  how.with.allocation = [lo, size](std::uintptr_t at) {
    return at >= lo && at < lo + size ? ptx::extent{lo, lo + size} : ptx::extent{};
  };
  try {
    run(kernel_of(lines), memory, 0, how);
  } catch (const ptx::trap& found) {
    return found.what();
  }
  return "nothing";
}

TEST(interpreter, names_what_a_kernel_must_not_do) {
  EXPECT_EQ(failure("st.global.u32 [%a+28], 1;"), "nothing");
  EXPECT_EQ(failure("st.global.u32 [%a+32], 1;"),
            "out of bounds: no allocation is there: 'st.global.u32 [%a+32], 1' in thread (0, 0, 0) of block (0, 0, 0)");
  EXPECT_NE(failure("ld.global.u64 %x, [%a];\nst.global.v2.u64 [%a+32], {1, 2};").find("out of bounds"),
            std::string::npos);
  EXPECT_NE(failure("ld.global.u8 %x, [%a+30];\nadd.s64 %a, %a, 16;\nld.global.v2.u64 {%x, %y}, [%a];", {}, 31)
                .find("begins at 16"),
            std::string::npos);
  EXPECT_NE(failure("add.s64 %a, %a, 2;\nld.global.u32 %x, [%a];").find("misaligned"), std::string::npos);
  EXPECT_NE(failure("mov.u32 %s, 0;\nst.shared.u32 [%s], 1;").find("shared memory is left"), std::string::npos);
  EXPECT_NE(failure("ld.param.u64 %x, [test_param_1+8];").find("parameters are left"), std::string::npos);
}

TEST(interpreter, ends_what_would_not_end) {
  request how{{}, {64, 1, 1}, {}};
  how.with.most_steps = 100'000;
  EXPECT_NE(failure("$L_0: bra $L_0;", how).find("does not end"), std::string::npos);
  EXPECT_NE(failure("mov.u32 %t, %tid.x;\nsetp.eq.u32 %p, %t, 0;\n@%p bra $L_1;\nbar.sync 0;\nbra $L_2;\n$L_1: "
                    "bar.sync 1;\n$L_2:",
                    how)
                .find("it never ends: all 64 threads wait"),
            std::string::npos);
  EXPECT_NE(failure("mov.u32 %t, %tid.x;\nsetp.eq.u32 %p, %t, 0;\n@%p bra $L_1;\nbar.sync 0;\nbra $L_2;\n$L_1: "
                    "ld.volatile.global.u32 %x, [%a];\nbra $L_1;\n$L_2:",
                    how)
                .find("does not end within"),
            std::string::npos);
}

/// A gate: the kernel runs in a thread of the host while the word is written.
TEST(interpreter, sees_what_the_host_writes) {
  words memory(2);
  const auto code = kernel_of(
      "mov.u64 %t0, %globaltimer;\n$L_0: ld.volatile.global.u32 %x, [%a];\nsetp.ne.u32 %p, %x, 0;\n@%p bra "
      "$L_1;\nnanosleep.u32 100;\n"
      "bra $L_0;\n$L_1: mov.u64 %t1, %globaltimer;\nsub.s64 %t1, %t1, %t0;\nst.global.u64 [%a+8], %t1;");
  std::thread kernel{[&] { run(code, memory); }};
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  std::atomic_ref<std::uint64_t>{memory[0]}.store(1);
  kernel.join();
  EXPECT_GE(memory[1], 10'000'000u);
  EXPECT_LT(memory[1], 10'000'000'000u);
}

}  // namespace
