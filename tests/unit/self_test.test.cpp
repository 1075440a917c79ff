// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/child_process.hpp>
#include <colossus/bench/csv.hpp>
#include <colossus/bench/machine.hpp>
#include <colossus/bench/machine_checks.hpp>
#include <colossus/bench/nvml_settings.hpp>
#include <colossus/bench/pairs_findings.hpp>

#include <gtest/gtest.h>

namespace {
using namespace colossus::bench;
using json = nlohmann::ordered_json;

/// A folder of its own for files of a test.
class SelfTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path{testing::TempDir()} /
              (std::string{"colossus-"} + testing::UnitTest::GetInstance()->current_test_info()->name() + "-" +
               std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((folder_ / path).parent_path());
    std::ofstream{folder_ / path} << text << '\n';
  }
  std::filesystem::path folder_;
};

TEST_F(SelfTest, ReportSaysEverythingForPeopleAndForPrograms) {
  self_test_report report{"a title"};
  report.add({"driver", outcome::pass, "580", ""});
  report.add({"pair 0-1", outcome::fail, "wrong data", "do this"});
  report.add({"NVML", outcome::skipped, "not found", ""});
  report.keep("node", {{"host", "here"}});
  ASSERT_TRUE(report.write(folder_ / "r.txt"));
  const std::string text = colossus::bench::file_text(folder_ / "r.txt");
  EXPECT_TRUE(
      text.starts_with("a title\n1 pass, 1 fail, 1 skipped; first: pair 0-1: wrong data\n\n"
                       "pass     driver: 580\n"
                       "FAIL     pair 0-1: wrong data\n         -> do this\n"
                       "skipped  NVML: not found\n"))
      << text;
  const json all = json::parse(text.substr(text.find("--- json\n") + 9));
  EXPECT_EQ(all["findings"][1]["remedy"], "do this");
  EXPECT_EQ(all["facts"]["node"]["host"], "here");
  EXPECT_FALSE(report.write(folder_ / "no" / "such" / "folder"));
}

void hang(const std::string& file) {
  self_test_report report{"hangs"};
  report.add({"driver", outcome::pass, "580", ""});
  const self_test_watchdog watchdog{report, file, std::chrono::milliseconds{200}};
  report.begin("communicator");
  for (;;) ::pause();
}

TEST_F(SelfTest, WatchdogWritesWhatItHungInAndEndsTheProcess) {
  const std::string file = folder_ / "hung.txt";
  EXPECT_EXIT(hang(file), testing::ExitedWithCode(4), "1 pass, 1 fail, 0 skipped; first: communicator: it did not end");
  EXPECT_NE(colossus::bench::file_text(file).find("FAIL     communicator: it did not end"), std::string::npos);
}

TEST_F(SelfTest, WatchdogLeavesInPeaceWhoEndsInTime) {
  self_test_report report{"quick"};
  { const self_test_watchdog watchdog{report, folder_ / "none.txt", std::chrono::seconds{60}}; }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none.txt"));
}

TEST_F(SelfTest, ChildIsHeardAndToldVariables) {
  const auto ended = run_child({"/bin/sh", "-c", "echo first; echo proto $NCCL_PROTO >&2; exit 3"},
                               {{"NCCL_PROTO", "LL"}}, std::chrono::seconds{20});
  EXPECT_EQ(ended.status, 3);
  EXPECT_FALSE(ended.late);
  EXPECT_EQ(ended.output, "first\nproto LL\n");
  EXPECT_EQ(ended.last_line(), "proto LL");
}

TEST_F(SelfTest, ChildThatHangsIsKilled) {
  for (const char* const script : {"echo begun; sleep 50", "exec >&- 2>&-; sleep 50"}) {
    const auto begun = std::chrono::steady_clock::now();
    const auto ended = run_child({"/bin/sh", "-c", script}, {}, std::chrono::milliseconds{300});
    EXPECT_TRUE(ended.late) << script;
    EXPECT_EQ(ended.status, -1) << script;
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{10}) << script;
  }
}

TEST_F(SelfTest, ChildThatIsNotThereIsAnError) {
  EXPECT_THROW(run_child({"/no/such/program"}, {}, std::chrono::seconds{1}), colossus::error);
}

TEST_F(SelfTest, NodeWithoutAnythingIsDescribed) {
  const json node = describe_node(folder_);
  EXPECT_EQ(node["driver"], "");
  EXPECT_TRUE(node["verbs"].empty());
  EXPECT_EQ(node["fabric_manager"], "not seen");
  const auto findings = check_node(node);
  EXPECT_EQ(findings[0].what, "driver");
  EXPECT_EQ(findings[0].how, outcome::fail);
  EXPECT_EQ(findings[1].how, outcome::skipped);
  EXPECT_EQ(findings[2].how, outcome::skipped);
}

TEST_F(SelfTest, NodeWithDriverAndPortsIsDescribed) {
  put("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.1");
  put("proc/4711/comm", "nv-fabricmanage");
  put("proc/cmdline", "quiet intel_iommu=on");
  put("sys/module/nvidia_peermem/version", "1");
  for (const char* const gpu : {"nvidia0", "nvidiactl", "nvidia-uvm"}) put(std::string{"dev/"} + gpu, "");
  for (const std::string port : {"mlx5_0", "mlx5_1"}) {
    put("sys/class/infiniband/" + port + "/ports/1/state", port == "mlx5_0" ? "4: ACTIVE" : "1: DOWN");
    put("sys/class/infiniband/" + port + "/ports/1/rate", "400 Gb/sec (4X NDR)");
    put("sys/class/infiniband/" + port + "/device/numa_node", port == "mlx5_0" ? "0" : "1");
  }
  put("sys/bus/pci/devices/0000:1b:00.0/numa_node", "0");
  json node = describe_node(folder_);
  EXPECT_EQ(node["fabric_manager"], "runs");
  EXPECT_EQ(node["nvidia_peermem"], true);
  EXPECT_EQ(node["gdrcopy"], false);
  EXPECT_EQ(node["iommu"]["kernel"], json{"intel_iommu=on"});
  EXPECT_EQ(node["verbs"][0]["name"], "mlx5_0:1");
  EXPECT_EQ(node["verbs"][1]["numa"], 1);
  EXPECT_EQ(near_ports(node, {"0000:1b:00.0"}, folder_),
            (json::array({{{"pci_bus_id", "0000:1b:00.0"}, {"numa", 0}, {"near", {"mlx5_0:1"}}}})));
  node["locked_memory"] = 65536;
  node["dev_shm"] = 64.0 * (1 << 20);
  const auto findings = check_node(node);
  EXPECT_EQ(findings[0].how, outcome::pass);
  EXPECT_EQ(findings[1].how, outcome::pass);
  EXPECT_EQ(findings[2].how, outcome::fail);
  EXPECT_EQ(findings[2].found, "not active: mlx5_1:1 (400 Gb/sec (4X NDR)); active: mlx5_0:1 (400 Gb/sec (4X NDR))");
  EXPECT_EQ(findings[3].how, outcome::fail);
  EXPECT_EQ(findings[4].how, outcome::fail);
  node["locked_memory"] = "unlimited";
  EXPECT_EQ(check_node(node)[3].how, outcome::pass);
  std::filesystem::remove(folder_ / "dev/nvidia-uvm");
  EXPECT_EQ(check_node(describe_node(folder_))[1].how, outcome::fail);
}

TEST_F(SelfTest, GpusWithSomethingWrongFailWithTheRemedy) {
  const nvml library{COLOSSUS_NVML_STUB};
  const std::vector<std::string> ids{"0000:1B:00.0", "0000:43:00.0", "0000:99:00.0"};
  const auto findings = colossus::bench::detail::check_gpus(gpu_settings(ids, library), gpu_readings(ids, library));
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings[0].how, outcome::fail);
  for (const char* const part : {"2 uncorrected ECC errors", "MIG is on", "PCIe x8 of x16", "NVLinks down: 5",
                                 "fabric: degraded bandwidth", "clocks held down: hardware thermal slowdown"})
    EXPECT_NE(findings[0].found.find(part), std::string::npos) << part << " in " << findings[0].found;
  EXPECT_EQ(findings[1].how, outcome::pass);
  EXPECT_EQ(findings[2].how, outcome::skipped);
}

TEST_F(SelfTest, PairsThatFailAreNamedAndManyAreNotListed) {
  const std::vector<pair_end> two{{"a", 0, ""}, {"b", 3, ""}};
  pair_result p{.a = 0, .b = 1, .GBps = 25, .us = 9};
  auto findings = findings_of_pairs({p}, two);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].found, "25.0 GB/s each way, 9.0 us");
  p.answered = false;
  findings = findings_of_pairs({p}, two);
  EXPECT_EQ(findings[0].how, outcome::fail);
  EXPECT_EQ(findings[0].found, "no answer: a GPU 0 (rank 0) - b GPU 3 (rank 1)");
  std::vector<pair_result> many(100, {.a = 0, .b = 1, .GBps = 25, .us = 9});
  many[7].wrong = 1;
  EXPECT_EQ(findings_of_pairs(many, two).size(), 2u);
}

}  // namespace
