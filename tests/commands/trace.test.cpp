// SPDX-License-Identifier: Apache-2.0
#include "commands/command.hpp"

#include <colossus/bench/csv.hpp>

#include <nlohmann/json.hpp>

namespace {

using commands::expect_refusal;
using commands::run;

const std::string machine = std::string{"--topology "} + COLOSSUS_TOPOLOGY_DIR + "/colossus-100k.json";

/// The events of a price on 100,352 GPUs; no message ends after the row.
void expect_traced(const std::string& algorithm, const std::string& how) {
  SCOPED_TRACE(algorithm + " " + how);
  const colossus::test::folder here;
  const auto o = run("colossus-simulate", "all_reduce " + machine + " --algorithm " + algorithm + " -b 16M -e 16M " +
                                              how + " --csv " + here / "x.csv" + " --trace " + here / "t.json");
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("https://ui.perfetto.dev"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("99,840 GPUs: the counters have their bytes"), std::string::npos) << o.out;
  const auto file = nlohmann::json::parse(commands::text_of(here / "t.json"), nullptr, false);
  ASSERT_TRUE(file.is_object());
  EXPECT_LT(file["traceEvents"].size(), 500'000u);
  EXPECT_GT(file["traceEvents"].size(), 10'000u);
  double last = 0;
  for (const auto& e : file["traceEvents"])
    if (e["ph"] == "X" && e["pid"] != 1)  // which is the operation itself
      last = std::max(last, e["ts"].get<double>() + e["dur"].get<double>());
  const double us = *colossus::bench::read_rows(here / "x.csv").front().time_us;
  EXPECT_LE(last, us * (1 + 1e-12));
  if (how.empty()) {
    EXPECT_GE(last, us - 2) << "but for a latency; events of other pods may end later";
  }
  EXPECT_EQ(file["otherData"]["evidence"], "partly-assumed");
  EXPECT_FALSE(file["otherData"]["assumptions"].empty());
}

TEST(trace, of_a_hundred_thousand_gpus) {
  expect_traced("ring", "");
  expect_traced("halving_doubling", "");
  expect_traced("halving_doubling", "--cost-model discrete_event");
}

TEST(trace, refuses_what_it_cannot_draw) {
  const colossus::test::folder here;
  const std::string there = here.write("t.json", "{}");
  expect_refusal("colossus-simulate", machine + " --trace " + there, 2, "is there already");
  expect_refusal("colossus-simulate", machine + " --trace " + here / "none/t.json", 2, "expected a folder");
  expect_refusal("colossus-simulate", machine + " --job x.json --trace " + here / "u.json", 2, "leave out --job");
  EXPECT_FALSE(std::filesystem::exists(here / "u.json"));
}

}  // namespace
