// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies/from_file.hpp>
#include <colossus/topologies/single_switch.hpp>

#include <gtest/gtest.h>

#include "replay.hpp"

namespace colossus {
namespace {

constexpr double bytes_per_s = 50e9, latency_s = 2e-6;
constexpr std::int64_t sizes[] = {8, 65536, 1 << 20, 1 << 26, std::int64_t{1} << 30};

/// 4 pods x 8 nodes of one GPU each below a non-blocking two-tier Clos: every GPU has a NIC of its own.
const topologies::nodes_of<topologies::clos>& single_gpu_clos() {
  static const loaded file = load_topology(COLOSSUS_TOPOLOGY_DIR "/../tests/simulation/data/single-gpu-clos.json");
  return std::get<topologies::nodes_of<topologies::clos>>(file.fabric);
}
const topologies::nodes_of<topologies::clos>& superpod() {
  static const loaded file = load_topology(COLOSSUS_TOPOLOGY_DIR "/superpod-ndr-2su.json");
  return std::get<topologies::nodes_of<topologies::clos>>(file.fabric);
}
template <class T>
double capacity_of(const T& machine, const std::string& kind) {
  for (link_t link = 0; link < machine.links(); ++link)
    if (machine.kinds()[static_cast<std::size_t>(machine.kind(link))] == kind && machine.uses(routing::adaptive, link))
      return machine.capacity(link);
  return 0;
}

template <class A>
price priced(const auto& machine, problem shape, std::int64_t bytes, const simulate_options& options = {}) {
  const auto placement = packed(machine, shape.ranks);
  return simulate_sweep<A>(machine, placement, shape, std::span{&bytes, 1}, options).front();
}
void expect_near(double found, double expected, const std::string& what) {
  EXPECT_NEAR(found / expected, 1, 1e-9) << what << ": expected " << expected << ", found " << found;
}

TEST(ClosedForm, RingOnOneSwitch) {
  for (const rank_t p : {2, 3, 8, 100, 1000})
    for (const std::int64_t bytes : sizes) {
      const topologies::single_switch machine{p, bytes_per_s, latency_s};
      const double form = 2.0 * (p - 1) * (static_cast<double>(bytes) / p / bytes_per_s + latency_s);
      for (const model m : {model::alpha_beta, model::max_min}) {
        const price found = priced<algorithms::ring>(machine, {.ranks = p}, bytes, {.cost_model = m});
        expect_near(found.seconds, form, "ring, P = " + std::to_string(p));
        EXPECT_EQ(found.kind, "exact");
      }
      expect_near(priced<algorithms::ring_reduce_scatter>(machine, {.ranks = p}, bytes).seconds, form / 2,
                  "ring reduce_scatter");
    }
}

TEST(ClosedForm, HalvingDoublingOnOneSwitch) {
  for (const rank_t p : {2, 8, 64, 1024})
    for (const std::int64_t bytes : sizes) {
      const topologies::single_switch machine{p, bytes_per_s, latency_s};
      const int levels = std::countr_zero(static_cast<std::uint32_t>(p));
      const double form = 2 * levels * latency_s + 2.0 * (p - 1) / p * static_cast<double>(bytes) / bytes_per_s;
      expect_near(priced<algorithms::halving_doubling>(machine, {.ranks = p}, bytes).seconds, form, "halving-doubling");
      const double doubling = levels * (static_cast<double>(bytes) / bytes_per_s + latency_s);
      expect_near(priced<algorithms::recursive_doubling>(machine, {.ranks = p}, bytes).seconds, doubling,
                  "recursive doubling");
    }
}

/// One edge each way: c chunks follow each other over it up, then down.
TEST(ClosedForm, PipelinedTreeOfTwoRanks) {
  const topologies::single_switch machine{2, bytes_per_s, latency_s};
  for (const std::int64_t bytes : sizes) {
    const double form = 2 * (static_cast<double>(bytes) / bytes_per_s + latency_s);
    expect_near(priced<algorithms::double_tree>(machine, {.ranks = 2}, bytes).seconds, form, "double tree of two");
  }
}

/// Without latency, P = 2^k: the first chunk needs 2k - 1 rounds to the root (each level one for its hop and one for
/// the other child), and every other chunk ends one round later.
TEST(ClosedForm, PipelinedTreeIsItsFillAndItsChunks) {
  for (const int log_ranks : {1, 2, 3, 4, 6, 8})
    for (const block_t chunks : {2, 8, 20, 128}) {
      const rank_t p = 1 << log_ranks;
      const topologies::single_switch machine{p, bytes_per_s, 0};
      const double round = (1 << 20) / bytes_per_s / chunks;
      const double form = round * (chunks + 2 * log_ranks - 2);
      expect_near(simulate(double_tree_up{p, chunks}, machine, 1 << 20).seconds, form, "up, P = " + std::to_string(p));
      expect_near(simulate(reversed{double_tree_up{p, chunks}}, machine, 1 << 20).seconds, form, "down");
    }
}

TEST(ClosedForm, HierarchyOfRingsOnSuperpod) {
  using rings = algorithms::hierarchical<algorithms::ring, algorithms::ring>;
  const auto& machine = superpod();
  const rank_t nodes = 32;
  const double nvlink = capacity_of(machine, "NVLink out"), nic = capacity_of(machine, "NIC out");
  const double near = machine.latency_s(0, 1), far = machine.latency_s(0, 8);
  for (const std::int64_t bytes : sizes) {
    const auto data = static_cast<double>(bytes);
    const double form = 2 * 7 * (data / 8 / nvlink + near) + 2 * (nodes - 1) * (data / 8 / nodes / nic + far);
    const problem whole{
        .ranks = 8 * nodes, .nodes = nodes, .pods = 1, .lanes = 1, .chunk_bytes = std::int64_t{1} << 40};
    expect_near(priced<rings>(machine, whole, bytes).seconds, form, "hierarchy of rings, one slice");
    const price sliced = priced<rings>(machine, {.ranks = 8 * nodes, .nodes = nodes, .pods = 1}, bytes);
    EXPECT_GE(sliced.seconds, sliced.speed_of_light) << bytes << " bytes";
    if (bytes >= 1 << 30) {
      EXPECT_LE(sliced.seconds, 0.8 * form) << "slices overlap the levels, " << bytes << " bytes";
    }
  }
}

/// On a non-blocking Clos under adaptive routing every message of a permutation has its NIC's rate: the folded price is
/// the replay of the definition, with two latencies.
template <class A>
void expect_replayed(problem shape, const std::string& what) {
  const auto& machine = single_gpu_clos();
  const double nic = capacity_of(machine, "NIC out");
  for (const std::int64_t bytes : sizes) {
    shape.bytes = bytes;
    const auto schedule = make<A>(shape);
    if constexpr (laned_schedule<std::remove_const_t<decltype(schedule)>>)
      if (schedule.lane_count() > 1) continue;
    const auto slope = [&](rank_t, rank_t) { return 1 / nic; };
    const auto latency = [&](rank_t a, rank_t b) { return machine.latency_s(a, b); };
    const price found = priced<A>(machine, shape, bytes);
    const double expected = test::replay(schedule, static_cast<double>(bytes), slope, latency);
    if (found.kind == "exact") expect_near(found.seconds, expected, what + " " + std::to_string(bytes));
    EXPECT_GE(found.seconds, expected * (1 - 1e-9)) << what << " is an upper bound, " << bytes << " bytes";
    EXPECT_LE(found.seconds, expected * 1.05) << what << ' ' << bytes;
  }
}

/// A pipeline too long to replay is searched for its longest chain of waiting.
TEST(FoldedIsReplayed, LongPipelines) {
  for (const rank_t p : {100, 8192}) {
    const double_tree_up tree{p, 512};
    const topologies::single_switch machine{p, bytes_per_s, latency_s};
    const price found = simulate(tree, machine, 1 << 26);
    const auto slope = [](rank_t, rank_t) { return 1 / bytes_per_s; };
    const double expected = test::replay(tree, 1 << 26, slope, [](rank_t, rank_t) { return latency_s; });
    EXPECT_NEAR(found.seconds, expected, 1e-9 * expected) << p;
    EXPECT_EQ(found.kind, "exact") << p;
  }
}

TEST(FoldedIsReplayed, EveryAllReduceOnClos) {
  for_each_type(algorithms::all_reduce_list{}, [](auto tag) {
    using A = typename decltype(tag)::type;
    for (const rank_t p : {2, 5, 8, 16, 31, 32})
      expect_replayed<A>({.ranks = p}, std::string{A::name} + " P = " + std::to_string(p));
    expect_replayed<A>({.ranks = 32, .nodes = 8, .pods = 4, .lanes = 1}, std::string{A::name} + " 4 x 2 x 4");
    expect_replayed<A>({.ranks = 30, .nodes = 7, .pods = 2, .lanes = 1}, std::string{A::name} + " uneven");
  });
}

TEST(FoldedIsReplayed, OtherCollectivesOnClos) {
  const auto all = [](auto list) {
    for_each_type(list, [](auto tag) {
      using A = typename decltype(tag)::type;
      for (const rank_t p : {2, 8, 16, 32})
        if (supports<A>({.ranks = p})) {
          if constexpr (!requires { A::collective::separate_output; })
            expect_replayed<A>({.ranks = p}, std::string{A::collective::name} + " " + std::string{A::name});
        }
    });
  };
  all(algorithms::reduce_scatter_list{});
  all(algorithms::all_gather_list{});
  all(algorithms::reduce_list{});
  all(algorithms::broadcast_list{});
}

/// The long walk round a ring of unequal links, against the replay of its 2P - 2 rounds.
TEST(FoldedIsReplayed, RingOfUnequalLinks) {
  std::uint64_t state = 1;
  const auto random = [&] { return static_cast<double>((state = detail::mix(state)) >> 40) * 0x1p-24; };
  for (int round = 0; round < 200; ++round) {
    const auto p = static_cast<rank_t>(3 + round % 60);
    std::vector<double> slope(static_cast<std::size_t>(p)), latency(slope.size());
    for (std::size_t i = 0; i < slope.size(); ++i) {
      slope[i] = round % 3 == 0 ? 1 + random() : random() < 0.1 ? 8.0 : 1.0;
      latency[i] = (round % 2 ? 0.01 : 3) * (round % 5 ? random() : 1);
    }
    const ring_all_reduce ring{p};
    const auto outline = detail::outline_of(ring);
    const auto messages = outline.messages(outline.patterns.at(0), detail::fold{});
    detail::edges e;
    e.messages = messages;
    for (const auto& m : e.messages) {
      e.slope.push_back(slope[static_cast<std::size_t>(m.from)] * outline.share(m));
      e.latency.push_back(latency[static_cast<std::size_t>(m.from)]);
    }
    const double bytes = p;
    const double found = detail::longest_walk{}(e, detail::walks_of(e.messages, p), ring.rounds(), bytes);
    const double expected = test::replay(
        ring, bytes, [&](rank_t a, rank_t) { return slope[static_cast<std::size_t>(a)]; },
        [&](rank_t a, rank_t) { return latency[static_cast<std::size_t>(a)]; });
    expect_near(found, expected, "ring of " + std::to_string(p) + ", case " + std::to_string(round));
  }
}

TEST(Simulate, SamplesWhatTakesTooLong) {
  const topologies::single_switch machine{10000, bytes_per_s, latency_s};
  const problem shape{.ranks = 10000};
  const price sampled = priced<algorithms::direct_all_to_all>(machine, shape, 1 << 20);
  EXPECT_EQ(sampled.kind, "sampled");
  EXPECT_NEAR(sampled.seconds, 9999 * ((1 << 20) / 10000.0 / bytes_per_s + latency_s), 1e-3 * sampled.seconds);
}

TEST(Simulate, SameSeedSamePrice) {
  const auto& machine = superpod();
  const auto placement = shuffled(machine, 512, 3);
  const std::vector<std::int64_t> bytes{8, 1 << 20, 1 << 30};
  const simulate_options ecmp{.routing = {.kind = routing::ecmp, .seed = 7, .seeds = 3}};
  const auto once = simulate_sweep<algorithms::hierarchical<>>(machine, placement, {.nodes = 64}, bytes, ecmp);
  const auto again = simulate_sweep<algorithms::hierarchical<>>(machine, placement, {.nodes = 64}, bytes, ecmp);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(once[i].draws, again[i].draws);
    EXPECT_EQ(once[i].draws.size(), 3u);
  }
}

TEST(Simulate, EcmpIsNeverFasterAndMoreQueuePairsHelp) {
  const auto& machine = superpod();
  const auto placement = shuffled(machine, 512, 3);
  const std::vector<std::int64_t> bytes{1 << 30};
  const auto seconds = [&](routing how, int pairs) {
    const simulate_options options{.routing = {.kind = how, .queue_pairs = pairs, .seeds = 5}};
    return simulate_sweep<algorithms::hierarchical<>>(machine, placement, {.nodes = 64}, bytes, options)
        .front()
        .seconds;
  };
  EXPECT_LT(seconds(routing::adaptive, 1), seconds(routing::ecmp, 1));
  EXPECT_LT(seconds(routing::ecmp, 16), seconds(routing::ecmp, 1));
  EXPECT_LE(seconds(routing::adaptive, 1), seconds(routing::ecmp, 16) * (1 + 1e-9));
}

}  // namespace
}  // namespace colossus
