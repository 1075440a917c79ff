// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/job_pricing.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace colossus::bench {
namespace {

const std::string shipped = std::string{COLOSSUS_TOPOLOGY_DIR} + "/../bench/jobs/";

const nlohmann::json small = nlohmann::json::parse(R"({
  "job": 1, "name": "small",
  "parallel": {"tensor": 2, "pipeline": 3, "data": 4, "expert": 2},
  "collectives": [{"name": "a", "collective": "all_reduce", "group": "data", "bytes": 8, "count": 3}]
})");

/// The refusal of a job that differs from the small one by a patch (RFC 7386).
std::string refusal(const std::string& patch) {
  const auto path = std::filesystem::temp_directory_path() / ("colossus-job-" + std::to_string(::getpid()) + ".json");
  nlohmann::json json = small;
  json.merge_patch(nlohmann::json::parse(patch));
  std::ofstream{path} << json;
  try {
    (void)read_job(path.string());
  } catch (const error& e) {
    std::filesystem::remove(path);
    EXPECT_EQ(e.kind(), failure::input);
    EXPECT_TRUE(std::string{e.what()}.starts_with(path.string() + ": /")) << e.what();
    return std::string{e.what()}.substr(path.string().size() + 2);
  }
  ADD_FAILURE() << "not refused: " << patch;
  return {};
}

TEST(Job, ErrorsNameFileAndPath) {
  EXPECT_EQ(refusal(R"({"parallel": {"expert": 3}})").substr(0, 60),
            "/parallel/expert: expected a divisor of data, 4, found 3: ex");
  EXPECT_EQ(refusal(R"({"parallel": {"tensor": 0}})"),
            "/parallel/tensor: expected an integer from 1 to 1000000, found 0");
  EXPECT_EQ(refusal(R"({"parallel": {"order": ["tensor", "data", "data"]}})").substr(0, 47),
            "/parallel/order: expected tensor, data and pipe");
  EXPECT_EQ(refusal(R"({"parallel": {"tensor": 1000000, "data": 1000000}})").substr(0, 19), "/parallel: tensor x");
  EXPECT_EQ(refusal(R"({"collectives": []})"), "/collectives: expected at least one collective, found none");
  EXPECT_EQ(refusal(R"({"compute_s": 0})"), "/compute_s: expected a number above 0, found 0");
  EXPECT_EQ(refusal(R"({"colour": 1})").substr(0, 20), "/colour: unknown key");
  const auto part = [](const std::string& fields) {
    return refusal(R"({"collectives": [{"name": "a", "collective": "all_reduce", "group": "data", "bytes": 8, )" +
                   fields + "}]}");
  };
  EXPECT_EQ(part(R"("count": 0)"), "/collectives/0/count: expected an integer from 1 to 1000000000, found 0");
  EXPECT_EQ(part(R"("count": 1, "overlap": {"share": 1.5, "with": "b"})"),
            "/collectives/0/overlap/share: expected a number from 0 to 1, found 1.5");
  EXPECT_EQ(part(R"("count": 1, "overlap": {"share": 0.5})"),
            "/collectives/0/overlap: expected a key \"with\", found none");
  EXPECT_EQ(part(R"("count": 1, "group": "rows")").substr(0, 60),
            "/collectives/0/group: expected one of tensor, pipeline, data");
  EXPECT_EQ(part(R"("count": 1, "collective": "gossip")").substr(0, 46),
            "/collectives/0/collective: expected one of all");
}

/// Two ranks are in one group exactly if they differ in nothing but what the group is along.
TEST(JobLayout, GroupsAreTheAxes) {
  using enum job_axis;
  for (const auto order : {std::array{tensor, data, pipeline}, std::array{pipeline, tensor, data},
                           std::array{data, pipeline, tensor}, std::array{pipeline, data, tensor}}) {
    const job_layout l{.tensor = 2, .pipeline = 3, .data = 12, .expert = 4, .order = order};
    ASSERT_EQ(l.ranks(), 72);
    const auto alike = [&](rank_t a, rank_t b, job_group group) {
      const bool t = l.coordinate(a, tensor) == l.coordinate(b, tensor);
      const bool p = l.coordinate(a, pipeline) == l.coordinate(b, pipeline);
      const rank_t da = l.coordinate(a, data), db = l.coordinate(b, data);
      switch (group) {
        case job_group::tensor:
          return p && da == db;
        case job_group::pipeline:
          return t && da == db;
        case job_group::data:
          return t && p;
        case job_group::expert:
          return t && p && da / l.expert == db / l.expert;
        case job_group::expert_data:
          return t && p && da % l.expert == db % l.expert;
        case job_group::all:
          break;
      }
      return true;
    };
    std::vector<gpu_t> gpus(72);
    for (std::size_t i = 0; i < gpus.size(); ++i) gpus[i] = static_cast<gpu_t>(2 * i + 1);
    for (const auto& [group, name] : job_groups) {
      for (rank_t a = 0; a < l.ranks(); ++a)
        for (rank_t b = 0; b < l.ranks(); ++b)
          ASSERT_EQ(l.group_of(a, group) == l.group_of(b, group), alike(a, b, group)) << name << a << " " << b;
      const auto groups = l.groups(gpus, group);
      std::set<gpu_t> seen;
      for (const auto& members : groups) {
        EXPECT_EQ(static_cast<rank_t>(members.size()), l.group_size(group)) << name;
        EXPECT_TRUE(std::ranges::is_sorted(members));
        seen.insert(members.begin(), members.end());
      }
      EXPECT_EQ(seen, std::set<gpu_t>(gpus.begin(), gpus.end())) << name;
    }
  }
}

TEST(JobLayout, NeighboursAreTensorRanksThenExperts) {
  const job_layout l{.tensor = 2, .pipeline = 3, .data = 4, .expert = 2};
  std::vector<gpu_t> gpus(24);
  std::iota(gpus.begin(), gpus.end(), 0);
  EXPECT_EQ(l.groups(gpus, job_group::tensor)[1], (std::vector<gpu_t>{2, 3}));
  EXPECT_EQ(l.groups(gpus, job_group::expert)[0], (std::vector<gpu_t>{0, 2}));
  EXPECT_EQ(l.groups(gpus, job_group::expert_data)[0], (std::vector<gpu_t>{0, 4}));
  EXPECT_EQ(l.groups(gpus, job_group::data)[0], (std::vector<gpu_t>{0, 2, 4, 6}));
  EXPECT_EQ(l.groups(gpus, job_group::pipeline)[0], (std::vector<gpu_t>{0, 8, 16}));
}

TEST(StepCost, ComputingHidesNoMoreThanItLasts) {
  job_collective often, once;
  often.count = 4, often.bytes = 10, often.overlap = 0.5;
  once.bytes = 100;
  std::vector<priced_part> parts(2);
  parts[0].what = &often, parts[0].at_once.seconds = 0.5, parts[0].at_once.utilisation = {0.5, 1};
  parts[0].at_once.wire_factor = 2;
  parts[1].what = &once, parts[1].at_once.seconds = 1, parts[1].at_once.utilisation = {0, 0.5};
  const step_cost alone = sum_up(parts, {}), roomy = sum_up(parts, 3.0), tight = sum_up(parts, 0.25);
  EXPECT_DOUBLE_EQ(alone.messages_s, 3);
  EXPECT_DOUBLE_EQ(alone.hidden_s, 1);
  EXPECT_DOUBLE_EQ(alone.step_s, 2);
  EXPECT_DOUBLE_EQ(roomy.step_s, 5);
  EXPECT_DOUBLE_EQ(tight.hidden_s, 0.25);
  EXPECT_DOUBLE_EQ(tight.step_s, 3);
  EXPECT_DOUBLE_EQ(roomy.use[0], 0.5 * 2 / 5);
  EXPECT_DOUBLE_EQ(roomy.use[1], (1.0 * 2 + 0.5 * 1) / 5);
  EXPECT_DOUBLE_EQ(roomy.bytes_sent, 4 * 10 * 2);
}

TEST(Job, ShippedExamplesAddUp) {
  for (const auto& [name, ranks] : {std::pair{"moe-314b-15k", 15'000}, std::pair{"moe-314b-100k", 100'352}}) {
    const job j = read_job(shipped + name + ".json");
    EXPECT_EQ(j.name, name);
    EXPECT_EQ(j.layout.ranks(), ranks);
    EXPECT_GE(j.assumptions.size(), 8u);
    ASSERT_TRUE(j.compute_s.has_value());
    constexpr double expert = 3.0 * 6144 * 32768, attention = 2.0 * 6144 * 6144 + 2.0 * 6144 * 1024;
    double gathered = 0;  // parameters of one copy of the model, 2 B each; the output layer counts as one
    for (const job_collective& c : j.collectives) {
      EXPECT_FALSE(c.because.empty()) << c.name;
      EXPECT_EQ(c.overlap > 0, !c.with.empty()) << c.name;
      if (c.name.starts_with("parameters of"))
        gathered += static_cast<double>(c.bytes) / 2 * j.layout.tensor * j.layout.pipeline *
                    (c.group == job_group::expert_data ? j.layout.expert : 1);
    }
    EXPECT_NEAR(gathered / (64 * (8 * expert + attention)), 1, 0.016) << name;
  }
}

}  // namespace
}  // namespace colossus::bench
