// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/anonymise.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

using json = nlohmann::ordered_json;

TEST(anonymise, hosts_are_numbered_as_they_come_and_keep_their_names) {
  anonymiser a;
  EXPECT_EQ(a.host("gpu07.cluster.example"), "h000");
  EXPECT_EQ(a.host("gpu12"), "h001");
  EXPECT_EQ(a.host("gpu07"), "h000") << "with its domain or without it is one host";
  EXPECT_EQ(a.host("gpu12.cluster.example"), "h001");
  EXPECT_EQ(a.host("10.0.0.1"), "h002");
  EXPECT_EQ(a.host("10.0.0.2"), "h003") << "addresses have no domain";
  EXPECT_EQ(a.host(""), "");
  for (int i = 4; i < 1000; ++i) (void)a.host("n" + std::to_string(i));
  EXPECT_EQ(a.host("the thousand and first"), "h1000");
}

TEST(anonymise, text_loses_hosts_numbers_and_home_folders_and_nothing_else) {
  anonymiser a;
  (void)a.host("gpu07"), (void)a.host("big-mem-3");
  EXPECT_EQ(a.text("gpu07:0,gpu07.cluster.example:29500 lan-gpu07 gpu07.csv"), "h000:0,h000:29500 lan-h000 h000.csv");
  EXPECT_EQ(a.text("results/big-mem-3/big-mem-31.csv"), "results/h001/big-mem-31.csv");
  EXPECT_EQ(a.text("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6 0000:1B:00.0 98:03:9b:03:00:aa"), "GPU-* * *");
  EXPECT_EQ(a.text("fe80:0000:0000:00aa and 10.1.2.3:5"), "* and h002:5");
  EXPECT_EQ(a.text("/home/alice/x.json --algorithm=hierarchical:inner=ring+outer=double_tree"),
            "~/x.json --algorithm=hierarchical:inner=ring+outer=double_tree");
  for (const std::string same :
       {"gcc 12.2.0", "Linux 6.18.44-fc-v769 x86_64", "2026-11-22T06:30:00Z", "mlx5_0:1",
        "topologies/colossus-100k.json", "20261122T174738Z-4456bf56", "", "-e", "81749f8bf836"})
    EXPECT_EQ(a.text(same), same);
}

TEST(anonymise, a_row_has_no_host_left_in_any_column) {
  anonymiser a;
  row r;
  r.slowest_host = "gpu07", r.system = "rack 3 with gpu07", r.tags = "note=x;pair=0-9;ends=gpu07:1,gpu08:0;by=gpu08";
  a.anonymise(r);
  EXPECT_EQ(r.tags, "note=x;pair=0-9;ends=h000:1,h001:0;by=h001");
  EXPECT_EQ(r.slowest_host, "h000");
  EXPECT_EQ(r.system, "rack 3 with h000");
}

TEST(anonymise, a_sidecar_keeps_what_explains_figures_and_names_nobody) {
  anonymiser a;
  json run = json::parse(R"({"run_id": "r1", "argv": ["/home/bob/bin/x", "--csv", "gpu[1].csv", "--tags", "at=gpu08"],
    "program_version": "0.1.0", "hosts": ["gpu07", "gpu08"], "cores": 2,
    "env": {"SLURM_JOB_NODELIST": "gpu[07-09]", "SLURM_JOB_ID": "4711", "NCCL_COMM_ID": "gpu07:29500",
            "CUDA_VISIBLE_DEVICES": "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "NCCL_ALGO": "Ring"},
    "gpu": {"processes": [{"host": "gpu07", "gpus": [{"rank": 0, "pci_bus_id": "0000:1b:00.0", "name": "H100"}]}],
            "settings": {"uuid": "x", "serial_number": 5,
                         "nvlink": {"remote": {"switch 0000:05:00.0": 4, "switch 0000:06:00.0": 5}}}}})");
  a.anonymise(run);
  EXPECT_EQ(run, json::parse(R"({"run_id": "r1", "argv": ["~/bin/x", "--csv", "gpu[1].csv", "--tags", "at=h001"],
    "program_version": "0.1.0", "hosts": ["h000", "h001"], "cores": 2,
    "env": {"SLURM_JOB_NODELIST": "h000,h001,h002", "NCCL_COMM_ID": "h000:29500", "CUDA_VISIBLE_DEVICES": "GPU-*",
            "NCCL_ALGO": "Ring"},
    "gpu": {"processes": [{"host": "h000", "gpus": [{"rank": 0, "name": "H100"}]}],
            "settings": {"nvlink": {"remote": {"switch *": 9}}}}})"));
  EXPECT_EQ(a.host("gpu09"), "h002") << "rows have the names of the sidecar";
}

}  // namespace
}  // namespace colossus::bench
