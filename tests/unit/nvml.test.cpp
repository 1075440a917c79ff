// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/nvml_settings.hpp>

#include <gtest/gtest.h>

namespace {
using colossus::bench::gpu_readings;
using colossus::bench::gpu_settings;
using colossus::bench::nvml;
using json = nlohmann::ordered_json;

const std::vector<std::string> ids{"0000:1B:00.0", "0000:43:00.0", "0000:99:00.0"};

TEST(Nvml, SaysInWordsThatThereIsNone) {
  const nvml none{"libno-such-nvidia-ml.so.1"};
  EXPECT_FALSE(none.usable());
  EXPECT_EQ(gpu_readings(ids, none), (json{{"nvml", "not found"}}));
  EXPECT_EQ(gpu_settings(ids, none), (json{{"nvml", "not found"}}));
}

TEST(Nvml, SaysThatALibraryIsAnother) { EXPECT_EQ(nvml{"libm.so.6"}.state(), "no nvmlInit_v2 in it"); }

TEST(Nvml, ReadsClocksReasonsTemperatureAndPower) {
  const json all = gpu_readings(ids, nvml{COLOSSUS_NVML_STUB});
  EXPECT_EQ(all["driver"], "580.00");
  const json& gpu = all["gpus"][0];
  EXPECT_EQ(gpu["pci_bus_id"], "0000:1B:00.0");
  EXPECT_EQ(gpu["sm_MHz"], 1755);
  EXPECT_EQ(gpu["sm_max_MHz"], 1980);
  EXPECT_EQ(gpu["memory_MHz"], 2619);
  EXPECT_EQ(gpu["memory_max_MHz"], 2620);
  EXPECT_EQ(gpu["temperature_C"], 61);
  EXPECT_EQ(gpu["power_W"], 512.5);
  EXPECT_EQ(gpu["power_limit_W"], 700.0);
}

TEST(Nvml, PutsThrottleReasonsInWordsWithTheOlderName) {
  EXPECT_EQ(gpu_readings(ids, nvml{COLOSSUS_NVML_STUB})["gpus"][0]["throttle_reasons"],
            (json{"software power cap", "hardware thermal slowdown", "others: 4096"}));
}

TEST(Nvml, SaysWhatAGpuDoesNotHaveInNvmlsWords) {
  const nvml library{COLOSSUS_NVML_STUB};
  const json all = gpu_readings(ids, library);
  EXPECT_EQ(all["gpus"][1]["sm_MHz"], "Not Supported");
  EXPECT_EQ(all["gpus"][1]["power_W"], "Not Supported");
  EXPECT_EQ(all["gpus"][1]["throttle_reasons"], "Not Supported");
  EXPECT_EQ(all["gpus"][2]["nvml"], "knows no GPU at this address");
  const json settings = gpu_settings(ids, library);
  EXPECT_EQ(settings["gpus"][0]["pcie_generation"], "not in this driver");
  EXPECT_EQ(settings["gpus"][1]["nvlink"], "Not Supported");
  EXPECT_EQ(settings["gpus"][1]["fabric"]["state"], "Not Supported");
}

TEST(Nvml, ReadsNamesAndModes) {
  const json gpu = gpu_settings(ids, nvml{COLOSSUS_NVML_STUB})["gpus"][0];
  EXPECT_EQ(gpu["name"], "Stub GPU");
  EXPECT_EQ(gpu["uuid"], "GPU-1");
  EXPECT_EQ(gpu["mig"], "enabled");
  EXPECT_EQ(gpu["compute_mode"], "exclusive process");
  EXPECT_EQ(gpu["persistence"], "on");
  EXPECT_EQ(gpu["pcie_width"], 8);
  EXPECT_EQ(gpu["pcie_width_max"], 16);
  EXPECT_EQ(gpu["ecc"]["mode"], "enabled, disabled after a reset");
  EXPECT_EQ(gpu["ecc"]["corrected"], 7'000'000'000);
  EXPECT_EQ(gpu["ecc"]["uncorrected"], 2);
}

TEST(Nvml, CountsLinksAndNamesTheirOtherEnds) {
  const json links = gpu_settings(ids, nvml{COLOSSUS_NVML_STUB})["gpus"][0]["nvlink"];
  EXPECT_EQ(links["up"], 17);
  EXPECT_EQ(links["down"], json{5});
  EXPECT_EQ(links["remote"], (json{{"switch 00000000:07:00.0", 9}, {"switch 00000000:08:00.0", 8}}));
}

TEST(Nvml, AsksForTheFabricInItsSecondVersion) {
  EXPECT_EQ(gpu_settings(ids, nvml{COLOSSUS_NVML_STUB})["gpus"][0]["fabric"],
            (json{{"state", "completed"}, {"status", "ok"}, {"degraded_bandwidth", true}, {"clique", 9}}));
}

}  // namespace
