// SPDX-License-Identifier: Apache-2.0
// What finds out whether a node works: --self-test, send_recv --pairs and bench/first_contact, without a driver and on
// the fakes of tests/fake_gpu, whole and with a broken link.
#include "command.hpp"

#include <regex>

namespace commands {
namespace {

class contact : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(programs() / "colossus-nccl")) GTEST_SKIP() << "colossus-nccl was not built";
  }
  static std::string nccl() { return (programs() / "colossus-nccl").string(); }

  /// The variables of so many fake GPUs, and further ones; the command behind them.
  static std::string on(int gpus, const std::string& command, const std::string& variables = {}) {
    return "env LD_LIBRARY_PATH=" + fakes().string() +
           ":$LD_LIBRARY_PATH FAKE_GPU=1 FAKE_GPU_QUIET=1 FAKE_GPU_DEVICES=" + std::to_string(gpus) + " " + variables +
           " " + command;
  }
  static bool no_fakes() { return !std::filesystem::exists(fakes() / "libnccl.so.2"); }
  static std::filesystem::path fakes() { return programs().parent_path() / "fake_gpu"; }
  static std::string broken(const std::string& how) {
    return std::string{"LD_PRELOAD=" COLOSSUS_FAULTY_NCCL " "} + how;
  }
  /// The part of a report that people read.
  static std::string findings(const std::string& file) {
    const std::string text = text_of(file);
    return text.substr(0, text.find("\n--- json"));
  }
  static int times(const std::string& text, const std::string& what) {
    const std::regex wanted{what};
    return static_cast<int>(std::distance(std::sregex_iterator{text.begin(), text.end(), wanted}, {}));
  }
};

TEST_F(contact, self_test_without_a_driver_says_so_and_ends) {
  if (std::filesystem::exists("/proc/driver/nvidia/version")) GTEST_SKIP() << "there is a driver";
  const folder here;
  const outcome o = shell(nccl() + " --self-test " + here / "r.txt");
  EXPECT_EQ(o.status, 5) << o.err;
  const std::string found = findings(here / "r.txt");
  EXPECT_EQ(times(found, "\nFAIL     driver: none"), 1) << found;
  for (const char* const step : {"processes", "protocols", "communicator", "pairs"})
    EXPECT_EQ(times(found, std::string{"\nskipped  "} + step + ": no device"), 1) << step << "\n" << found;
}

TEST_F(contact, self_test_passes_on_whole_gpus) {
  if (no_fakes()) GTEST_SKIP() << "the fake GPU was not built";
  const folder here;
  const outcome o = shell(on(3, nccl() + " --self-test " + here / "r.txt"));
  const std::string found = findings(here / "r.txt");
  EXPECT_EQ(o.status, 0) << o.err << found;
  EXPECT_EQ(times(found, "\nFAIL"), 0) << found;
  EXPECT_EQ(times(found, "\npass     pair [012]-[012]: "), 3) << found;
  EXPECT_EQ(times(found, "\npass     all_reduce by (Simple|LL|LL128): "), 3) << found;
  EXPECT_EQ(times(found, "FAKES on host memory, nothing here is of a GPU"), 1) << found;
}

TEST_F(contact, self_test_names_the_dead_pair_and_no_other) {
  if (no_fakes()) GTEST_SKIP() << "the fake GPU was not built";
  const folder here;
  const outcome o = shell(on(4, nccl() + " --self-test " + here / "r.txt", "FAKE_NCCL_LOST=3:21"));
  const std::string found = findings(here / "r.txt");
  EXPECT_EQ(o.status, 1) << o.err << found;
  EXPECT_EQ(times(found, "\nFAIL     pair"), 1) << found;
  EXPECT_EQ(times(found, "\nFAIL     pair 2-3: no answer: "), 1) << found;
  EXPECT_EQ(times(found, "\npass     pair 0-1: "), 1) << found;
}

TEST_F(contact, pairs_name_wrong_data) {
  if (no_fakes()) GTEST_SKIP() << "the fake GPU was not built";
  const outcome o = shell(on(4, nccl() + " send_recv --pairs -b 64K -e 64K -n 2 -w 1", broken("NCCL_SPOILS=1-3")));
  EXPECT_EQ(o.status, 1) << o.err;
  EXPECT_EQ(times(o.out, "\n# wrong data: "), 1) << o.out;
  EXPECT_EQ(times(o.out, "\n# wrong data: [^\n]*rank 1, [^\n]*rank 3, "), 1) << o.out;
}

TEST_F(contact, pairs_name_a_dead_pair_and_end) {
  if (no_fakes()) GTEST_SKIP() << "the fake GPU was not built";
  const folder here;
  const outcome o =
      shell(on(4, nccl() + " send_recv --pairs -b 64K -e 64K -n 2 -w 1 --deadline 6 --csv " + here / "p.csv",
               "FAKE_NCCL_LOST=3:12"));
  EXPECT_EQ(o.status, 4) << o.err;
  EXPECT_EQ(times(o.out, "\n# no answer: "), 1) << o.out;
  EXPECT_EQ(times(o.out, "\n# no answer: [^\n]*rank 2, [^\n]*rank 3, "), 1) << o.out;
  const std::string rows = text_of(here / "p.csv");
  EXPECT_EQ(times(rows, ",timeout,[^\n]*pair=2-3;"), 2) << rows;
  EXPECT_EQ(times(rows, ",ping_pong,[^\n]*,launches,[^\n]*,ok,"), 3) << rows;  // four GPUs of one thread
  EXPECT_EQ(times(rows, ",launches,"), 3) << rows;
  EXPECT_EQ(times(o.out, "\n# [^\n]*launches, not links, set the latency"), 1) << o.out;
}

class first_contact : public contact {
 protected:
  static std::string script() { return COLOSSUS_SOURCE_DIR "/bench/first_contact"; }
};

TEST_F(first_contact, without_a_gpu_packs_why_not) {
  if (std::filesystem::exists("/proc/driver/nvidia/version")) GTEST_SKIP() << "there is a driver";
  const folder here;
  const outcome o = shell(script() + " --program " + nccl() + " --out " + here / "c.tar.gz");
  EXPECT_EQ(o.status, 5) << o.err;
  EXPECT_EQ(times(o.out, "no GPU could be used: FAIL driver: none: "), 1) << o.out;
  const outcome listed = shell("tar tzf " + here / "c.tar.gz");
  EXPECT_EQ(times(listed.out, "/(summary|self-test-report|system).txt\n"), 3) << listed.out;
}

TEST_F(first_contact, measures_and_packs_within_its_time) {
  if (no_fakes()) GTEST_SKIP() << "the fake GPU was not built";
  const folder here;
  const outcome o =
      shell(on(2, script() + " --program " + nccl() + " --max 64 --seconds 60 --out " + here / "c.tar.gz"));
  EXPECT_EQ(o.status, 0) << o.out << o.err;
  EXPECT_EQ(times(o.out, "  self-test: ok in "), 1) << o.out;
  EXPECT_EQ(times(o.out, "  pairs: ok in "), 1) << o.out;
  const outcome listed = shell("tar tzf " + here / "c.tar.gz");
  EXPECT_EQ(times(listed.out, "/(pairs|baseline).(csv|meta.json)\n"), 4) << o.out << listed.out;
}

TEST_F(first_contact, names_what_is_missing_to_build) {
  const folder here;
  std::filesystem::create_directories(here / "bin");  // a machine without any compiler
  for (const std::string tool :
       {"awk",   "bash",     "cat", "cut", "date", "dirname", "env",  "git", "grep", "head",    "ls", "mkdir", "mktemp",
        "nproc", "readlink", "rm",  "sed", "sort", "stat",    "tail", "tar", "tee",  "timeout", "tr", "uname", "gzip"})
    for (const std::string in : {"/bin/", "/usr/bin/"})
      if (std::filesystem::exists(in + tool) && !std::filesystem::exists(here / ("bin/" + tool)))
        std::filesystem::create_symlink(in + tool, here / ("bin/" + tool));
  const outcome o = shell("env -i PATH=" + here / "bin" + " bash " + script() + " --out " + here / "c.tar.gz");
  EXPECT_EQ(o.status, 5) << o.out << o.err;
  EXPECT_EQ(times(o.out, "nothing was built: missing: "), 1) << o.out << o.err;
  EXPECT_EQ(times(shell("tar tzf " + here / "c.tar.gz").out, "/missing.txt\n"), 1) << o.out;
}

TEST_F(first_contact, refuses_what_it_does_not_know) {
  const outcome o = shell(script() + " --sizes 3");
  EXPECT_EQ(o.status, 2);
  EXPECT_EQ(o.err, "first_contact: unknown argument --sizes (--help lists them)\n");
}

}  // namespace
}  // namespace commands
