// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv_file.hpp>
#include <colossus/bench/rows_there.hpp>
#include <colossus/bench/sidecar.hpp>

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

namespace commands {
namespace {

using colossus::bench::read_rows;
using colossus::bench::row;
using colossus::bench::rows_there;
using colossus::bench::to_text;

/// A sweep of one of our programs into a file.
struct sweep {
  std::string program;
  std::vector<std::string> arguments;

  std::vector<std::string> command(const std::string& csv, bool resume) const {
    std::vector<std::string> all{(programs() / program).string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), {"--csv", csv});
    if (resume) all.emplace_back("--resume");
    return all;
  }
};

const sweep measured{"colossus-threads",
                     {"all_reduce", "--ranks", "1", "-b", "8", "-e", "32K", "-f", "2", "-n", "2", "-w", "0"}};
const sweep priced{"colossus-simulate",
                   {"all_reduce", "--topology", COLOSSUS_TOPOLOGY_DIR "/superpod-ndr-2su.json", "--routing",
                    "adaptive,ecmp", "--seeds", "2", "-b", "8", "-e", "1G", "-f", "2"}};

/// Starts a command and kills it with SIGKILL after so long; false where it had ended before, and then well.
bool kill_after(std::vector<std::string> command, std::chrono::microseconds time, const std::string& out) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::dup2(file, STDOUT_FILENO), ::dup2(file, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  const auto end = std::chrono::steady_clock::now() + time;
  int status = 0;
  while (std::chrono::steady_clock::now() < end) {
    if (::waitpid(child, &status, WNOHANG) == child) {
      EXPECT_EQ(status, 0) << text_of(out);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::microseconds{200});
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << text_of(out);
  return WIFSIGNALED(status);
}

/// What tells rows apart.
std::multiset<std::string> keys_of(const std::vector<row>& rows) {
  std::multiset<std::string> keys;
  for (const row& r : rows) keys.insert(rows_there::key_text(r) + "launch " + to_text(r.launch));
  return keys;
}

/// How many rows the table on the screen shows: a line of measured ones holds two, or one whose other half is missing.
std::size_t rows_on_screen(const std::string& text, bool two_a_line) {
  std::size_t rows = 0;
  std::stringstream lines{text.substr(0, text.rfind('\n') + 1)};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(' ')) rows += two_a_line && line.find("N/A") == std::string::npos ? 2 : 1;
  return rows;
}

/// A sweep that is killed again and again, and each time goes on with its file.
class killed_sweep {
 public:
  explicit killed_sweep(const sweep& s) : sweep_{s} {
    std::string line;
    for (const std::string& word : sweep_.command(here_ / "whole.csv", false)) line += "'" + word + "' ";
    const auto begun = std::chrono::steady_clock::now();
    const outcome whole = shell(line);
    took_ = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    EXPECT_EQ(whole.status, 0) << whole.err;
    keys_ = keys_of(read_rows(here_ / "whole.csv"));
    EXPECT_GT(keys_.size(), 50u);
  }

  /// Kills it at so many moments; what is done before its moment is begun anew.
  void kill(int times, std::uint32_t seed) {
    std::mt19937 random{seed};
    std::uniform_int_distribution<std::int64_t> moment{0, std::min(took_, longest).count()};
    for (int killed = 0; killed < times && !testing::Test::HasFailure();) {
      const std::string before = text_of(csv_);
      std::filesystem::remove(here_ / "out");  // it may be killed before it makes its own
      const bool was_killed =
          kill_after(sweep_.command(csv_, true), std::chrono::microseconds{moment(random)}, here_ / "out");
      killed += was_killed ? 1 : 0;
      expect_whole_rows(before);
      if (!was_killed) expect_complete(), begin_anew();
    }
    EXPECT_FALSE(kill_after(sweep_.command(csv_, true), std::chrono::seconds{20}, here_ / "out"));
    expect_complete();
  }

 private:
  /// What was there is there, and so is every row that was on the screen.
  void expect_whole_rows(const std::string& before) {
    const std::string now = text_of(csv_);
    const std::size_t had = colossus::bench::whole_lines(before), has = colossus::bench::whole_lines(now);
    ASSERT_TRUE(now.starts_with(before.substr(0, had))) << "a row is gone";
    if (has == 0) return;  // killed before the header was there
    const auto rows = colossus::bench::csv_rows(now.substr(0, has), csv_);
    const auto old_rows = had == 0 ? 0 : colossus::bench::csv_rows(before.substr(0, had), csv_).size();
    ASSERT_GE(rows.size() - old_rows, rows_on_screen(text_of(here_ / "out"), sweep_.program == "colossus-threads"));
    const auto keys = keys_of(rows);
    ASSERT_TRUE(std::includes(keys_.begin(), keys_.end(), keys.begin(), keys.end())) << "a row is there twice";
  }

  void expect_complete() {
    ASSERT_EQ(keys_of(read_rows(csv_)), keys_);
    if (sweep_.program == "colossus-simulate") expect_same_prices();
  }

  /// Prices do not depend on how often one was killed.
  void expect_same_prices() const {
    auto whole = read_rows(here_ / "whole.csv"), resumed = read_rows(csv_);
    for (row& r : whole) r.run_id.clear();
    for (row& r : resumed) r.run_id.clear();
    ASSERT_EQ(whole, resumed);
  }

  void begin_anew() const {
    std::filesystem::remove(csv_);
    std::filesystem::remove(colossus::bench::sidecar_path(csv_));
  }

  const sweep& sweep_;
  folder here_;
  std::string csv_ = here_ / "killed.csv";
  static constexpr std::chrono::microseconds longest{150'000};  // on a busy machine a sweep takes seconds
  std::chrono::microseconds took_{};
  std::multiset<std::string> keys_;
};

TEST(resume, a_measured_sweep_killed_at_100_moments_loses_no_row_and_is_completed) {
  killed_sweep sweep{measured};
  sweep.kill(100, 1);
}

TEST(resume, a_priced_sweep_killed_at_100_moments_loses_no_row_and_is_completed) {
  killed_sweep sweep{priced};
  sweep.kill(100, 2);
}

TEST(resume, another_configuration_is_refused_and_the_file_is_left_alone) {
  const folder here;
  const std::string line = "all_reduce --ranks 2 -b 8 -e 8 -n 1 -w 0 --algorithm ring --csv " + here / "x.csv";
  ASSERT_EQ(run(measured.program, line).status, 0);
  const std::string torn = text_of(here / "x.csv") + "1,half a li";
  here.write("x.csv", torn);
  for (const std::string& other : {line + " -c 0", line + " --lanes 2"})
    expect_refusal(measured.program, other + " --resume", 2, "--resume goes on with a run of the same configuration");
  EXPECT_EQ(text_of(here / "x.csv"), torn);
  const outcome same = run(measured.program, line + " --resume");
  EXPECT_EQ(same.status, 0) << same.err;
  EXPECT_NE(same.out.find("2 rows are in " + here / "x.csv" + " already; a last line that was not whole (11 bytes)"),
            std::string::npos)
      << same.out;
  EXPECT_NE(same.out.find("nothing is left to do"), std::string::npos);
  EXPECT_EQ(read_rows(here / "x.csv").size(), 2u);
}

TEST(resume, repetitions_and_launches_that_are_missing_are_made) {
  const folder here;
  const std::string line =
      "all_reduce --ranks 2 -b 8 -e 64 -f 8 -n 1 -w 0 --algorithm ring --benchmark_repetitions=3 --csv " +
      here / "x.csv";
  ASSERT_EQ(run(measured.program, line).status, 0);
  const std::string all = text_of(here / "x.csv");
  std::string some = all.substr(0, all.rfind('\n', all.size() - 2) + 1);  // but for the last row
  here.write("x.csv", some);
  ASSERT_EQ(run(measured.program, line + " --resume").status, 0);
  EXPECT_EQ(keys_of(read_rows(here / "x.csv")), keys_of(colossus::bench::csv_rows(all, "memory")));
}

TEST(launches, count_up_go_on_and_stand_beside_those_of_another_configuration) {
  const folder here;
  const std::string line = "all_reduce --ranks 2 -b 8 -e 64 -f 8 -n 1 -w 0 --algorithm ring --csv " + here / "x.csv";
  const outcome o = run(measured.program, line + " --launches 2 --versus 'NCCL_DEBUG=WARN --lanes 2'");
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("# launch 2 of 2: "), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("colossus-compare " + here / "x.csv" + " " + here / "x.versus.csv"), std::string::npos);
  ASSERT_EQ(run(measured.program, line + " --launches 3 --resume").status, 0);
  const auto rows = read_rows(here / "x.csv"), versus = read_rows(here / "x.versus.csv");
  ASSERT_EQ(rows.size(), 4u * 3);
  ASSERT_EQ(versus.size(), 4u * 2);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].launch, static_cast<std::int64_t>(i / 4));
  EXPECT_EQ(versus.front().lanes, 2);
  EXPECT_NE(text_of(here / "x.versus.meta.json").find("\"NCCL_DEBUG\": \"WARN\""), std::string::npos);
}

TEST(launches, what_cannot_be_is_refused_before_anything_is_started) {
  const folder here;
  const std::string line = "--ranks 2 -b 8 -e 8 -n 1 --algorithm ring ";
  const std::string csv = "--csv " + here.write("there.csv", "mine\n");
  expect_refusal(measured.program, line + "--launches 2", 2, "--launches keeps what it measures in a file");
  expect_refusal(measured.program, line + csv + " --launches 2", 2, "there.csv is there already");
  expect_refusal(measured.program, line + "--csv " + here / "x.csv" + " --launches 2 --versus '--lanes 0'", 2,
                 "--lanes");
  expect_refusal(measured.program, line + "--launcher 'mpirun -np 2'", 2, "--launches");
  EXPECT_FALSE(std::filesystem::exists(here / "x.csv"));
}

TEST(launches, each_knows_flags_with_glued_values_and_what_is_of_the_series) {
  const folder here;
  const std::string line = "--ranks 2 -b8 -e8 -n1 --launches 2 --algorithm ring --csv " + here / "x.csv";
  expect_refusal(measured.program, line + " --versus '--launches 2'", 2, "--launches within a launch");
  ASSERT_EQ(run(measured.program, line).status, 0);
  EXPECT_EQ(read_rows(here / "x.csv").size(), 4u);
}

TEST(launches, a_launch_that_fails_ends_them_with_its_status) {
  const folder here;
  const std::string line = "--ranks 2 -b 8 -e 8 -n 1 --algorithm ring --csv " + here / "x.csv" + " --launches 3 ";
  EXPECT_EQ(run(measured.program, line + "--launcher 'sh -c \"exit 7\"'").status, 7);
  EXPECT_EQ(run(measured.program, line + "--launcher /nowhere/mpirun").status, 5);
  EXPECT_EQ(run(measured.program, line + "--launcher 'sh -c \"kill -9 $$\"'").status, 4);
  EXPECT_FALSE(std::filesystem::exists(here / "x.csv"));
}

TEST(launches, a_launcher_is_started_and_does_not_start_them) {
  const folder here;
  const std::string line = "--ranks 2 -b 8 -e 8 -n 1 --algorithm ring --csv " + here / "x.csv" + " --launches 2";
  const outcome launched =
      shell("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=4 " + (programs() / measured.program).string() + " " + line);
  EXPECT_EQ(launched.status, 2);
  EXPECT_NE(launched.err.find("say --launcher \"mpirun -np 4\""), std::string::npos) << launched.err;
  ASSERT_EQ(run(measured.program, line + " --launcher 'env NCCL_DEBUG=INFO'").status, 0);
  EXPECT_EQ(read_rows(here / "x.csv").size(), 4u);
  EXPECT_NE(text_of(here / "x.meta.json").find("\"NCCL_DEBUG\": \"INFO\""), std::string::npos);
}

TEST(launches, one_interrupt_ends_them_with_whole_rows) {
  const folder here;
  const outcome o = shell((programs() / measured.program).string() + " --ranks 2 -b 8 -e 128M -f 2 --csv " +
                          here / "x.csv" + " --launches 1000 & child=$!; sleep 1; kill -INT $child; wait $child");
  EXPECT_EQ(o.status, 130) << o.err;
  const std::string text = text_of(here / "x.csv");
  EXPECT_EQ(colossus::bench::whole_lines(text), text.size());
  EXPECT_GT(read_rows(here / "x.csv").size(), 0u);
}

TEST(anonymise, files_hold_no_name_of_this_machine) {
  const folder here;
  const std::string csv = here / "x.csv", line = "--ranks 2 -b 8 -e 8 -n 1 --algorithm ring --anonymise";
  ASSERT_EQ(run(measured.program, line + " --system on-" + colossus::bench::host_name() + " --csv " + csv).status, 0);
  const auto rows = read_rows(csv);
  EXPECT_EQ(rows.front().slowest_host, "h000");
  EXPECT_EQ(rows.front().system, "on-h000");
  const auto meta = nlohmann::json::parse(text_of(here / "x.meta.json"));
  EXPECT_EQ(meta["runs"][0]["hosts"], nlohmann::json::array({"h000"}));
  EXPECT_EQ(meta["runs"][0]["run_id"], rows.front().run_id);
  expect_refusal(measured.program, line, 2, "--anonymise is of the files of --csv: name one");
  ASSERT_EQ(run(measured.program, line + " --launches 2 --csv " + here / "y.csv").status, 0);
  EXPECT_EQ(read_rows(here / "y.csv").size(), 4u);
}

}  // namespace
}  // namespace commands
