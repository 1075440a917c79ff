// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

#include "replay.hpp"

namespace colossus {
namespace {

using machine_type = topologies::nodes_of<topologies::clos>;

/// Pods of nodes with 4 GPUs on 4 rails; three tiers where there are two groups of pods.
machine_type machine_of(std::int32_t pods, std::int32_t in_pod, std::int32_t group, std::int32_t up) {
  topologies::clos_shape shape;
  shape.pods = pods, shape.nodes_per_pod = in_pod, shape.nics_per_node = shape.rails = 4;
  shape.tiers = {{"leaf", in_pod, up, 50e9, 5e-7, 6e-7}, {"spine", 64, up, 50e9, 4e-7, 6e-7, group, 1}};
  if (pods > group) shape.tiers.push_back({"core", 64, 0, 25e9, 3e-7, 7e-7});
  topologies::node_shape node;
  node.gpus = 4;
  node.speeds = {{450e9, 1e-6, 50e9, 1.5e-6}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

/// The same machine, which does not say that anything in it is alike.
class unlike {
 public:
  explicit unlike(const machine_type& of) : of_{of} {}
  gpu_t gpus() const { return of_.gpus(); }
  std::int32_t nodes() const { return of_.nodes(); }
  std::int32_t gpus_per_node() const { return of_.gpus_per_node(); }
  std::int32_t gpus_per_domain() const { return of_.gpus_per_domain(); }
  std::int32_t pods() const { return of_.pods(); }
  std::int32_t node_of(gpu_t gpu) const { return of_.node_of(gpu); }
  std::int32_t pod_of(gpu_t gpu) const { return of_.pod_of(gpu); }
  link_t links() const { return of_.links(); }
  double capacity(link_t link) const { return of_.capacity(link); }
  int kind(link_t link) const { return of_.kind(link); }
  std::span<const std::string> kinds() const { return of_.kinds(); }
  bool uses(routing how, link_t link) const { return of_.uses(how, link); }
  std::string link_name(link_t link) const { return of_.link_name(link); }
  double latency_s(gpu_t a, gpu_t b) const { return of_.latency_s(a, b); }
  int distance(gpu_t a, gpu_t b) const { return of_.distance(a, b); }
  int distances() const { return of_.distances(); }
  std::string distance_name(int distance) const { return of_.distance_name(distance); }
  double distance_latency_s(int distance) const { return of_.distance_latency_s(distance); }
  double bisection() const { return of_.bisection(); }
  template <class Visit>
  void route(gpu_t a, gpu_t b, routing how, std::uint64_t entropy, Visit&& visit) const {
    of_.route(a, b, how, entropy, visit);
  }

 private:
  const machine_type& of_;
};
static_assert(topology<unlike> && !detail::regular_topology<unlike>);

void expect_same(const price& folded, const price& plain, const std::string& what) {
  EXPECT_NEAR(folded.seconds / plain.seconds, 1, 1e-9) << what;
  EXPECT_EQ(folded.kind, plain.kind) << what;
  EXPECT_EQ(folded.limit, plain.limit) << what;
  EXPECT_NEAR(folded.wire_factor, plain.wire_factor, 1e-9) << what;
  for (std::size_t kind = 0; kind < plain.utilisation.size(); ++kind)
    EXPECT_NEAR(folded.utilisation[kind], plain.utilisation[kind], 1e-9) << what << " kind " << kind;
}

/// Every algorithm on machines that are told to be regular, against the same machines that are not.
TEST(Folding, PricesWhatIsAlikeAsWhatIsNot) {
  const std::vector<std::int64_t> sizes{64, 1 << 20, 1 << 28};
  for (const auto [pods, in_pod, group, up] :
       {std::array{4, 4, 2, 4}, std::array{4, 4, 2, 2}, std::array{3, 4, 3, 4}, std::array{1, 6, 1, 6}}) {
    const machine_type machine = machine_of(pods, in_pod, group, up);
    const unlike other{machine};
    for (const rank_t ranks : {machine.gpus(), machine.gpus() / 2, machine.gpus() - 4, rank_t{4}}) {
      const auto placement = packed(machine, ranks);
      const problem shape = part(machine, placement);
      std::vector<simulate_options> options(5);
      options[1].routing = {.kind = routing::ecmp, .queue_pairs = 2, .seeds = 2};
      options[2].routing.kind = routing::deterministic;
      options[3].disturbed = {.stragglers = {1, ranks - 1}, .straggler_s = 2e-5};
      options[4].packets.spray_efficiency = 0.9;
      for_each_type(algorithms::all{}, [&]<class A>(std::type_identity<A>) {
        if (!supports<A>(shape)) return;
        const auto folded = simulate_sweep<A>(machine, placement, shape, sizes, options);
        const auto plain = simulate_sweep<A>(other, placement, shape, sizes, options);
        for (std::size_t o = 0; o < options.size(); ++o)
          for (std::size_t i = 0; i < sizes.size(); ++i)
            expect_same(folded[o][i], plain[o][i],
                        std::string{A::collective::name} + " " + std::string{A::name} + " on " + std::to_string(ranks) +
                            " of " + std::to_string(machine.gpus()) + ", option " + std::to_string(o) + ", " +
                            std::to_string(sizes[i]));
      });
    }
  }
}

/// The permutations of a digit that a schedule may mean: rotations, or xors.
template <class S, class Turn>
bool commutes(const S& s, round_t round, digit d, Turn turn) {
  const auto image = [&](rank_t rank, rank_t by) { return rank + (turn(d.of(rank), by) - d.of(rank)) * d.stride; };
  for (rank_t by = 1; by < d.radix; ++by)
    for (rank_t rank = 0; rank < s.ranks(); ++rank) {
      const transfer a = s.at(rank, round).send, b = s.at(image(rank, by), round).send;
      if (bool(a) != bool(b) || (a && (image(a.peer, by) != b.peer || a.blocks.count != b.blocks.count))) return false;
    }
  return true;
}

/// Patterns so large that heads are counted, some of them told by a few messages and their images.
TEST(Folding, CountsHeadsOfImages) {
  const machine_type machine = machine_of(32, 16, 8, 32);
  const unlike plain{machine};
  const std::int64_t bytes = 64 << 20;
  simulate_options under;
  under.routing.kind = routing::ecmp, under.routing.queue_pairs = 24, under.routing.seeds = 1;
  using some = type_list<algorithms::halving_doubling, algorithms::bruck_all_gather,
                         algorithms::hierarchical<algorithms::halving_doubling, algorithms::halving_doubling>>;
  for_each_type(some{}, [&]<class A>(std::type_identity<A>) {
    const auto placement = packed(machine, machine.gpus());
    const problem shape = part(machine, placement);
    const auto priced = [&](const auto& on) {
      return simulate_sweep<A>(on, placement, shape, std::span{&bytes, 1}, under).front();
    };
    const price folded = priced(machine);
    EXPECT_EQ(folded.kind, "lockstep");
    expect_same(folded, priced(plain), std::string{A::name});
  });
}

/// What schedules call alike is: in every round there are permutations of the digit that map messages onto messages.
TEST(Symmetry, DigitsThatAreAlikeChangePlaces) {
  std::int64_t checked = 0;
  for (const auto [ranks, nodes, pods] : {std::array{32, 8, 2}, std::array{48, 12, 3}, std::array{30, 5, 1}}) {
    const problem shape{.ranks = ranks, .nodes = nodes, .pods = pods, .bytes = 1 << 20};
    for_each_type(algorithms::all{}, [&]<class A>(std::type_identity<A>) {
      if (!supports<A>(shape)) return;
      const auto core = detail::dissect(make<A>(shape)).core;
      for (round_t round = 0; round < core.rounds(); ++round)
        for (rank_t stride = 1; stride < ranks; ++stride)
          for (rank_t radix = 2; stride * radix <= ranks; ++radix) {
            const digit d{stride, radix};
            if (ranks % d.end() != 0 || !alike(core, round, d)) continue;
            const auto rotated = [&](rank_t value, rank_t by) { return (value + by) % radix; };
            const auto swapped = [](rank_t value, rank_t by) { return value ^ by; };
            EXPECT_TRUE(commutes(core, round, d, rotated) || commutes(core, round, d, swapped))
                << A::collective::name << ' ' << A::name << " round " << round << " digit " << stride << ", " << radix;
            ++checked;
          }
    });
  }
  EXPECT_GT(checked, 1000);
}

/// Where a schedule names its senders, they are those that send, each once.
TEST(Symmetry, SendersAreThoseThatSend) {
  for (const rank_t root : {0, 5}) {
    const problem shape{.ranks = 22, .nodes = 11, .pods = 1, .root = root, .bytes = 1 << 20};
    int named = 0;
    for_each_type(algorithms::all{}, [&]<class A>(std::type_identity<A>) {
      if (!supports<A>(shape)) return;
      const auto core = detail::dissect(make<A>(shape)).core;
      if constexpr (sparse_schedule<decltype(core)>) {
        for (round_t round = 0; round < core.rounds(); ++round) {
          std::vector<int> sends(22, 0);
          core.senders(round, [&](rank_t rank) { ++sends[static_cast<std::size_t>(rank)]; });
          for (rank_t rank = 0; rank < 22; ++rank)
            EXPECT_EQ(sends[static_cast<std::size_t>(rank)], core.at(rank, round).send ? 1 : 0)
                << A::collective::name << ' ' << A::name << " round " << round << " rank " << rank << " root " << root;
        }
        ++named;
      }
    });
    EXPECT_GE(named, 4);
  }
}

/// Where a schedule says that a round is a shift, everybody sends as many blocks as it says, and as far.
TEST(Symmetry, ShiftsAreShifts) {
  int shifts = 0;
  for (const rank_t ranks : {12, 16}) {
    const problem shape{.ranks = ranks, .nodes = ranks / 4, .pods = 1, .bytes = 1 << 20};
    for_each_type(algorithms::all{}, [&]<class A>(std::type_identity<A>) {
      if (!supports<A>(shape)) return;
      const auto core = detail::dissect(make<A>(shape)).core;
      for (round_t round = 0; round < core.rounds(); ++round) {
        const shift whole = shift_of(core, round);
        if (whole.offset == 0) continue;
        for (rank_t rank = 0; rank < ranks; ++rank) {
          const transfer sent = core.at(rank, round).send;
          EXPECT_EQ(sent.peer, (rank + whole.offset) % ranks) << A::collective::name << ' ' << A::name << ' ' << round;
          EXPECT_EQ(sent.blocks.count, whole.blocks) << A::collective::name << ' ' << A::name << ' ' << round;
        }
        ++shifts;
      }
    });
  }
  EXPECT_GT(shifts, 100);
}

/// A shift is solved by few classes of ranks; rates and what links carry are those of all messages.
TEST(Folding, ClassesOfAShiftHaveTheRatesOfTheirMessages) {
  for (const int up : {4, 2, 1}) {
    const machine_type machine = machine_of(6, 4, 3, up);
    const rank_t ranks = machine.gpus();
    const std::vector<digit> digits = digits_of(machine);
    for (rank_t offset = 1; offset < ranks; ++offset) {
      const detail::shift_classes classes{digits, ranks, offset};
      detail::shift_rates rates{machine, packet_effects{}, digits, ranks};
      ASSERT_TRUE(rates.solve(classes)) << up << ' ' << offset;
      EXPECT_LE(classes.size(), 18u);  // two ranges of GPUs, three of nodes and of pods
      detail::flows all;
      detail::traffic_sum plain;
      detail::shift_traffic folded{machine, digits, ranks, detail::fold{}};
      all.clear(machine.links()), plain.clear(machine.links());
      for (const detail::shift_box& box : rates.boxes()) folded.add(box, box.each / machine.capacity(box.example));
      for (gpu_t from = 0; from < ranks; ++from) {
        machine.route(from, (from + offset) % ranks, routing::adaptive, 0,
                      [&](link_t at) { all.add_link(machine, at), plain.add(at, 1); });
        all.end_flow();
      }
      cost_models::max_min solver;
      const auto expected = solver.rates(all);
      const auto of_place = classes.by_place(detail::fold{});
      for (std::size_t rank = 0; rank < expected.size(); ++rank)
        ASSERT_NEAR(rates.rates()[of_place[rank]] / expected[rank], 1, 1e-9) << up << ' ' << offset << ' ' << rank;
      const detail::traffic busy = plain.sum(detail::single_links{machine, {}}), found = folded.sum();
      EXPECT_NEAR(found.most / busy.most, 1, 1e-9) << up << ' ' << offset;
      for (std::size_t kind = 0; kind < busy.mean.size(); ++kind)
        EXPECT_NEAR(found.mean[kind], busy.mean[kind], 1e-9 * busy.most) << up << ' ' << offset << ' ' << kind;
    }
  }
}

/// A delay before each message of a straggler, followed round by round.
TEST(Folding, StragglersAreReplayed) {
  const machine_type machine = machine_of(2, 4, 2, 4);
  const rank_t ranks = machine.gpus();
  simulate_options late;
  late.disturbed = {.stragglers = {3, 17}, .straggler_s = 3e-5};
  const double bytes = 1 << 20;
  const ring_all_reduce ring{ranks};
  std::vector<double> end(static_cast<std::size_t>(ranks), 0), in = end;
  for (round_t round = 0; round < ring.rounds(); ++round) {
    const std::vector<double> begun = end;
    for (rank_t rank = 0; rank < ranks; ++rank) {
      const rank_t to = ring.at(rank, round).send.peer;
      const bool local = machine.node_of(rank) == machine.node_of(to);
      const double busy = bytes / ranks / (local ? 450e9 : 50e9);
      const double wait = rank == 3 || rank == 17 ? 3e-5 : 0, from = begun[static_cast<std::size_t>(rank)] + wait;
      double& arrived = in[static_cast<std::size_t>(to)];
      arrived = std::max(arrived + busy, from + busy + machine.latency_s(rank, to));
      end[static_cast<std::size_t>(rank)] = std::max(end[static_cast<std::size_t>(rank)], from + busy);
      end[static_cast<std::size_t>(to)] = std::max(end[static_cast<std::size_t>(to)], arrived);
    }
  }
  const price found = simulate(ring, machine, 1 << 20, late);
  EXPECT_NEAR(found.seconds / *std::ranges::max_element(end), 1, 1e-9);
  EXPECT_GT(found.seconds, 1.5 * simulate(ring, machine, 1 << 20).seconds);
}

/// No link can carry its messages faster than its capacity, whatever is folded: counted message by message.
TEST(Folding, NoPriceIsBelowWhatTheBusiestLinkNeeds) {
  const std::vector<std::int64_t> sizes{1 << 22, 1 << 28};
  const machine_type machine = machine_of(4, 4, 2, 4);
  const auto placement = packed(machine, machine.gpus());
  std::vector<simulate_options> options(2);
  options[1].routing = {.kind = routing::ecmp, .queue_pairs = 2};
  for (const rank_t root : {0, 13}) {
    problem shape = part(machine, placement);
    shape.root = root;
    for_each_type(algorithms::all{}, [&]<class A>(std::type_identity<A>) {
      if (!supports<A>(shape)) return;
      const auto prices = simulate_sweep<A>(machine, placement, shape, sizes, options);
      for (std::size_t o = 0; o < options.size(); ++o)
        for (std::size_t i = 0; i < sizes.size(); ++i) {
          problem asked = shape;
          asked.bytes = sizes[i];
          const auto schedule = make<A>(asked);
          const detail::script script{schedule};
          detail::wiring wires{machine, options[o].routing, options[o].routing.seed, {}};
          const detail::survey load{script, wires, placement};
          double busiest = 0;
          for (link_t link = 0; link < machine.links(); ++link) busiest = std::max(busiest, load.seconds(link));
          busiest *= detail::copies<typename A::collective>() * static_cast<double>(sizes[i]);
          EXPECT_GE(prices[o][i].seconds, busiest * (1 - 1e-9))
              << A::collective::name << ' ' << A::name << ", root " << root << ", " << sizes[i] << " bytes, "
              << to_string(options[o].routing.kind);
        }
    });
  }
}

}  // namespace
}  // namespace colossus
