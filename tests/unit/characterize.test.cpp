// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/characterize/all_reduce_sections.hpp>
#include <colossus/bench/characterize/plan.hpp>

#include <gtest/gtest.h>

namespace colossus::bench::characterize {
namespace {

const std::string machine = "test-machine", hierarchical_algorithm = "hierarchical";

row priced(const std::string& algorithm, std::int64_t bytes, double us, const std::string& scenario = "healthy") {
  row r;
  r.topology = machine, r.collective = "all_reduce", r.placement = "packed", r.routing = "adaptive",
  r.scenario = scenario;
  r.algorithm = algorithm, r.bytes = bytes, r.ranks = 64, r.time_us = us,
  r.busbw_GBps = static_cast<double>(bytes) / us * 2e-3, r.sol_us = us / 2, r.limit = "NIC out";
  return r;
}

row_list all_of(const std::vector<row>& rows) {
  row_list list;
  for (const row& r : rows) list.push_back(&r);
  return list;
}

/// A tree whose time is `start` + bytes, a ring that takes 1000 + bytes / 2 (sizes 8, 16, ... 2^last).
std::vector<row> two_lines(double start, int last = 20, const std::string& scenario = "healthy") {
  std::vector<row> rows;
  for (int p = 3; p <= last; ++p) {
    const double bytes = std::exp2(p);
    rows.push_back(priced("ring", std::int64_t{1} << p, 1000 + bytes / 2, scenario));
    rows.push_back(priced("double_tree", std::int64_t{1} << p, start + bytes, scenario));
  }
  return rows;
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) longest = std::max(longest, line.size());
  return longest;
}

TEST(characterize_findings, the_fastest_at_each_size) {
  const auto rows = two_lines(10);
  const auto best = fastest(all_of(rows));
  ASSERT_EQ(best.size(), 18U);
  EXPECT_EQ(best.at(8)->algorithm, "double_tree");
  EXPECT_EQ(best.at(1 << 20)->algorithm, "ring");
  EXPECT_EQ(fastest_at(all_of(rows), 24), nullptr) << "a size that was not priced";
}

TEST(characterize_findings, of_equals_the_first_listed_wins) {
  const std::vector<row> rows{priced("ring", 8, 5), priced("direct", 8, 5)};
  EXPECT_EQ(fastest_at(all_of(rows), 8)->algorithm, "ring");
}

TEST(characterize_findings, the_lines_cross_where_they_do) {
  const auto rows = two_lines(10);  // 10 + b = 1000 + b / 2 at b = 1980: 2048 is the first size behind it
  EXPECT_EQ(crossovers(fastest(all_of(rows))), (std::vector<crossover>{{"double_tree", "ring", 2048}}));
  EXPECT_TRUE(crossovers({}).empty());
}

TEST(characterize_findings, a_crossover_moves_with_the_latencies) {
  const crossover typical{"double_tree", "ring", 2048};
  const auto low = two_lines(600), high = two_lines(-9000);  // at 800 and at 20,000
  const auto of = [](const std::vector<row>& rows) { return crossovers(fastest(all_of(rows))); };
  const auto range = range_of(typical, {of(low), of(high)});
  ASSERT_TRUE(range);
  EXPECT_EQ(range->first, 1024);
  EXPECT_EQ(range->second, 32768);
  EXPECT_FALSE(range_of(typical, {of(low), {}})) << "where latencies are high, nothing changes";
  EXPECT_EQ(range_of(typical, {{{"double_tree", "ring", 64}, {"double_tree", "ring", 4096}}})->second, 4096)
      << "the nearest counts";
}

TEST(characterize_findings, a_question_leaves_open_what_it_does_not_say) {
  std::vector<row> rows{priced("ring", 8, 1), priced("ring", 8, 2, "latencies=low"), priced("double_tree", 16, 3)};
  rows.push_back(rows.front());
  rows.back().routing = "ecmp";
  EXPECT_EQ(select(all_of(rows), {.topology = machine}).size(), 2U);
  EXPECT_EQ(select(all_of(rows), {.topology = machine, .scenario = "latencies=low"}).size(), 1U);
  EXPECT_EQ(select(all_of(rows), {.topology = machine, .routing = "ecmp"}).size(), 1U);
  EXPECT_EQ(select(all_of(rows), {.topology = machine, .bytes = 16}).size(), 1U);
  EXPECT_TRUE(select(all_of(rows), {.topology = machine, .ranks = 65}).empty());
}

TEST(characterize_findings, the_worst_draw_and_the_loss) {
  row adaptive = priced("ring", 1024, 10), hashed = priced("ring", 1024, 40);
  hashed.time_us_max = 80;
  EXPECT_DOUBLE_EQ(loss(adaptive, hashed), 0.75);
  EXPECT_DOUBLE_EQ(worst_busbw(hashed), *hashed.busbw_GBps / 2);
  EXPECT_DOUBLE_EQ(worst_busbw(adaptive), *adaptive.busbw_GBps);
  EXPECT_DOUBLE_EQ(share_of_light(adaptive), 0.5);
}

TEST(characterize_findings, families_differ_by_a_number) {
  EXPECT_EQ(family("superpod-ndr-64su"), "superpod-ndr");
  EXPECT_EQ(family("superpod-ndr-2su"), "superpod-ndr");
  EXPECT_EQ(family("gb200-nvl72-rack"), "gb200-nvl72-rack");
  EXPECT_EQ(family("su"), "su");
  EXPECT_EQ(family("pod-su"), "pod-su");
}

TEST(characterize_screen, figures_are_short) {
  EXPECT_EQ(time_text(0.5), "0.50 us");
  EXPECT_EQ(time_text(122.4), "122 us");
  EXPECT_EQ(time_text(999.6), "1.00 ms");
  EXPECT_EQ(time_text(134112), "134 ms");
  EXPECT_EQ(time_text(6490669), "6.49 s");
  EXPECT_EQ(rate_text(372.4), "372");
  EXPECT_EQ(bar(0.5, 8), "####....");
  EXPECT_EQ(bar(1.7, 4), "####") << "never longer than it may be";
}

TEST(characterize_screen, every_algorithm_has_a_letter_of_its_own) {
  const letters letter{{"ring", "hierarchical:inner=a+outer=b", "hierarchical", "mine", "double_tree"}};
  std::set<char> signs;
  for (const auto& [name, sign] : letter.all()) EXPECT_TRUE(signs.insert(sign).second) << name;
  EXPECT_EQ(letter("ring"), 'R');
  EXPECT_EQ(letter("mine"), 'b');
  EXPECT_EQ(letter("another"), '?');
}

TEST(characterize_screen, winners_are_marked_and_mapped) {
  const letters letter{{"ring", "double_tree"}};
  const auto rows = two_lines(10);
  std::ostringstream out;
  print_winners(out, all_of(rows), {machine, 64, letter});
  EXPECT_NE(out.str().find("TTTTTTTTRRRRRRRRRR"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("555555555555555555"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("18.0 us * (50%)"), std::string::npos) << out.str();
  EXPECT_LE(longest_line(out.str()), screen_width) << out.str();
}

TEST(characterize_screen, crossovers_say_their_range) {
  const letters letter{{"ring", "double_tree"}};
  std::vector<row> rows = two_lines(10);
  for (const auto& more : {two_lines(600, 20, "latencies=low"), two_lines(-9000, 20, "latencies=high")})
    rows.insert(rows.end(), more.begin(), more.end());
  std::ostringstream out;
  print_crossovers(out, all_of(rows), {machine, 64, letter});
  EXPECT_NE(out.str().find("T -> R at 2 KiB (1 KiB..32 KiB)"), std::string::npos) << out.str();
}

TEST(characterize_screen, no_section_is_wider_than_the_screen) {
  const letters letter{{"ring", "double_tree", "hierarchical"}};
  std::vector<row> rows;
  std::vector<rank_t> growth;
  for (int n = 0; n < 12; ++n) growth.push_back(100'000'000 + n);
  for (const rank_t ranks : growth)
    for (const char* const name : {"ring", "double_tree", "hierarchical"})
      for (int p = 3; p <= 34; ++p) {
        rows.push_back(priced(name, std::int64_t{1} << p, 9.99e5));
        rows.back().ranks = ranks;
      }
  for (const char* const placement : {"packed", "shuffled"})
    for (const int pairs : {1, 4, 16}) {
      row r = priced("hierarchical", gibi, 9.99e5);
      r.placement = placement, r.ranks = growth.back(), r.time_us_max = 5e6, r.iters = 16;
      rows.push_back(r);
      r.routing = "ecmp", r.queue_pairs = pairs;
      rows.push_back(r);
    }
  const subject about{machine, growth.back(), letter};
  std::ostringstream out;
  print_winners(out, all_of(rows), about);
  print_growth(out, all_of(rows), about, growth);
  print_ecmp(out, all_of(rows), about, hierarchical_algorithm, {1, 4, 16});
  print_utilisation(out, &rows.back(), {"NVLink out", "NVLink in", "spine down"}, {0.5, 1, 0});
  EXPECT_LE(longest_line(out.str()), screen_width) << out.str();
}

TEST(characterize_screen, what_is_too_long_is_cut) {
  EXPECT_EQ(fitted("short \n" + std::string(120, 'x') + "\n"), "short\n" + std::string(99, 'x') + "~\n");
}

TEST(characterize_plan, a_quick_look_has_the_sizes_that_are_shown) {
  for (const bool quick : {false, true}) {
    const auto sizes = grain_of(quick).sizes;
    EXPECT_TRUE(std::is_sorted(sizes.begin(), sizes.end()));
    EXPECT_EQ(sizes.front(), 8);
    EXPECT_EQ(sizes.back(), 16 * gibi);
    for (const std::int64_t shown_size : {std::int64_t{1} << 20, std::int64_t{16} << 20, gibi})
      EXPECT_NE(std::find(sizes.begin(), sizes.end(), shown_size), sizes.end()) << quick << ' ' << shown_size;
  }
  EXPECT_EQ(grain_of(false).sizes.size(), 32U) << "every power of 2";
}

}  // namespace
}  // namespace colossus::bench::characterize
