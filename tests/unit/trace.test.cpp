// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/bench/trace/trace_file.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

#include "folder.hpp"

#include <numeric>

namespace colossus::bench {
namespace {

using machine_type = topologies::nodes_of<topologies::clos>;

/// Two pods of four nodes with 4 GPUs on 4 rails.
machine_type pair_of_pods() {
  topologies::clos_shape shape;
  shape.pods = 2, shape.nodes_per_pod = 4, shape.nics_per_node = shape.rails = 4;
  shape.tiers = {{"leaf", 4, 4, 50e9, 5e-7, 6e-7}, {"spine", 64, 0, 50e9, 4e-7, 6e-7, 2, 1}};
  topologies::node_shape node;
  node.gpus = 4;
  node.speeds = {{450e9, 1e-6, 50e9, 1.5e-6}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

/// What the schedule itself says is sent: by the ranks of pod 0, and over each kind of link by all.
struct sent {
  std::int64_t messages = 0;
  double bytes = 0;
  std::vector<double> over;
};
sent all_sent(const machine_type& machine, const traced& what) {
  sent all{.over = std::vector<double>(machine.kinds().size(), 0)};
  for (int lane = 0; lane < what.script.lanes(); ++lane)
    for (rank_t rank = 0; rank < what.script.ranks(); ++rank)
      for (round_t round = 0; round < what.script.rounds(); ++round) {
        const auto t = what.script.at(lane, rank, round);
        if (t.to == nobody) continue;
        const gpu_t a = what.placement[static_cast<std::size_t>(rank)];
        const double bytes = t.share * what.bytes;
        if (machine.pod_of(a) == 0) ++all.messages, all.bytes += bytes;
        machine.route(a, what.placement[static_cast<std::size_t>(t.to)], routing::adaptive, 0,
                      [&](link_t link) { all.over[static_cast<std::size_t>(machine.kind(link))] += bytes; });
      }
  return all;
}

/// GPUs' lanes send one message after the other, none is lost, and all is over when the price says.
void expect_whole(const machine_type& machine, const traced& what, const array_trace& array, double seconds) {
  const sent all = all_sent(machine, what);
  std::int64_t messages = 0;
  double bytes = 0, last = 0;
  for (std::size_t track = 0; track < array.spans().tracks().size(); ++track) {
    double before = 0;
    for (const span_of_messages& s : array.spans().tracks()[track]) {
      ASSERT_GE(s.begin, before * (1 - 1e-12));
      ASSERT_GE(s.end, s.begin);
      if (!what.folded) {
        ASSERT_GE(s.end - s.begin, s.bytes / 450e9 * (1 - 1e-9)) << "faster than any link";
      }
      before = s.end, last = std::max(last, s.end);
      if (array.places()[track].nic.empty()) messages += s.messages, bytes += s.bytes;
    }
  }
  EXPECT_EQ(messages, all.messages);
  EXPECT_EQ(array.messages(), all.messages);
  EXPECT_NEAR(bytes, all.bytes, 1e-9 * all.bytes);
  EXPECT_LE(last, seconds * (1 + 1e-12));
  EXPECT_GT(last, 0.7 * seconds) << "the array is at work until the end, but for latencies";
  const tier_counters& counters = array.counters();
  for (std::size_t kind = 0; kind < counters.kinds(); ++kind) {
    EXPECT_NEAR(counters.sum(kind), all.over[kind], 1e-9 * all.over[kind]) << machine.kinds()[kind];
    double integral = 0;
    for (std::size_t step = 0; step < counters.steps(); ++step)
      integral += counters.rate(kind, step) * (counters.begin(step + 1) - counters.begin(step));
    EXPECT_NEAR(integral, all.over[kind], 1e-9 * all.over[kind]) << machine.kinds()[kind];
  }
}

template <class A>
void expect_trace(std::int64_t bytes, const simulate_options& how, bool shuffles = false) {
  SCOPED_TRACE(std::string{A::name} + " " + std::to_string(bytes) + " " + std::string{to_string(how.routing.kind)} +
               (how.cost_model == model::discrete_event ? " events" : ""));
  const auto machine = pair_of_pods();
  const auto placement = shuffles ? shuffled(machine, machine.gpus(), 1) : packed(machine, machine.gpus());
  const problem shape = part(machine, placement);
  const std::array sizes{bytes};
  const price priced = simulate_sweep<A>(machine, placement, shape, sizes, how).front();
  int looked = 0;
  take_apart<A>(machine, std::span{&placement, 1}, shape, bytes, how, [&](const traced& what) {
    ++looked;
    const array_trace array{what, priced.seconds, 0};
    EXPECT_NEAR(array.stretched(), 1, 1e-9) << "the times are not those of the price";
    EXPECT_EQ(array.gpus(), shuffles ? array.gpus() : 16u);
    expect_whole(machine, what, array, priced.seconds);
  });
  EXPECT_EQ(looked, 1);
}

template <class A>
void expect_traces(std::int64_t bytes) {
  simulate_options how;
  expect_trace<A>(bytes, how);
  how.routing.kind = routing::ecmp, how.routing.seeds = 1;
  expect_trace<A>(bytes, how, true);
  how.cost_model = model::discrete_event;
  expect_trace<A>(bytes, how, true);
  how.routing.kind = routing::adaptive;
  expect_trace<A>(bytes, how);
}

TEST(trace, of_a_ring_is_whole) { expect_traces<algorithms::ring>(1 << 20); }
TEST(trace, of_a_pipeline_is_whole) { expect_traces<algorithms::double_tree>(16 << 20); }
TEST(trace, of_halving_and_doubling_is_whole) { expect_traces<algorithms::halving_doubling>(1 << 20); }
TEST(trace, of_a_hierarchy_is_whole) { expect_traces<algorithms::hierarchical<>>(1 << 20); }
TEST(trace, of_lanes_a_level_apart_is_whole) { expect_traces<algorithms::hierarchical<>>(256 << 20); }

TEST(trace, of_several_draws_is_stretched_to_their_median_and_says_so) {
  const auto machine = pair_of_pods();
  const auto placement = shuffled(machine, machine.gpus(), 1);
  const problem shape = part(machine, placement);
  simulate_options how{.routing = {.kind = routing::ecmp, .seeds = 1}};
  take_apart<algorithms::ring>(machine, std::span{&placement, 1}, shape, 1 << 20, how, [&](const traced& what) {
    row r;
    r.time_us = what.folded->seconds * 2e6, r.bytes = 1 << 20, r.ranks = 32;
    const array_trace array{what, *r.time_us / 1e6, 0};
    EXPECT_NEAR(array.stretched(), 2, 1e-12);
    expect_whole(machine, what, array, *r.time_us / 1e6);
    const test::folder here;
    const std::string times = trace_file{here / "t.json", r, what, array}.drawing()["times"];
    EXPECT_NE(times.find("of the draw with seed 1, stretched by 2 to the row's time"), std::string::npos) << times;
  });
}

TEST(trace, cuts_a_message_where_the_next_of_its_lane_begins) {
  const auto machine = pair_of_pods();
  const auto placement = packed(machine, machine.gpus());
  take_apart<algorithms::double_tree>(
      machine, std::span{&placement, 1}, part(machine, placement), 16 << 20, {}, [&](const traced& what) {
        traced slow = what;
        for (auto& phase : slow.folded->phases)
          for (double& slope : phase.slope) slope *= 10;
        expect_whole(machine, slow, array_trace{slow, what.folded->seconds, 0}, what.folded->seconds);
      });
}

TEST(trace, as_a_file_ends_when_the_row_does) {
  const auto machine = pair_of_pods();
  const auto placement = packed(machine, machine.gpus());
  const test::folder here;
  take_apart<algorithms::hierarchical<>>(
      machine, std::span{&placement, 1}, part(machine, placement), 64 << 20, {}, [&](const traced& what) {
        row r;
        r.collective = "all_reduce", r.algorithm = "hierarchical", r.cost_model = "max_min", r.price_kind = "exact";
        r.bytes = 64 << 20, r.ranks = 32, r.topology = "two \"pods\"", r.time_us = what.folded->seconds * 1e6 + 5;
        const array_trace array{what, *r.time_us / 1e6, 5e-6};
        const std::size_t events = trace_file{here / "t.json", r, what, array}.write({{"evidence", "synthetic"}});
        std::ifstream in{here / "t.json"};
        const auto file = nlohmann::json::parse(in);
        EXPECT_EQ(file["displayTimeUnit"], "ns");
        EXPECT_EQ(file["otherData"]["evidence"], "synthetic");
        EXPECT_EQ(file["otherData"]["array"], "pod 0: 4 nodes, 16 GPUs");
        EXPECT_EQ(file["traceEvents"].size(), events);
        double last = 0, first = 1e9;
        std::size_t spans = 0;
        std::map<std::string, double> bytes, before, rate;
        std::map<std::pair<int, int>, double> until;
        for (const auto& e : file["traceEvents"]) {
          if (e["ph"] == "C") {
            const std::string name = e["name"];
            bytes[name] += rate[name] * (e["ts"].get<double>() - before[name]) * 1e3;  // GB/s x us
            before[name] = e["ts"], rate[name] = e["args"]["GBps"];
          }
          if (e["ph"] != "X") continue;
          const double begin = e["ts"], end = begin + e["dur"].get<double>();
          if (e["pid"] == 1) continue;  // the operation itself, which is as long as the row by definition
          last = std::max(last, end);
          ++spans, first = std::min(first, begin);
          double& busy = until[{e["pid"], e["tid"]}];
          EXPECT_GE(begin, busy * (1 - 1e-12)) << e;
          busy = end;
        }
        EXPECT_EQ(spans, array.spans().count());
        EXPECT_LE(last, *r.time_us * (1 + 1e-12));
        EXPECT_GE(last, *r.time_us - 2) << "but for a latency";
        EXPECT_DOUBLE_EQ(first, 5) << "software first";
        for (std::size_t kind = 0; kind < array.counters().kinds(); ++kind) {
          const double crossed = array.counters().sum(kind);
          EXPECT_NEAR(bytes[what.wires.kinds()[kind] + " GB/s"], crossed, 1e-6 * crossed);
        }
      });
}

TEST(track_spans, loses_nothing_where_messages_are_many) {
  track_spans all{100};
  for (int i = 0; i < 10'000; ++i)
    all.add(static_cast<std::size_t>(i % 7), {i * 1.0, i + 0.5, i % 3, i / 7, i / 7, 1, 2.0});
  all.add_run(8, {0, 0.25, 1, 0, 0, 1, 3.0}, 0.5, 1'000'000);
  EXPECT_LE(all.count(), 100u);
  std::int64_t messages = 0;
  double bytes = 0;
  for (const auto& track : all.tracks())
    for (std::size_t i = 0; i < track.size(); ++i) {
      messages += track[i].messages, bytes += track[i].bytes;
      EXPECT_LE(track[i].messages, all.together());
      if (i > 0) {
        EXPECT_EQ(track[i].first, track[i - 1].last + 1);
        EXPECT_GT(track[i].begin, track[i - 1].end);
      }
    }
  EXPECT_EQ(messages, 1'010'000);
  EXPECT_DOUBLE_EQ(bytes, 20'000 + 3e6);
  EXPECT_EQ(all.tracks()[8].back().last, 999'999);
  EXPECT_DOUBLE_EQ(all.tracks()[8].back().end, 999'999 * 0.5 + 0.25);
  EXPECT_EQ(all.tracks()[8].front().to, 1);
  EXPECT_EQ(all.tracks()[0].front().to, span_of_messages::several);
}

TEST(tier_counters, spread_bytes_over_their_time) {
  tier_counters all{2, 10, 4};  // steps of 2.5 s
  all.add(0, 1, 6, 50);
  all.add(0, 9, 10, 7);
  all.add(1, 3, 3, 4);
  EXPECT_DOUBLE_EQ(all.rate(0, 0), 15 / 2.5);
  EXPECT_DOUBLE_EQ(all.rate(0, 1), 10);
  EXPECT_DOUBLE_EQ(all.rate(0, 2), 10 / 2.5);
  EXPECT_DOUBLE_EQ(all.rate(0, 3), 7 / 2.5);
  EXPECT_DOUBLE_EQ(all.rate(1, 1), 4 / 2.5);
  EXPECT_DOUBLE_EQ(all.sum(0), 57);
}

}  // namespace
}  // namespace colossus::bench
