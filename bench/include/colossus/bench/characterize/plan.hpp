// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/characterize/request.hpp>
#include <colossus/bench/pricing.hpp>

#include <algorithm>
#include <memory>
#include <numeric>

namespace colossus::bench::characterize {

/// One piece of the work: an algorithm on a scene, at some sizes, in some ways. Pieces do not depend on each other.
struct piece {
  std::shared_ptr<const scene> where;
  priced_algorithm what;
  std::vector<std::int64_t> sizes;
  std::vector<pricing> ways;

  /// About how long it takes, in no unit: what takes longest is begun first.
  double weight() const {
    double draws = 0;
    for (const pricing& how : ways) draws += how.chosen.routing.seeds * (0.5 + 0.5 * how.chosen.routing.queue_pairs);
    return draws * static_cast<double>(where->placement.size()) * (where->placed == "shuffled" ? 2 : 1);
  }
};

/// How fine the main job looks.
struct grain {
  std::vector<std::int64_t> sizes;         ///< 8 B to 16 GiB
  std::vector<std::int64_t> telling{};     ///< the sizes at which what costs much is priced
  std::vector<int> queue_pairs{1, 4, 16};  ///< under ECMP
  int draws = 16;
  bool thorough = true;  ///< every algorithm under ECMP, every collective
};

inline grain grain_of(bool quick) {
  constexpr std::int64_t least = 8, most = std::int64_t{16} << 30, mebi = 1 << 20;
  if (!quick) return {sizes_of(least, most, 0, 2), {mebi, 1024 * mebi, most}};
  grain g{sizes_of(2 * least, most, 0, 4), {1024 * mebi}, {1, 4}, 4, false};
  g.sizes.front() = least;
  return g;
}

inline pricing adaptively() {
  pricing p{"adaptive", "max_min", {}};
  p.chosen.routing.kind = routing::adaptive;
  return p;
}

inline pricing by_ecmp(int queue_pairs, int draws) {
  pricing p{"ecmp", "max_min", {}};
  p.chosen.routing = {routing::ecmp, queue_pairs, 1, draws};
  return p;
}

/// The algorithm that placements and queue pairs are compared with.
inline constexpr std::string_view compared = "hierarchical";

/// The numbers of GPUs from one domain to the whole of a machine.
inline std::vector<rank_t> growth_of(const loaded& machine) {
  return std::visit(
      [](const auto& fabric) {
        std::vector<rank_t> all{fabric.gpus()};
        for (const rank_t n : {8, 64, 512, 4096, 15000, 32768})
          if (n < fabric.gpus() && n >= std::min(8, fabric.gpus_per_domain())) all.insert(all.end() - 1, n);
        return all;
      },
      machine.fabric);
}

inline std::shared_ptr<const loaded> load(const std::string& path, const std::string& latency = "typical") {
  using topologies::latency_level;
  const auto level = latency == "low"    ? latency_level::low
                     : latency == "high" ? latency_level::high
                                         : latency_level::typical;
  return std::make_shared<const loaded>(load_topology(path, {level, {}}));
}

inline std::shared_ptr<const scene> stage(const std::shared_ptr<const loaded>& machine, rank_t ranks,
                                          const std::string& placement, const std::string& latency = "typical") {
  options o;
  o.placement = placement;
  o.latency = latency;
  return std::visit(
      [&](const auto& fabric) {
        return std::make_shared<const scene>(
            bench::detail::scene_of(machine, fabric, bench::detail::place(fabric, ranks, o), o));
      },
      machine->fabric);
}

/// Everything that is to be priced, in the order of the rows.
class plan {
 public:
  template <class List>
  plan(const request& asked, List)
      : asked_{asked}, grain_{grain_of(asked.quick)}, known_{every_priced_algorithm<List>()} {
    for (const std::string& path : asked.topologies) machines_.push_back(load(path));
    plan_first();
    for (std::size_t i = 1; i < machines_.size(); ++i) plan_other(machines_[i]);
  }

  const std::vector<piece>& pieces() const { return pieces_; }
  const std::vector<std::shared_ptr<const loaded>>& machines() const { return machines_; }
  const std::vector<rank_t>& growth() const { return growth_; }  ///< the last is what is looked into
  const grain& fineness() const { return grain_; }

 private:
  static bool draws_matter(const loaded& machine) {
    return std::holds_alternative<topologies::nodes_of<topologies::clos>>(machine.fabric);
  }

  void add(const std::shared_ptr<const scene>& where, std::string_view collective, std::string_view algorithm,
           const std::vector<std::int64_t>& sizes, const std::vector<pricing>& ways) {
    for (const priced_algorithm& a : known_)
      if (a.collective == collective && (algorithm == "all" || a.algorithm == algorithm) && a.serves(where->shape))
        pieces_.push_back({where, a, sizes, ways});
  }

  /// Queue pairs and placements. Each in a piece of its own: these are the longest.
  void add_draws(const std::shared_ptr<const loaded>& machine, rank_t ranks, const std::vector<int>& queue_pairs) {
    const auto packed = stage(machine, ranks, "packed"), shuffled = stage(machine, ranks, "shuffled");
    const std::vector<std::int64_t> costly{std::int64_t{1} << 30};  // the size that the screen shows
    for (const int pairs : queue_pairs)
      if (pairs > 1) add(packed, "all_reduce", compared, costly, {by_ecmp(pairs, grain_.draws)});
    add(shuffled, "all_reduce", compared, grain_.telling, {adaptively()});
    for (const int pairs : queue_pairs)
      add(shuffled, "all_reduce", compared, pairs > 1 ? costly : grain_.telling, {by_ecmp(pairs, grain_.draws)});
  }

  void plan_first() {
    const auto& machine = machines_.front();
    const rank_t gpus = std::visit([](const auto& f) { return f.gpus(); }, machine->fabric);
    growth_ = asked_.ranks.empty() ? growth_of(*machine) : asked_.ranks;
    if (growth_.back() > gpus)
      throw error{"--ranks " + std::to_string(growth_.back()) + ": " + machine->description.name + " has " +
                  with_commas(gpus) + " GPUs"};
    const rank_t ranks = growth_.back();
    const auto all = stage(machine, ranks, "packed");
    add(all, "all_reduce", "all", grain_.sizes, {adaptively()});
    if (draws_matter(*machine)) {
      add(all, "all_reduce", grain_.thorough ? "all" : compared, grain_.sizes, {by_ecmp(1, grain_.draws)});
      add_draws(machine, ranks, grain_.queue_pairs);
    }
    for (const char* const level : {"low", "high"})
      add(stage(load(asked_.topologies.front(), level), ranks, "packed", level), "all_reduce", "all", grain_.sizes,
          {adaptively()});
    for (std::size_t i = 0; i + 1 < growth_.size(); ++i) {
      const auto part = stage(machine, growth_[i], "packed");
      add(part, "all_reduce", "all", grain_.sizes, {adaptively()});
      if (draws_matter(*machine) && grain_.thorough)
        add(part, "all_reduce", compared, grain_.sizes, {by_ecmp(1, grain_.draws)});
    }
    if (grain_.thorough) add_other_collectives(all);
  }

  void plan_other(const std::shared_ptr<const loaded>& machine) {
    const auto all = stage(machine, 0, "packed");
    add(all, "all_reduce", "all", grain_.sizes, {adaptively()});
    if (draws_matter(*machine)) {
      for (const char* const name : {"ring", "double_tree", "hierarchical"})
        if (grain_.thorough || name == compared)
          add(all, "all_reduce", name, grain_.telling, {by_ecmp(1, grain_.draws)});
      add_draws(machine, 0, {1});
    }
    if (grain_.thorough) add_other_collectives(all);
  }

  void add_other_collectives(const std::shared_ptr<const scene>& where) {
    for (const data_layout& layout : data_layouts)
      if (layout.collective != "all_reduce") add(where, layout.collective, "all", grain_.sizes, {adaptively()});
  }

  const request& asked_;
  grain grain_;
  std::vector<priced_algorithm> known_;
  std::vector<std::shared_ptr<const loaded>> machines_;
  std::vector<rank_t> growth_;
  std::vector<piece> pieces_;
};

}  // namespace colossus::bench::characterize
