// SPDX-License-Identifier: Apache-2.0
// Mistakes in nvcc's output of handover.cu are found by happens-before, in every seed; the correct ones are silent.
#include "interpreter/run.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <ostream>

namespace {

using namespace interpreter_test;

constexpr unsigned threads = 64, rounds = 4;

struct channel {
  unsigned *slot, *flag, *credit, *sums;
};

const ptx::module& program() {
  static const ptx::module read = [] {
    std::ifstream file{HANDOVER_PTX};
    return ptx::module{std::string{std::istreambuf_iterator<char>{file}, {}}};
  }();
  return read;
}

/// What one run of a kernel found, and whether every thread got all messages.
struct result {
  std::map<std::string, unsigned> reports;
  std::vector<unsigned> sums;
};

result hand_over(const std::string& mangled, std::uint64_t seed) {
  alignas(16) std::vector<unsigned> memory(8 * threads + 2);
  auto* const slot = reinterpret_cast<unsigned*>((reinterpret_cast<std::uintptr_t>(memory.data()) + 15) / 16 * 16);
  std::vector<unsigned> words(2), sums(threads);
  const channel c{slot, &words[0], &words[1], sums.data()};
  std::vector<std::byte> given(sizeof c + sizeof rounds);
  std::memcpy(given.data(), &c, sizeof c);
  std::memcpy(given.data() + sizeof c, &rounds, sizeof rounds);
  const ptx::kernel code = program().find(mangled);
  ptx::settings chosen;
  chosen.seed = seed;
  ptx::machine machine{chosen};
  machine.races().add_payload(reinterpret_cast<std::uintptr_t>(slot),
                              reinterpret_cast<std::uintptr_t>(slot + 4 * threads));
  machine.start(code, {2, 1, 1}, {threads, 1, 1}, given);
  machine.run();
  return {machine.races().reports(), sums};
}

std::string first(const result& r) { return r.reports.empty() ? "nothing" : r.reports.begin()->first; }

struct mutant {
  const char* kernel;
  const char* reported;  ///< null: nothing
};
void PrintTo(const mutant& one, std::ostream* out) { *out << one.kernel; }

class each_mutant : public testing::TestWithParam<mutant> {};

TEST_P(each_mutant, is_reported_in_every_seed) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const result found = hand_over(GetParam().kernel, seed);
    if (GetParam().reported == nullptr) {
      EXPECT_EQ(first(found), "nothing") << "seed " << seed;
    } else {
      EXPECT_NE(first(found).find(GetParam().reported), std::string::npos) << "seed " << seed << ": " << first(found);
    }
  }
}

#define HAND_OVER(number) "_Z9hand_overILi" #number "EEv7channelj"
INSTANTIATE_TEST_SUITE_P(correct, each_mutant,
                         testing::Values(mutant{HAND_OVER(0), nullptr}, mutant{HAND_OVER(8), nullptr},
                                         mutant{"_Z15hand_over_wordsILb1EEv7channelj", nullptr},
                                         mutant{"_Z18hand_over_16_bytesILb1EEv7channelj", nullptr}));
INSTANTIATE_TEST_SUITE_P(missing_barrier, each_mutant,
                         testing::Values(mutant{HAND_OVER(1), "and nothing orders them"},
                                         mutant{HAND_OVER(2), "and nothing orders them"}));
INSTANTIATE_TEST_SUITE_P(weak_flag, each_mutant,
                         testing::Values(mutant{HAND_OVER(3), "reads what"}, mutant{HAND_OVER(4), "reads what"},
                                         mutant{HAND_OVER(5), "nothing orders"}, mutant{HAND_OVER(9), "reads what"}));
INSTANTIATE_TEST_SUITE_P(missing_credit, each_mutant,
                         testing::Values(mutant{HAND_OVER(6), "nothing orders them"},
                                         mutant{HAND_OVER(7), "writes what"},
                                         mutant{"_Z15hand_over_wordsILb0EEv7channelj", "overwrites the message"}));

TEST(races, right_messages_arrive_whole) {
  for (const char* kernel : {HAND_OVER(0), HAND_OVER(8), "_Z15hand_over_wordsILb1EEv7channelj"}) {
    const result found = hand_over(kernel, 3);
    for (unsigned t = 0; t < threads; ++t)
      EXPECT_EQ(found.sums[t], 100 * rounds * (rounds - 1) / 2 + rounds * t) << kernel;
  }
}

/// 16 bytes are no unit: whoever takes them for one gets a part of an older message sooner or later.
TEST(races, vectors_arrive_in_parts) {
  const std::vector<unsigned> whole(threads, 7 * rounds * (rounds + 1) / 2);
  bool torn = false;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(hand_over("_Z18hand_over_16_bytesILb1EEv7channelj", seed).sums, whole) << "seed " << seed;
    torn = torn || hand_over("_Z18hand_over_16_bytesILb0EEv7channelj", seed).sums != whole;
  }
  EXPECT_TRUE(torn);
}

}  // namespace
