// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/data_layout.hpp>
#include <colossus/bench/scene.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/simulate.hpp>

#include <functional>

namespace colossus::bench {

/// An algorithm whose type is forgotten: what it would cost on a scene.
struct priced_algorithm {
  std::string_view collective, algorithm;
  double (*bus_factor)(rank_t ranks);
  bool (*serves)(const problem&);
  std::vector<price> (*sweep)(const scene&, rank_t root, std::span<const std::int64_t> bytes, const simulate_options&);
};

namespace detail {

template <class A>
std::vector<price> sweep(const scene& s, rank_t root, std::span<const std::int64_t> bytes, const simulate_options& chosen) {
  problem shape = s.shape;
  shape.root = root;
  return std::visit([&](const auto& fabric) { return simulate_sweep<A>(fabric, s.placement, shape, bytes, chosen); }, s.machine->fabric);
}

}  // namespace detail

/// The algorithms of `List` for a collective.
template <class List>
std::vector<priced_algorithm> priced_algorithms(std::string_view collective) {
  std::vector<priced_algorithm> found;
  for_each_type(List{}, [&]<class A>(std::type_identity<A>) {
    if (A::collective::name == collective)
      found.push_back({A::collective::name, A::name, A::collective::bus_factor, supports<A>, detail::sweep<A>});
  });
  return found;
}

/// One way of pricing: a routing with its queue pairs, and a cost model.
struct pricing {
  std::string routing, cost_model;
  simulate_options chosen;
  bool draws() const { return chosen.routing.kind == colossus::routing::ecmp; }
};

/// Every way of pricing that the options ask for. Queue pairs and draws matter to ECMP alone.
inline std::vector<pricing> pricings_of(const options& o) {
  std::vector<pricing> all;
  for (const std::string& model_name : o.cost_models)
    for (const std::string& name : o.routings)
      for (std::size_t i = 0; i < (name == "ecmp" ? o.queue_pairs.size() : 1); ++i) {
        pricing p{name, model_name, {}};
        p.chosen.cost_model = model_name == "alpha_beta" ? model::alpha_beta : model::max_min;
        p.chosen.routing.kind = name == "ecmp" ? routing::ecmp : name == "adaptive" ? routing::adaptive : routing::deterministic;
        p.chosen.routing.seed = static_cast<std::uint64_t>(o.seed);
        if (p.draws()) p.chosen.routing.queue_pairs = o.queue_pairs[i], p.chosen.routing.seeds = o.seeds > 0 ? o.seeds : 16;
        all.push_back(std::move(p));
      }
  return all;
}

/// Fills the columns that a price decides; those of what was priced are there already.
inline void describe_price(row& of, const price& p, const pricing& how, double bus_factor) {
  of.routing = how.routing;
  of.cost_model = how.cost_model;
  of.price_kind = p.kind;
  of.profile = "none";
  if (how.draws()) of.queue_pairs = how.chosen.routing.queue_pairs;
  if (how.draws() || of.placement == "shuffled") of.seed = static_cast<std::int64_t>(how.chosen.routing.seed);
  of.lanes = p.lanes;
  of.chunk_bytes = p.chunk_bytes;
  of.iters = static_cast<std::int64_t>(p.draws.size());
  set_time(of, p.seconds * 1e6, "model", bus_factor);
  if (p.draws.size() > 1) {
    std::vector<double> us;
    for (const double seconds : p.draws) us.push_back(seconds * 1e6);
    set_statistics(of, std::move(us));
  }
  if (p.doubt > 0) of.time_us_low = (p.seconds - p.doubt) * 1e6, of.time_us_high = (p.seconds + p.doubt) * 1e6;
  of.wire_factor = p.wire_factor;
  if (p.speed_of_light > 0) of.sol_us = p.speed_of_light * 1e6;
  of.limit = p.limit;
  of.limit_link = p.limit_link;
}

}  // namespace colossus::bench
