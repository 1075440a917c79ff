// SPDX-License-Identifier: Apache-2.0
// Runs a few lines of PTX on words of memory.
#pragma once

#include "ptx/module.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace interpreter_test {

using words = std::vector<std::uint64_t>;

/// What a launch of one kernel is given.
struct request {
  ptx::dimensions grid{}, block{};
  ptx::settings with{};
};

/// Bytes of a parameter list of pointers and 64-bit numbers.
template <class... Parameters>
std::vector<std::byte> parameters(Parameters... values) {
  std::vector<std::byte> all(sizeof...(values) * 8);
  std::size_t n = 0;
  ((std::memcpy(all.data() + 8 * n++, &values, sizeof values)), ...);
  return all;
}

/// A kernel of `lines` with the parameters a and b in %a and %b.
inline ptx::kernel kernel_of(const std::string& lines, const std::string& variables = {}) {
  const ptx::module text{".version 8.0\n.target sm_80\n.address_size 64\n" + variables +
                         "\n.visible .entry test(.param .u64 test_param_0, .param .u64 test_param_1)\n{\n"
                         "ld.param.u64 %a, [test_param_0];\nld.param.u64 %b, [test_param_1];\n" +
                         lines + "\nret;\n}\n"};
  return text.find("test");
}

/// Runs it on memory that %a points to; %b is `b`. Returns the machine's reports of races.
inline std::map<std::string, unsigned> run(const ptx::kernel& code, words& memory, std::uint64_t b = 0,
                                           const request& how = {}) {
  ptx::machine machine{how.with};
  machine.start(code, how.grid, how.block, parameters(memory.data(), b));
  machine.run();
  return machine.races().reports();
}

/// %y after `lines`, in which %x0, %x1, %x2 hold the given words.
inline std::uint64_t computed(const std::string& lines, std::uint64_t x0, std::uint64_t x1 = 0, std::uint64_t x2 = 0) {
  words memory{x0, x1, x2, 0xdeadbeefdeadbeef};
  const auto code = kernel_of("ld.global.u64 %x0, [%a];\nld.global.u64 %x1, [%a+8];\nld.global.u64 %x2, [%a+16];\n" +
                              lines + "\nst.global.u64 [%a+24], %y;");
  run(code, memory);
  return memory[3];
}

}  // namespace interpreter_test
