// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <colossus/bench/compare/export.hpp>

#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace colossus::bench::compare {
namespace {

using test::folder;

result compared(const std::vector<std::string>& paths, const selection& s = {}, const judgement& how = {}) {
  static std::deque<std::deque<source_file>> kept;  // results point into their files
  auto& files = kept.emplace_back();
  for (const std::string& path : paths) files.emplace_back(path);
  return compare_files(files, s, how);
}

template <class F>
std::string refusal(F&& f, failure kind = failure::input) {
  try {
    f();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  return "nothing was refused";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

const std::string head = "run_id,library,collective,algorithm,bytes,launch,time_us,busbw_GBps,status\n";

/// `launches` rows of one configuration, whose times are `us` times 1, 1.001, 1.002 ...
std::string some_rows(int bytes, double us, int launches, const std::string& library = "nccl-2.28.9",
                      const std::string& algorithm = "ring") {
  std::string text;
  for (int l = 0; l < launches; ++l)
    text += "r," + library + ",all_reduce," + algorithm + "," + std::to_string(bytes) + "," + std::to_string(l) + "," +
            to_text(us * (1 + 0.001 * l)) + ",2.5,ok\n";
  return text;
}

std::string verdicts_of(const result& r) {
  std::string text;
  for (const finding& f : r.found.findings) text += (text.empty() ? "" : " ") + std::string{name_of(f.said)};
  return text;
}

TEST(compare, fields_are_those_of_the_schemas_reader) {
  std::mt19937 random{7};
  const std::string letters = "a,\"\n\r1";
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> said(1 + random() % 4);
    std::string text;
    for (std::string& field : said) {
      for (auto n = random() % 5; n > 0; --n) field += letters[random() % letters.size()];
      text += (&field == &said[0] ? "" : ",") + csv_field(field);
    }
    text += random() % 2 ? "\n" : "\r\n";
    std::string_view rest = text;
    std::vector<std::string_view> fields;
    ASSERT_TRUE(take_fields(rest, fields)) << text;
    ASSERT_EQ(fields.size(), said.size()) << text;
    for (std::size_t k = 0; k < said.size(); ++k) EXPECT_EQ(plain(fields[k]), said[k]) << text;
    EXPECT_TRUE(rest.empty());
  }
}

TEST(compare, a_quote_within_a_field_is_a_letter) {
  std::string_view text = "5\" disk,b\"\n\"x,\"\"\ny\",\n";
  std::vector<std::string_view> fields;
  ASSERT_TRUE(take_fields(text, fields));
  EXPECT_EQ(fields, (std::vector<std::string_view>{"5\" disk", "b\""}));
  ASSERT_TRUE(take_fields(text, fields));
  EXPECT_EQ(fields, (std::vector<std::string_view>{"\"x,\"\"\ny\"", ""}));
  EXPECT_FALSE(take_fields(text, fields));
}

TEST(compare, rows_that_name_no_launch_are_launches_of_their_own) {
  const folder here;
  const auto base = here.write("b.csv", "bytes,time_us\n8,1\n8,1.001\n8,1.002\n8,1.003\n");
  EXPECT_EQ(compared({base, base}).found.findings.at(0).base_launches, 4u);
}

TEST(compare, fingerprints_tell_fields_apart) {
  const auto of = [](const std::vector<std::string>& texts) {
    fingerprint f;
    for (const auto& t : texts) f.add(t);
    return std::pair{f.high(), f.low()};
  };
  EXPECT_EQ(of({"ab", "c"}), of({"ab", "c"}));
  std::set<std::pair<std::uint64_t, std::uint64_t>> all;
  for (const auto& texts : std::vector<std::vector<std::string>>{{"ab", "c"},
                                                                 {"a", "bc"},
                                                                 {"abc", ""},
                                                                 {"", "abc"},
                                                                 {"abc"},
                                                                 {},
                                                                 {""},
                                                                 {"12345678"},
                                                                 {"12345678", ""},
                                                                 {"123456789"},
                                                                 {"12345678", "9"},
                                                                 {std::string(1, '\0')}})
    EXPECT_TRUE(all.insert(of(texts)).second);
  for (int i = 0; i < 100000; ++i) EXPECT_TRUE(all.insert(of({"ring", std::to_string(i), "float"})).second);
}

TEST(compare, each_verdict_and_what_it_needs) {
  const folder here;
  const auto base = here.write(
      "b.csv", head + some_rows(8, 10, 8) + some_rows(16, 20, 8) + some_rows(32, 40, 8) + some_rows(64, 80, 8));
  const auto fresh = here.write("n.csv", head + some_rows(64, 80 * 1.021, 8) + some_rows(8, 10 * 1.03, 8) +
                                             some_rows(16, 20 / 1.03, 8) + some_rows(32, 40.01, 8));
  const result r = compared({base, fresh});
  EXPECT_EQ(verdicts_of(r), "slower faster same slower") << "in the base's order";
  EXPECT_EQ(verdicts_of(compared({base, fresh}, {}, {0.025})), "slower faster same same");
  EXPECT_NEAR(r.found.findings[0].test.ratio, 1.03, 1e-3);
  EXPECT_NEAR(r.found.findings[0].fresh_us, 10.3 * 1.0035, 1e-9);
  EXPECT_EQ(r.found.findings[0].busbw, 2.5);
  EXPECT_NEAR(r.found.findings[0].adjusted, least_p(8, 8) * 4, 1e-9);
  EXPECT_EQ(verdicts_of(compared({fresh, base})), "faster faster slower same");
}

TEST(compare, too_few_launches_are_unclear_and_what_would_do_is_said) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 3)),
             fresh = here.write("n.csv", head + some_rows(8, 20, 3));
  const result r = compared({base, fresh});
  EXPECT_EQ(verdicts_of(r), "unclear");
  EXPECT_EQ(notes_behind(r).at(1),
            "1 unclear for want of launches: 3 launches on a side cannot tell a difference from chance over "
            "1 configurations, however large: 4 on each side can");
  const auto one = here.write("1.csv", head + some_rows(8, 10, 1)),
             other = here.write("2.csv", head + some_rows(8, 20, 1));
  EXPECT_EQ(verdicts_of(compared({one, other})), "unclear");
}

TEST(compare, figures_without_chance_are_judged_by_the_threshold) {
  const folder here;
  const std::string names = "bytes,routing,time_us,time_stat\n";
  const auto base = here.write("b.csv", names + "8,ecmp,10,model\n16,ecmp,20,model\n32,ecmp,30,model\n");
  const auto fresh = here.write("n.csv", names + "8,ecmp,10.1,model\n16,ecmp,20.5,model\n32,ecmp,29,model\n");
  EXPECT_EQ(verdicts_of(compared({base, fresh})), "same slower faster");
}

TEST(compare, rows_that_are_not_ok_are_never_averaged_in) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 8) + some_rows(16, 20, 8));
  const auto fresh =
      here.write("n.csv", head + some_rows(8, 10, 8) + "s,nccl-2.28.9,all_reduce,ring,8,9,1000,2.5,wrong_data\n" +
                              "s,nccl-2.28.9,all_reduce,ring,16,0,,,timeout\n");
  const result r = compared({base, fresh});
  ASSERT_EQ(verdicts_of(r), "same not_ok not_ok");
  EXPECT_EQ(r.found.findings[0].fresh_launches, 8u);
  EXPECT_EQ(detail::trouble(r, r.found.findings[1]), "wrong_data");
  EXPECT_EQ(r.found.findings[1].fresh_launches, 1u);
  EXPECT_EQ(detail::trouble(r, r.found.findings[2]), "timeout");
}

TEST(compare, what_does_not_match_comes_first) {
  const folder here;
  const auto base = here.write(
      "b.csv", head + some_rows(8, 10, 8) + some_rows(16, 20, 8) + some_rows(32, 20, 8) + some_rows(64, 20, 8));
  const auto fresh = here.write("n.csv", head + some_rows(8, 10, 8) + some_rows(128, 10, 8));
  const result r = compared({base, fresh});
  const auto lines = notes_before(r, naming{r});
  EXPECT_EQ(lines.at(1), "unmatched: 3 in " + base + ", not in " + fresh + ", such as bytes=16; bytes=32");
  EXPECT_EQ(lines.at(2), "unmatched: 1 in " + fresh + ", not in " + base + ", such as bytes=128");
}

TEST(compare, a_column_that_one_side_leaves_empty_matches_any) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 8));
  const auto fresh = here.write("n.csv", head + some_rows(8, 10, 8, ""));
  const result r = compared({base, fresh});
  EXPECT_EQ(verdicts_of(r), "same");
  EXPECT_EQ(r.found.any, std::vector<std::string>{"library"});
  const auto part = here.write("p.csv", head + some_rows(8, 10, 8, "") + some_rows(16, 10, 8));
  EXPECT_EQ(verdicts_of(compared({base, part})), "same") << "empty in some rows only";
  const auto both = here.write("a.csv", head + some_rows(8, 10, 8) + some_rows(8, 20, 8, "nccl-2.28.9", ""));
  EXPECT_EQ(verdicts_of(compared({both, both})), "same same") << "what is equal is matched first, and not again";
}

TEST(compare, what_one_row_leaves_empty_is_held_against_all_that_fill_it) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 8, "nccl-2.28.9", "") + some_rows(16, 10, 8));
  const auto fresh = here.write("n.csv", head + some_rows(8, 10, 8) + some_rows(8, 12, 8, "nccl-2.28.9", "tree") +
                                             some_rows(16, 9, 8) + some_rows(32, 10, 8));
  const result r = compared({base, fresh});
  EXPECT_EQ(verdicts_of(r), "same slower faster");
  EXPECT_EQ(r.found.any, std::vector<std::string>{"algorithm"});
  const naming names{r};
  EXPECT_EQ(names.values(r.all, r.found.findings[1]), (std::vector<std::string>{"tree", "8"}));
  ASSERT_EQ(r.found.unmatched.size(), 1u);
  EXPECT_EQ(r.found.unmatched[0].keys, 1u);
}

const std::string provenance = "source,backend,library,bytes,price_kind,time_us,time_stat,run_id,launch\n";

TEST(compare, where_figures_come_from_need_not_match_where_it_never_does) {
  const folder here;
  std::string measured = provenance, both = provenance;
  for (int l = 0; l < 8; ++l)
    for (const std::string backend : {"threads", "mpi"}) {
      const std::string row =
          "measured," + backend + ",a-1,8,," + to_text(10 + 0.001 * l) + ",p50,r," + std::to_string(l) + "\n";
      both += row, measured += backend == "mpi" ? "" : row;
    }
  const auto priced = here.write("p.csv", provenance + "simulated,model,a-2,8,exact,9,model,s,\n");
  const result r = compared({here.write("m.csv", measured), priced});
  EXPECT_EQ(verdicts_of(r), "faster");
  ASSERT_EQ(r.all.left_out.size(), 3u);
  EXPECT_EQ(r.all.left_out[2], "library (a-1 in the base, a-2 in " + priced + ")");
  const result two = compared({here.write("two.csv", both), priced});
  EXPECT_EQ(verdicts_of(two), "faster faster") << "backends of one file are apart all the same";
  EXPECT_EQ(naming{two}.values(two.all, two.found.findings[1]), std::vector<std::string>{"mpi"});
  EXPECT_EQ(verdicts_of(compared({here / "two.csv", here / "m.csv"})), "same") << "what both have is in the key";
  EXPECT_TRUE(has(refusal([&] {
                    compared({here / "m.csv", priced}, {{"bytes", "library"}, {}, "", ""});
                  }),
                  "they differ throughout in library"))
      << "--on brings it back";
}

TEST(compare, the_kind_of_a_price_tells_no_configurations_apart) {
  const folder here;
  const std::string names = "source,bytes,price_kind,cost_model,time_us,time_stat\n";
  const auto base =
      here.write("b.csv", names + "simulated,8,exact,max_min,9,model\nsimulated,16,lockstep,max_min,9,model\n");
  const auto fresh =
      here.write("n.csv", names + "simulated,8,lockstep,max_min,9,model\nsimulated,16,exact,max_min,9,model\n");
  EXPECT_EQ(verdicts_of(compared({base, fresh})), "same same");
}

TEST(compare, launches_against_a_price_are_judged_by_their_signs) {
  const folder here;
  const auto measured = here.write("m.csv", head + some_rows(8, 10, 6));
  const auto price = [&](double us) {
    return here.write("p" + to_text(us) + ".csv", "bytes,time_us,time_stat\n8," + to_text(us) + ",model\n");
  };
  const result r = compared({measured, price(9)});
  EXPECT_EQ(verdicts_of(r), "faster");
  EXPECT_NEAR(r.found.findings[0].test.ratio, 9 / 10.025, 1e-5);
  EXPECT_EQ(r.found.findings[0].test.p, std::ldexp(1, -5));
  EXPECT_EQ(verdicts_of(compared({price(9), measured})), "slower");
  EXPECT_EQ(verdicts_of(compared({price(10.02), measured})), "same");
  const auto few = here.write("f.csv", head + some_rows(8, 10, 5));
  const result unclear = compared({price(9), few});
  EXPECT_EQ(verdicts_of(unclear), "unclear");
  EXPECT_EQ(unclear.tally.needed, 6u);
}

TEST(compare, other_formats_are_read) {
  const folder here;
  const auto ours = here.write("b.csv", "collective,bytes,ranks,time_us\nall_reduce,1024,8,20\n");
  const auto theirs = here.write("n.csv", "# collective: all_reduce\n# nranks: 8\nsize_bytes,time_us\n1024,25\n");
  const result r = compared({ours, theirs});
  EXPECT_EQ(verdicts_of(r), "unclear");
  EXPECT_EQ(r.found.findings[0].test.ratio, 1.25);
  EXPECT_TRUE(has(notes_before(r, naming{r}).at(1), "n.csv: CSV, 1 rows"));
  EXPECT_TRUE(has(refusal([&] {
                    compared({ours, here.write("x.csv", "size_bytes,time_us\n1024,25\n")});
                  }),
                  "x.csv: line 2: the file says not which collective: say it with --set collective=NAME (of "
                  "colossus-import"));
}

TEST(compare, columns_are_chosen) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 8)),
             fresh = here.write("n.csv", head + some_rows(8, 10, 8, "nccl-2.29"));
  const auto tree = here.write("t.csv", head + some_rows(8, 10, 8, "nccl-2.28.9", "tree"));
  EXPECT_TRUE(has(refusal([&] {
                    compared({base, tree});
                  }),
                  "bytes=8: they differ throughout in algorithm: --ignore algorithm"));
  EXPECT_EQ(verdicts_of(compared({base, tree}, {{}, {"algorithm"}, "", ""})), "same");
  EXPECT_EQ(verdicts_of(compared({base, fresh}, {{}, {"library"}, "", ""})), "same");
  EXPECT_EQ(verdicts_of(compared({base, fresh}, {{"bytes"}, {}, "", ""})), "same");
  EXPECT_TRUE(has(refusal(
                      [&] {
                        compared({base, fresh}, {{}, {"colour"}, "", ""});
                      },
                      failure::usage),
                  "--ignore colour: expected"));
  const auto two = here.write("2.csv", head + some_rows(8, 10, 8) + some_rows(16, 10, 8));
  EXPECT_TRUE(has(
      refusal([&] {
        compared({two, two}, {{}, {"bytes"}, "", ""});
      }),
      "2.csv: line 2 and line 10: expected one row for each configuration and launch, found two that differ in bytes"));
  for (const auto& files : {std::vector{two, base}, std::vector{base, two}})
    EXPECT_TRUE(has(refusal([&] {
                      compared(files, {{}, {"bytes"}, "", ""});
                    }),
                    "differ in bytes: leave bytes in the key"));
  const auto larger = here.write("l.csv", head + some_rows(16, 10, 8, "x", "tree") + some_rows(32, 10, 8, "x", "tree"));
  EXPECT_TRUE(has(refusal([&] {
                    compared({base, larger});
                  }),
                  "differ throughout in algorithm: --ignore algorithm"))
      << "bytes differ within a file: no reason to leave them out";
}

TEST(compare, rows_of_fakes_are_never_compared_with_real_ones) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 8)),
             fake = here.write("f.csv", head + some_rows(8, 10, 8, "fake-nccl-2.28.9"));
  EXPECT_TRUE(has(refusal([&] {
                    compared({base, fake}, {{}, {"library"}, "", ""});
                  }),
                  "b.csv: line 2 and " + fake + ": line 2: a row of a fake library is no result"));
  const auto unnamed = here.write("u.csv", head + some_rows(8, 10, 8, ""));
  EXPECT_TRUE(has(refusal([&] { compared({unnamed, fake}); }), "a row of a fake library"));
  EXPECT_EQ(verdicts_of(compared({fake, fake})), "same");
}

TEST(compare, values_of_a_column_are_compared_within_a_file) {
  const folder here;
  const auto file = here.write("x.csv", head + some_rows(8, 10, 8) + some_rows(8, 11, 8, "nccl-2.28.9", "tree") +
                                            some_rows(8, 9, 8, "nccl-2.28.9", "direct"));
  EXPECT_EQ(verdicts_of(compared({file}, {{}, {}, "algorithm", ""})), "slower faster");
  EXPECT_EQ(verdicts_of(compared({file}, {{}, {}, "algorithm", "tree"})), "faster faster");
  EXPECT_TRUE(has(refusal(
                      [&] {
                        compared({file}, {{}, {}, "algorithm", "ringg"});
                      },
                      failure::usage),
                  "has ring, tree, direct"));
  EXPECT_TRUE(has(refusal([&] {
                    compared({file}, {{}, {}, "bytes", ""});
                  }),
                  "--by bytes: expected several values in "));
  EXPECT_TRUE(has(refusal([&] {
                    compared({file}, {{}, {}, "routing", ""});
                  }),
                  "x.csv: line 1: expected the column to compare by"));
}

TEST(compare, environments_that_differ_are_named) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 8)),
             fresh = here.write("n.csv", head + some_rows(8, 10, 8));
  here.write("b.meta.json",
             R"({"schema":1,"runs":[{"run_id":"a","driver":"550","env":{"NCCL_ALGO":"Ring"},"cores":2}]})");
  here.write("n.meta.json",
             R"({"schema":1,"runs":[{"run_id":"b","driver":"560","env":{},"cores":2},{"run_id":"c","driver":"570"}]})");
  const environments e = compare_environments({base, fresh, here.write("x.csv", "")});
  ASSERT_EQ(e.differences.size(), 2u);
  EXPECT_EQ(e.differences[0].field + e.differences[0].in_base + e.differences[0].in_file, "driver550560 | 570");
  EXPECT_EQ(e.differences[1].field + e.differences[1].in_base + e.differences[1].in_file, "env.NCCL_ALGORingnothing");
  EXPECT_EQ(e.unknown.size(), 1u);
  here.write("b.meta.json", "[]");
  EXPECT_TRUE(has(refusal([&] { compare_environments({base, fresh}); }), "b.meta.json: expected a sidecar"));
}

TEST(compare, what_is_wrong_is_said_with_its_line) {
  const folder here;
  const auto good = here.write("b.csv", head + some_rows(8, 10, 3));
  const auto said = [&](const std::string& text) {
    return refusal([&] { compared({good, here.write("x.csv", text)}); });
  };
  EXPECT_TRUE(
      has(said(head + some_rows(8, 10, 2) + "r,nccl"), "x.csv: line 4: expected 9 fields as in the header, found 2"));
  EXPECT_TRUE(has(said(head + "r,,,,8,0,1O,,ok\n"), "x.csv: line 2: expected a number in column time_us, found '1O'"));
  EXPECT_TRUE(has(said("# nccl-tests\n"), "x.csv: expected the text or JSON of nccl-tests or rccl-tests"));
  EXPECT_TRUE(has(said(head), "x.csv: expected rows, found none"));
  EXPECT_TRUE(has(said(""), "x.csv: expected results, found an empty file"));
  EXPECT_TRUE(has(refusal([&] {
                    compared({good, "/nowhere.csv"});
                  }),
                  "/nowhere.csv: expected a file that can be read"));
}

TEST(compare, csv_and_json_read_back) {
  const folder here;
  const auto base = here.write("b.csv", head + some_rows(8, 10, 8, "12e4")),
             fresh = here.write("n.csv", head + some_rows(8, 10.5, 8, "12e4"));
  const result r = compared({base, fresh});
  std::ostringstream csv, json;
  write_csv(r, csv), write_json(r, json);
  const std::string table = csv.str();
  std::string_view text = table;
  std::vector<std::string> names, values;
  ASSERT_TRUE(csv_record(text, names) && csv_record(text, values));
  ASSERT_EQ(names.size(), values.size());
  const auto value = [&](const std::string& name) {
    return values[std::find(names.begin(), names.end(), name) - names.begin()];
  };
  EXPECT_EQ(value("verdict") + value("bytes") + value("new"), "slower8" + fresh);
  EXPECT_EQ(to_number<double>(value("ratio")), r.found.findings[0].test.ratio);
  const auto all = nlohmann::json::parse(json.str());
  EXPECT_EQ(all["findings"][0]["key"]["bytes"], 8);
  EXPECT_EQ(all["findings"][0]["key"]["library"], "12e4") << "text stays text";
  EXPECT_EQ(all["findings"][0]["ratio"], r.found.findings[0].test.ratio);
  EXPECT_EQ(all["count"]["slower"], 1);
}

/// 30 configurations, 10 launches a side. Each launch drifts as a whole (0.5%), each time scatters by 1%: iterations of
/// one launch would be alike far beyond chance.
result drawn(const folder& here, std::mt19937& random, double factor) {
  std::normal_distribution<double> normal;
  std::array<std::string, 2> text{head, head};
  for (int l = 0; l < 10; ++l)
    for (const int side : {0, 1}) {
      const double drift = 0.005 * normal(random);
      for (int k = 0; k < 30; ++k)
        text[side] += "r,x,all_reduce,ring," + std::to_string(8 << k % 20) + (k < 20 ? "0" : "4") + "," +
                      std::to_string(l) + "," +
                      to_text((side ? factor : 1) * (10 + k) * std::exp(drift + 0.01 * normal(random))) + ",1,ok\n";
    }
  return compared({here.write("b.csv", text[0]), here.write("n.csv", text[1])});
}

TEST(compare, drawn_times_of_the_same_are_not_told_apart_and_three_percent_are) {
  const folder here;
  std::mt19937 random{11};
  std::size_t told = 0, slower = 0, all = 0;
  for (int i = 0; i < 20; ++i) {
    const result same = drawn(here, random, 1), planted = drawn(here, random, 1.03);
    told += same.tally.of(verdict::faster) + same.tally.of(verdict::slower);
    slower += planted.tally.of(verdict::slower), all += planted.found.findings.size();
    EXPECT_EQ(planted.tally.of(verdict::faster), 0u);
  }
  EXPECT_EQ(all, 600u);
  EXPECT_LE(told, all / 20);
  EXPECT_GE(slower, all * 9 / 10);
  std::cout << "of 600: " << told << " of the same called faster or slower, " << slower << " of 3% called slower\n";
}

/// One program, started 20 times in a row on a busy machine of 2 cores (colossus-threads all_reduce, 36 configurations,
/// 22 November 2026); `run_id` counts the starts.
std::vector<std::vector<std::string>> recorded() {
  const auto path = std::filesystem::path{__FILE__}.parent_path() / "data" / "same_code.csv";
  const std::string all = file_text(path.string());
  std::string_view text = all;
  std::vector<std::vector<std::string>> rows;
  for (std::vector<std::string> fields; csv_record(text, fields);) rows.push_back(fields);
  return rows;
}

/// The starts for which `is_base`, against the others.
result parted(const folder& here, const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& is_base) {
  std::array<std::string, 2> text;
  for (const auto& row : rows) {
    std::string line;
    for (const std::string& field : row) line += (line.empty() ? "" : ",") + field;
    const bool is_header = &row == &rows[0], first = is_header || is_base[std::stoul(row[4])];
    if (first) text[0] += line + "\n";
    if (is_header || !first) text[1] += line + "\n";
  }
  return compared({here.write("b.csv", text[0]), here.write("n.csv", text[1])});
}

TEST(compare, recorded_times_of_the_same_are_not_told_apart) {
  const folder here;
  const auto rows = recorded();
  ASSERT_EQ(rows.size(), 1u + 20 * 36);
  std::mt19937 random{13};
  std::vector<bool> is_base(20);
  for (std::size_t i = 0; i < 20; ++i) is_base[i] = i % 2 == 0;
  std::size_t told = 0, all = 0;
  for (int i = 0; i < 20; ++i, std::shuffle(is_base.begin(), is_base.end(), random)) {  // first in turn, then at random
    const result r = parted(here, rows, is_base);
    told += r.tally.of(verdict::faster) + r.tally.of(verdict::slower), all += r.found.findings.size();
  }
  EXPECT_EQ(all, 20u * 36);
  EXPECT_LE(told, all / 20);
  std::cout << "recorded: " << told << " of " << all << " called faster or slower\n";
}

}  // namespace
}  // namespace colossus::bench::compare
