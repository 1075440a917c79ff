// SPDX-License-Identifier: Apache-2.0
// What folding costs in accuracy: the table of docs/folding-gap.md. Numbers of GPUs may be given as arguments.
#include "broken_machine.hpp"

#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>

#include <cstdio>
#include <cstdlib>

namespace colossus::bench {
namespace {

constexpr std::int64_t sizes[] = {1 << 20, 64 << 20, 1 << 30};
/// Steps (a rank, a round, a lane) that are followed for one price: some seconds' work.
constexpr double most_steps(rank_t ranks) { return ranks <= 1'024 ? 2e7 : 2.5e6; }

struct stage {
  const topologies::nodes_of<topologies::clos>& machine;
  std::vector<gpu_t> placement;
  std::string_view placed, links;
};

template <class A>
double steps_of(const problem& p) {
  const auto schedule = make<A>(p);
  const detail::script what{schedule};
  return 1.0 * what.ranks() * what.lanes() * static_cast<double>(what.rounds());
}

/// One line: by how much the folded price is above that of the events, which is given in us.
template <class A>
void compare(const stage& on) {
  problem p = part(on.machine, on.placement);
  p.bytes = sizes[std::size(sizes) - 1];
  if (!supports<A>(p) || steps_of<A>(p) > most_steps(p.ranks)) return;
  std::printf("| %d | %s | %s | %s | %s |", p.ranks, on.placed.data(), on.links.data(), A::collective::name.data(),
              A::name.data());
  for (const std::int64_t bytes : sizes) {
    simulate_options options{.routing = {.kind = routing::ecmp}};
    const auto seconds = [&](model by) {
      options.cost_model = by;
      return simulate_sweep<A>(on.machine, on.placement, p, std::span{&bytes, 1}, options).front().seconds;
    };
    const double events = seconds(model::discrete_event), folded = seconds(model::max_min);
    std::printf(" %.0f | %+.1f |", events * 1e6, (folded / events - 1) * 100);
  }
  std::printf("\n");
  std::fflush(stdout);
}

void compare_all(const stage& on) {
  const auto all = [&](auto list) { for_each_type(list, [&]<class A>(std::type_identity<A>) { compare<A>(on); }); };
  all(algorithms::all_reduce_list{});
  all(algorithms::all_gather_list{});
  all(algorithms::broadcast_list{});
}

}  // namespace
}  // namespace colossus::bench

int main(int argc, char** argv) {
  using namespace colossus;
  using namespace colossus::bench;
  std::vector<gpu_t> counts;
  for (int i = 1; i < argc; ++i) counts.push_back(std::atoi(argv[i]));
  if (counts.empty()) counts = {512, 1'024, 4'096, 16'384};
  std::printf(
      "| GPUs | placement | links | collective | algorithm | 1 MiB: us | gap %% | 64 MiB: us | gap %% | 1 GiB: us | "
      "gap %% |\n");
  std::printf("|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (const gpu_t gpus : counts) {
    const auto whole = machine_of(gpus), broken = broken_machine(gpus);
    compare_all({whole, packed(whole, gpus), "packed", "all up"});
    compare_all({whole, shuffled(whole, gpus, 1), "shuffled", "all up"});
    compare_all({broken, shuffled(broken, gpus, 1), "shuffled", "0.1% down"});
  }
}
