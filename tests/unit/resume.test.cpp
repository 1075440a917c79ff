// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <colossus/bench/resume.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

using json = nlohmann::ordered_json;
using test::folder;

json run_of(const std::vector<std::string>& argv) {
  return {{"run_id", "r"},  {"started_utc", "now"}, {"argv", argv},         {"program_version", "1"},
          {"hosts", {"a"}}, {"cores", 2},           {"env", json::object()}};
}

row sample(std::int64_t bytes, std::int64_t launch = 0, const std::string& run_id = "r") {
  row r;
  r.run_id = run_id, r.bytes = bytes, r.launch = launch;
  r.tags = "two\nlines, \"quoted\"";
  return r;
}

std::string refusal(const std::string& csv, const json& run) {
  try {
    (void)find_resumable(csv, run);
  } catch (const error& e) {
    return e.what();
  }
  return "nothing was refused";
}

TEST(resume, wherever_a_write_was_cut_off_whole_rows_stay_and_no_more) {
  const folder here;
  const json run = run_of({"x"});
  std::string text = csv_header();
  std::vector<std::size_t> ends{0, text.size()};
  for (const int bytes : {8, 16, 32}) text += csv_line(sample(bytes)), ends.push_back(text.size());
  const auto path = here / "x.csv";
  write_sidecar(path, run);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    here.write("x.csv", text.substr(0, cut));
    const auto whole = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin()) - 1;
    const resumable found = find_resumable(path, run);
    ASSERT_EQ(found.whole, ends[whole]) << "cut at " << cut;
    ASSERT_EQ(found.torn, cut - ends[whole]);
    ASSERT_EQ(found.there.rows(), whole < 2 ? 0 : whole - 1);
    csv_file file = csv_file::resumed(path);
    file.keep_first(found.whole);
    file.write(sample(64));
    const auto rows = read_rows(path);
    ASSERT_EQ(rows.size(), found.there.rows() + 1);
    ASSERT_EQ(rows.back(), sample(64));
  }
}

TEST(resume, a_file_that_is_not_there_is_begun) {
  const folder here;
  EXPECT_EQ(find_resumable(here / "x.csv", run_of({"x"})).whole, 0u);
  csv_file file = csv_file::resumed(here / "x.csv");
  file.keep_first(0);
  file.write(sample(8));
  EXPECT_EQ(read_rows(here / "x.csv").size(), 1u);
}

TEST(resume, rows_without_a_sidecar_other_headers_and_damage_are_refused) {
  const folder here;
  const auto path = here.write("x.csv", csv_header() + csv_line(sample(8)));
  EXPECT_EQ(refusal(path, run_of({"x"})),
            path + ": --resume goes on with a run of the same configuration, and " + sidecar_path(path) +
                " has none: give the same command in the same place, or begin another file");
  here.write("x.csv", "a,b\n1,2\n");
  EXPECT_EQ(refusal(path, run_of({"x"})), path + ": --resume expects the header of schema 1 in line 1, found another");
  write_sidecar(path, run_of({"x"}));
  here.write("x.csv", csv_header() + csv_line(sample(8)) + "1,2\n" + csv_line(sample(16)));
  EXPECT_NE(refusal(path, run_of({"x"})).find("x.csv: line 4: expected "), std::string::npos);
}

TEST(resume, one_program_alone_goes_on_with_a_file) {
  const folder here;
  const auto path = here / "x.csv";
  const csv_file writer{path, false};
  const csv_file another{path, true};
  try {
    csv_file::resumed(path);
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.what(), path + ": another program is writing to it: wait until it has ended, or name another file");
  }
  EXPECT_EQ(file_text(path), csv_header()) << "which is left alone";
}

TEST(resume, the_order_of_flags_and_what_shapes_no_row_may_differ) {
  const json then = run_of({"bin/x", "all_reduce", "-b", "8", "--lanes=2", "--csv", "a.csv", "--set", "p=1,2"});
  EXPECT_EQ(run_difference(then, run_of({"x", "--resume", "--set=p=1,2", "all_reduce", "--lanes", "2", "-b", "8",
                                         "--csv=b.csv", "--stats", "--launch", "3"})),
            "");
  json other_day = then;
  other_day["run_id"] = "s", other_day["started_utc"] = "then", other_day["env"]["SLURM_JOB_ID"] = "5";
  EXPECT_EQ(run_difference(then, other_day), "");
}

TEST(resume, the_first_difference_is_named) {
  const std::vector<std::string> argv{"x", "reduce", "-b", "8"};
  const auto difference = [&](const std::vector<std::string>& now) {
    return run_difference(run_of(argv), run_of(now));
  };
  EXPECT_EQ(difference({"x", "reduce", "-b", "16"}), "it had '-b 8' where here is '-b 16'");
  EXPECT_EQ(difference({"x", "broadcast", "-b", "8"}), "it had 'reduce' where here is 'broadcast'");
  EXPECT_EQ(difference({"x", "reduce", "-b", "8", "--anonymise"}), "it had no '--anonymise'");
  EXPECT_EQ(difference({"x", "reduce"}), "it had '-b 8'");
  EXPECT_EQ(difference({"y", "reduce", "-b", "8"}), "it was of x, this is y");
  const json others{{"program_version", "2"}, {"hosts", {"b"}}, {"cores", 4}};
  for (const auto& [name, value] : others.items()) {
    json now = run_of(argv);
    now[name] = value;
    EXPECT_NE(run_difference(run_of(argv), now).find("there " + name), std::string::npos);
  }
  json set = run_of(argv);
  set["env"]["NCCL_ALGO"] = "Ring";
  EXPECT_EQ(run_difference(run_of(argv), set), "there env/NCCL_ALGO was missing, here it is \"Ring\"");
  EXPECT_EQ(run_difference(set, run_of(argv)), "there env/NCCL_ALGO was \"Ring\", here it is missing");
}

TEST(resume, a_value_may_be_glued_to_its_short_flag) {
  EXPECT_EQ(run_difference(run_of({"x", "-n5", "--lanes", "2"}), run_of({"x", "--lanes=2", "-n", "5"})), "");
  EXPECT_EQ(run_difference(run_of({"x", "-n5", "--launches", "2"}), run_of({"x", "-n=5", "--launches=2"})), "");
  EXPECT_EQ(run_difference(run_of({"x", "--benchmark_list_tests", "-n5"}), run_of({"x", "-n", "6"})),
            "it had '--benchmark_list_tests' where here is '-n 6'");
}

TEST(resume, prices_are_the_same_on_any_machine_but_not_of_any_topology) {
  json then = run_of({"x"}), now = run_of({"x"});
  then["topologies"] = now["topologies"] = json::array({{{"id", "abc"}, {"path", "x.json"}}});
  now["hosts"] = {"b"}, now["cores"] = 64, now["topologies"][0]["path"] = "y.json";
  EXPECT_EQ(run_difference(then, now), "");
  now["topologies"][0]["id"] = "abd";
  EXPECT_EQ(run_difference(then, now), "there topologies/0 was \"abc\", here it is \"abd\"");
}

TEST(resume, rows_of_other_configurations_do_not_count) {
  const folder here;
  const auto path = here.write("x.csv", csv_header() + csv_line(sample(8)) + csv_line(sample(16, 0, "other")));
  json other = run_of({"x", "-n", "5"});
  other["run_id"] = "other";
  write_sidecar(path, other), write_sidecar(path, run_of({"x"}));
  const resumable found = find_resumable(path, run_of({"x"}));
  EXPECT_TRUE(found.there.has(sample(8)));
  EXPECT_FALSE(found.there.has(sample(16)));
}

TEST(rows_there, tell_configurations_and_launches_apart) {
  rows_there there{rows_there::by::key};
  there.add(sample(8, 0)), there.add(sample(8, 1)), there.add(sample(8, 1));
  EXPECT_TRUE(there.has(sample(8), 2));
  EXPECT_FALSE(there.has(sample(8), 3));
  EXPECT_EQ(there.next_launch(sample(8)), 2);
  EXPECT_EQ(there.next_launch(sample(16)), 0);
  EXPECT_TRUE(there.take(sample(8, 1)));
  EXPECT_TRUE(there.take(sample(8, 1))) << "it was there twice";
  EXPECT_FALSE(there.take(sample(8, 1)));
  row found_out = sample(8);
  found_out.lanes = 4, found_out.price_kind = "sampled";
  EXPECT_FALSE(there.has(found_out)) << "of other runs these tell rows apart";
  rows_there planned{rows_there::by::plan};
  planned.add(found_out);
  EXPECT_TRUE(planned.has(sample(8))) << "a plan does not know them";
  EXPECT_FALSE(planned.has(sample(16)));
}

}  // namespace
}  // namespace colossus::bench
