// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/data_layout.hpp>
#include <colossus/bench/scene.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/bench/trace/take_apart.hpp>
#include <colossus/simulate.hpp>
#include <colossus/version.hpp>

#include <functional>

namespace colossus::bench {

/// An algorithm whose type is forgotten: what it would cost on a scene.
struct priced_algorithm {
  std::string_view collective, algorithm;
  double (*bus_factor)(rank_t ranks);
  bool (*serves)(const problem&);
  std::vector<std::vector<price>> (*sweep)(const scene&, rank_t root, std::span<const std::int64_t> bytes,
                                           std::span<const simulate_options>);
  void (*take_apart)(const scene&, rank_t root, std::int64_t bytes, const simulate_options&,
                     const std::function<void(const traced&)>& look);
};

namespace detail {

/// What the profile of a scene's machine adds: the time of an operation. Light stays that of the machine without.
template <class Collective>
void add_profile(const scene& s, std::span<const std::int64_t> bytes, std::vector<price>& prices) {
  const double more = s.machine->profile->operation_s;
  const light_cone<Collective> light = std::visit(
      [&](const auto& fabric) {
        return light_cone<Collective>{fabric, s.placement};
      },
      s.bare->fabric);
  for (std::size_t i = 0; i < prices.size(); ++i) {
    price& p = prices[i];
    if (more >= p.seconds) p.limit = "launches", p.limit_link = "";
    p.seconds += more;
    for (double& draw : p.draws) draw += more;
    p.speed_of_light = light(bytes[i]);
  }
}

template <class A>
std::vector<std::vector<price>> sweep(const scene& s, rank_t root, std::span<const std::int64_t> bytes,
                                      std::span<const simulate_options> chosen) {
  problem shape = s.shape;
  shape.root = root;
  auto prices = std::visit(
      [&](const auto& fabric) {
        if (s.groups.empty()) return simulate_sweep<A>(fabric, s.placement, shape, bytes, chosen);
        return simulate_sweep<A>(fabric, std::span{s.groups}, shape, bytes, chosen);
      },
      s.machine->fabric);
  if (s.bare)
    for (std::vector<price>& of_way : prices) add_profile<typename A::collective>(s, bytes, of_way);
  return prices;
}

}  // namespace detail

/// The algorithms of `List` for a collective.
template <class List>
std::vector<priced_algorithm> priced_algorithms(std::string_view collective) {
  std::vector<priced_algorithm> found;
  for_each_type(List{}, [&]<class A>(std::type_identity<A>) {
    if (A::collective::name == collective)
      found.push_back({A::collective::name, A::name, A::collective::bus_factor, supports<A>, detail::sweep<A>,
                       detail::take_apart<A>});
  });
  return found;
}

/// The algorithms of `List` for every collective.
template <class List>
std::vector<priced_algorithm> every_priced_algorithm() {
  std::vector<priced_algorithm> found;
  for (const data_layout& layout : data_layouts)
    for (const priced_algorithm& a : priced_algorithms<List>(layout.collective)) found.push_back(a);
  return found;
}

/// Those of a collective.
inline std::vector<priced_algorithm> of_collective(std::vector<priced_algorithm> all, std::string_view collective) {
  std::erase_if(all, [&](const priced_algorithm& a) { return a.collective != collective; });
  return all;
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
        p.chosen.cost_model = model_name == "alpha_beta" ? model::alpha_beta
                              : model_name == "max_min"  ? model::max_min
                                                         : model::discrete_event;
        p.chosen.routing.kind = name == "ecmp"       ? routing::ecmp
                                : name == "adaptive" ? routing::adaptive
                                                     : routing::deterministic;
        p.chosen.routing.seed = static_cast<std::uint64_t>(o.seed);
        p.chosen.disturbed = disturbance_of(o);
        if (!o.packets.empty()) p.chosen.packets = packets_of(o.packets);
        if (p.draws())
          p.chosen.routing.queue_pairs = o.queue_pairs[i], p.chosen.routing.seeds = o.seeds > 0 ? o.seeds : 16;
        all.push_back(std::move(p));
      }
  return all;
}

/// Fills the columns that a price decides; those of what was priced are there already.
inline void describe_price(row& of, const price& p, const pricing& how, double bus_factor) {
  of.routing = how.routing;
  of.cost_model = how.cost_model;
  of.price_kind = p.kind;
  if (how.draws()) of.queue_pairs = how.chosen.routing.queue_pairs;
  if (how.draws() || draws(how.chosen.disturbed) || of.placement == "shuffled")
    of.seed = static_cast<std::int64_t>(how.chosen.routing.seed);
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

/// A result of the simulator: the row, and what has no column.
struct priced_row {
  row figures;
  std::vector<double> utilisation;  ///< of each kind of link: see `price`
  double slowdown = 1;              ///< time with all groups over time of the first alone
};

/// The columns that all prices of an algorithm on a scene share.
inline row simulated_row(const scene& s, const priced_algorithm& a, rank_t root, const std::string& type,
                         const std::string& reduction) {
  const data_layout& layout = layout_of(a.collective);
  row r;
  r.source = "simulated";
  r.backend = backend_of(tool::simulate);
  r.library = std::string{"colossus-"} + version;
  r.collective = a.collective;
  r.algorithm = a.algorithm;
  r.dtype = type;
  if (layout.reduces) r.redop = reduction;
  if (layout.has_root) r.root = root;
  describe_scene(r, s);
  return r;
}

/// The prices of an algorithm on a scene: for each of the ways, which all name one cost model, a row for each count.
inline std::vector<std::vector<priced_row>> priced_rows(const row& common, const scene& s, const priced_algorithm& a,
                                                        std::int64_t type_size, std::span<const std::int64_t> counts,
                                                        std::span<const pricing> ways) {
  std::vector<priced_row> rows(counts.size(), {common, {}, 1});
  std::vector<std::int64_t> bytes;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    set_size(rows[i].figures, layout_of(a.collective), counts[i], type_size);
    bytes.push_back(*rows[i].figures.bytes);
  }
  std::vector<simulate_options> chosen;
  for (const pricing& how : ways) chosen.push_back(how.chosen);
  const auto prices = a.sweep(s, static_cast<rank_t>(common.root.value_or(0)), bytes, chosen);
  const bool several = s.groups.size() > 1;
  const auto by_itself =
      several ? a.sweep(one_group(s), static_cast<rank_t>(common.root.value_or(0)), bytes, chosen) : prices;
  std::vector<std::vector<priced_row>> all(ways.size(), rows);
  for (std::size_t w = 0; w < ways.size(); ++w)
    for (std::size_t i = 0; i < counts.size(); ++i) {
      row& r = all[w][i].figures;
      describe_price(r, prices[w][i], ways[w], a.bus_factor(s.shape.ranks));
      if (std::isfinite(s.power_w)) r.energy_J = s.power_w * prices[w][i].seconds;
      all[w][i].utilisation = prices[w][i].utilisation;
      if (several && by_itself[w][i].seconds > 0) all[w][i].slowdown = prices[w][i].seconds / by_itself[w][i].seconds;
      if (several) r.tags += (r.tags.empty() ? "slowdown=" : ";slowdown=") + to_text(all[w][i].slowdown);
    }
  return all;
}

}  // namespace colossus::bench
