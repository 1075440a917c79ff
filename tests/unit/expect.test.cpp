// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <colossus/algorithms.hpp>
#include <colossus/bench/compare/expect.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace colossus::bench::compare {
namespace {

using test::folder;
using list = type_list<algorithms::ring, algorithms::double_tree, algorithms::direct_all_to_all>;

const std::string node = COLOSSUS_TOPOLOGY_DIR "/hgx-h100-node.json";
const std::string fat_tree = COLOSSUS_TOPOLOGY_DIR "/fat-tree-3to1.json";

std::vector<priced_algorithm> known() { return every_priced_algorithm<list>(); }

expected_file held(const std::string& path, const std::string& from, expect_options o = {}) {
  o.from = from;
  return expect(path, o, known());
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What the simulator says: the rows of a sweep.
std::vector<row> priced(const std::string& topology, const std::vector<std::int64_t>& bytes, options o) {
  o.topologies = {topology};
  std::vector<row> rows;
  const auto ways = pricings_of(o);
  for (const scene& s : scenes_of(o))
    for (const priced_algorithm& a : of_collective(known(), "all_reduce"))
      for (const pricing& way : ways) {
        std::vector<std::int64_t> counts;
        for (const std::int64_t size : bytes) counts.push_back(size / 4);
        const auto prices = priced_rows(simulated_row(s, a, 0, "float", "sum"), s, a, 4, counts, std::span{&way, 1});
        for (const priced_row& r : prices[0]) rows.push_back(r.figures);
      }
  return rows;
}

TEST(expect, prices_are_what_their_own_machine_says_of_them) {
  const folder here;
  options o;
  o.routings = {"adaptive", "ecmp"}, o.ranks = {12, 64}, o.placement = "shuffled", o.seed = 3, o.seeds = 4;
  o.queue_pairs = {2};
  const auto rows = priced(fat_tree, {64, 1 << 14, 1 << 20, 1 << 28}, o);
  const expected_file e = held(here.write("x.csv", rows_text(rows)), fat_tree);
  ASSERT_EQ(e.found.answers.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const answer& a = e.found.answers[i];
    ASSERT_EQ(a.why_not, "");
    EXPECT_EQ(a.fraction(), 1) << rows[i].algorithm << " " << rows[i].routing << " " << *rows[i].bytes;
    EXPECT_EQ(a.expected.sol_us, rows[i].sol_us);
    EXPECT_EQ(a.expected.limit_link, rows[i].limit_link);
    EXPECT_EQ(a.said, standing::normal);
  }
}

const std::string head = "schema,source,collective,algorithm,bytes,ranks,nodes,time_us,busbw_GBps,status\n";
std::string measured(const std::string& algorithm, std::int64_t bytes, double us, int ranks = 8,
                     const std::string& nodes = "1", const std::string& collective = "all_reduce") {
  return "1,measured," + collective + "," + algorithm + "," + std::to_string(bytes) + "," + std::to_string(ranks) +
         "," + nodes + "," + to_text(us) + ",1,ok\n";
}

TEST(expect, what_names_none_of_ours_is_held_against_the_best_that_nccl_has) {
  const folder here;
  const std::int64_t small = 1 << 10, large = 1 << 28;
  std::string text = head;
  for (const std::string name : {"", "nccl", "NVLS", "ring", "tree"})
    for (const std::int64_t bytes : {small, large}) text += measured(name, bytes, 1000);
  const auto answers = held(here.write("x.csv", text), node).found.answers;
  ASSERT_EQ(answers.size(), 10u);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(answers[i].expected.algorithm, i % 2 == 0 ? "double_tree" : "ring");
    EXPECT_EQ(answers[i].expected.time_us,
              std::min(answers[6 + i % 2].expected.time_us, answers[8 + i % 2].expected.time_us));
  }
  EXPECT_EQ(answers[6].expected.algorithm + answers[8].expected.algorithm, "ringdouble_tree");
}

TEST(expect, ranks_sit_as_they_were) {
  const folder here;
  const auto answers =
      held(here.write("x.csv", head + measured("ring", 1 << 28, 1, 16, "2") + measured("ring", 1 << 28, 1, 16, "4") +
                                   measured("ring", 1 << 28, 1, 16, "")),
           fat_tree)
          .found.answers;
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].expected.nodes, 2);
  EXPECT_EQ(answers[1].expected.nodes, 4);
  EXPECT_EQ(answers[1].expected.ranks_per_node, 4);
  EXPECT_EQ(answers[2].expected.time_us, answers[0].expected.time_us) << "one node filled after the other";
  EXPECT_LT(answers[0].expected.time_us, answers[1].expected.time_us) << "four NICs of a node instead of eight";
}

TEST(expect, what_cannot_be_priced_says_why) {
  const folder here;
  const std::string text = head + measured("ring", 64, 1, 16, "1") + measured("ring", 64, 1, 9, "2") +
                           measured("", 64, 1, 8, "1", "gather") + measured("ring", 64, 1, 1) +
                           measured("ring", 64, 1, 8000) + measured("ring", 0, 1) +
                           "1,measured,all_reduce,ring,64,8,1,,,timeout\n" + measured("ring", 128, 1);
  const expected_file e = held(here.write("x.csv", text), fat_tree);
  const std::vector<std::string> why{"16 ranks a node",
                                     "ranks are uneven over nodes",
                                     "none of our algorithms",
                                     "one rank moves nothing",
                                     "has 3,072 GPUs",
                                     "nothing is moved",
                                     "timeout",
                                     ""};
  ASSERT_EQ(e.found.answers.size(), why.size());
  for (std::size_t i = 0; i < why.size(); ++i) {
    EXPECT_TRUE(has(e.found.answers[i].why_not, why[i])) << e.found.answers[i].why_not;
    EXPECT_EQ(e.found.answers[i].said == standing::not_told, i + 1 < why.size());
  }
}

/// A sweep of `sizes` on the node, each measured so many times its bound, and `more` us.
std::string sweep(const std::vector<std::pair<std::int64_t, double>>& factors, double more = 0) {
  options o;
  o.ranks = {8};
  std::string text = head;
  for (const auto& [bytes, factor] : factors)
    text += measured("ring", bytes, factor * *priced(node, {bytes}, o)[0].time_us + more);
  return text;
}

TEST(expect, each_standing_and_the_ranges_that_are_told) {
  const folder here;
  const std::int64_t mib = 1 << 20;
  const expected_file e = held(here.write("x.csv", sweep({{64, 1},
                                                          {128, 1},
                                                          {256, 1.1},
                                                          {mib, 6},
                                                          {64 * mib, 1.1},
                                                          {128 * mib, 1.15},
                                                          {256 * mib, 0.9},
                                                          {512 * mib, 1.5},
                                                          {1024 * mib, 2.5}},
                                                         20)),
                               node);
  std::string told;
  for (const answer& a : e.found.answers) told += std::string{name_of(a.said)} + " ";
  EXPECT_EQ(told, "overhead overhead overhead ramp normal normal above low far_below ");
  expectations found = e.found;
  const auto sweeps = sweeps_to_tell(found.answers);
  ASSERT_EQ(sweeps.size(), 1u);
  const auto ranges = ranges_of(sweeps[0]);
  ASSERT_EQ(ranges.size(), 6u);
  const std::string first = sentence(ranges[0], found, &e.machine->description);
  EXPECT_TRUE(first.starts_with("64 B to 256 B: 25.8 to 26.4 us, 22")) << first;
  EXPECT_TRUE(has(first, "limited by latency: what is missing, 20 to 20.6 us")) << first;
  EXPECT_TRUE(has(sentence(ranges[5], found, nullptr), "40% of the bound")) << sentence(ranges[5], found, nullptr);
  EXPECT_TRUE(has(sentence(ranges[5], found, nullptr), "limited by NVLink out: FAR BELOW"));
}

TEST(expect, a_lower_bar_and_smaller_sizes_left_out) {
  const folder here;
  const std::string path = here.write("x.csv", sweep({{64, 3}, {1 << 28, 1.6}}));
  expect_options o;
  o.min_fraction = 0.6, o.least_size = "1M";
  const auto answers = held(path, node, o).found.answers;
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].said, standing::normal);
  EXPECT_NEAR(answers[0].fraction(), 1 / 1.6, 1e-9);
  o.least_size = "1G";
  EXPECT_THROW(held(path, node, o), error);
}

TEST(expect, a_tier_says_how_it_is_oversubscribed) {
  const loaded machine = load_topology(fat_tree);
  EXPECT_EQ(limit_text("leaf up", &machine.description), "leaf up (oversubscribed 3:1)");
  EXPECT_EQ(limit_text("NIC out", &machine.description), "NIC out");
  EXPECT_EQ(limit_text("leaf up", nullptr), "leaf up");
}

TEST(expect, a_profile_adds_software_and_leaves_light_alone) {
  const folder here;
  expect_options o;
  o.how.profile = here.write("p.json", R"({"profile": "mine", "source": "a test", "evidence": "synthetic",
    "operation_us": 8, "set": {"/defaults/link_class/nvlink4/latency_ns": 1415}})");
  const std::string path = here.write("x.csv", sweep({{64, 1}, {1 << 28, 1}}, 22));
  const expected_file plain = held(path, node), with = held(path, node, o);
  EXPECT_TRUE(plain.found.is_bound && !with.found.is_bound);
  EXPECT_EQ(plain.found.answers[0].said, standing::overhead);
  const answer &small = with.found.answers[0], &large = with.found.answers[1];
  EXPECT_NEAR(*small.expected.time_us - *plain.found.answers[0].expected.time_us, 8 + 14, 1e-3) << "14 rounds of 1 us";
  EXPECT_NEAR(small.fraction(), 1, 1e-3);
  EXPECT_EQ(small.said, standing::normal);
  EXPECT_EQ(small.expected.sol_us, plain.found.answers[0].expected.sol_us);
  EXPECT_EQ(large.expected.sol_us, plain.found.answers[1].expected.sol_us);
  EXPECT_EQ(small.expected.profile + plain.found.answers[0].expected.profile, "minenone");
  EXPECT_TRUE(std::any_of(with.found.about.begin(), with.found.about.end(),
                          [](auto& line) { return has(line, "EXPECTED, profile mine (synthetic; a test)"); }));
}

TEST(expect, rows_are_held_against_rows_that_differ_in_nothing_both_say) {
  const folder here;
  const std::string names =
      "schema,source,collective,algorithm,bytes,ranks,nodes,routing,time_us,busbw_GBps,status,limit,profile\n";
  const auto from = here.write("e.csv", names + "1,simulated,all_reduce,ring,64,8,,adaptive,10,1,ok,latency,none\n" +
                                            "1,simulated,all_reduce,ring,64,8,,ecmp,12,1,ok,latency,none\n" +
                                            "1,simulated,all_reduce,double_tree,64,8,,ecmp,5,1,ok,latency,none\n" +
                                            "1,simulated,all_reduce,ring,128,8,2,ecmp,5,1,ok,latency,none\n");
  const auto answers =
      held(here.write("x.csv", head + measured("ring", 64, 20) + measured("nccl", 64, 20) + measured("tree", 64, 20) +
                                   measured("direct", 64, 20) + measured("ring", 128, 20) + measured("ring", 256, 20)),
           from)
          .found.answers;
  ASSERT_EQ(answers.size(), 6u);
  EXPECT_EQ(answers[0].fraction(), 0.5) << "the faster of two routings";
  EXPECT_EQ(answers[1].expected.algorithm, "double_tree");
  EXPECT_EQ(answers[2].fraction(), 0.25);
  for (std::size_t i = 3; i < 6; ++i) EXPECT_EQ(answers[i].why_not, "no such row is expected") << i;
  EXPECT_TRUE(held(here / "x.csv", from).found.is_bound);
}

TEST(expect, launches_are_one_value_and_outputs_read_back) {
  const folder here;
  std::string text = head;
  for (const double us : {400.0, 300.0, 900.0}) text += measured("ring", 1 << 26, us);
  const expected_file e = held(here.write("x.csv", text), node);
  ASSERT_EQ(e.found.answers.size(), 1u);
  EXPECT_EQ(e.found.answers[0].of->launches, 3u);
  EXPECT_EQ(e.found.answers[0].of->of.time_us, 400);
  expectations found = e.found;
  std::ostringstream json, csv, text_out, markdown;
  write_json(found, sweeps_to_tell(found.answers), &e.machine->description, json);
  write_csv(found, csv);
  expect_printer{found, &e.machine->description, text_out, false}(sweeps_to_tell(found.answers));
  expect_printer{found, &e.machine->description, markdown, true}(sweeps_to_tell(found.answers));
  const auto all = nlohmann::json::parse(json.str());
  EXPECT_EQ(all["kind"], "bound");
  EXPECT_EQ(all["answers"][0]["fraction_of_expected"], found.answers[0].fraction());
  EXPECT_EQ(all["answers"][0]["key"]["bytes"], 1 << 26);
  EXPECT_EQ(all["sentences"].size(), 1u);
  std::string_view rest = csv.view();
  std::vector<std::string> names, values;
  ASSERT_TRUE(csv_record(rest, names) && csv_record(rest, values));
  EXPECT_EQ(names.size(), values.size());
  EXPECT_TRUE(has(text_out.str(), "# all_reduce, 8 ranks on 1 node, ring\n"));
  EXPECT_TRUE(has(markdown.str(), "| verdict | of bound |"));
  std::istringstream lines{text_out.str()};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 120u) << line;
}

}  // namespace
}  // namespace colossus::bench::compare
