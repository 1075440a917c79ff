// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/expectation.hpp>
#include <colossus/bench/pricing.hpp>

#include <deque>

namespace colossus::bench::compare {

/// What the user says of how measured rows are to be priced; what rows say themselves goes before.
struct expected_how {
  std::vector<std::string> routings;  ///< empty: as the topology's file says, else adaptive
  options of;                         ///< the machine, placement, latency, queue pairs, draws, profile
};

/// Prices configurations on a machine.
class row_pricer {
 public:
  row_pricer(std::vector<priced_algorithm> known, const expected_how& how) : known_{std::move(known)}, how_{how} {
    const topology_options plain = variations_of(how_.of).front();
    machine_ = std::make_shared<const loaded>(load_topology(how_.of.topologies.front(), plain));
    bare_ = bench::detail::bare_machine(*machine_, plain);
    if (!how_.routings.empty()) return;
    const std::string& said = machine_->description.scale_out.routing;
    how_.routings = {said.empty() ? "adaptive" : said};
  }

  const loaded& machine() const { return *machine_; }
  /// How rows are priced that do not say it.
  const std::vector<std::string>& routings() const { return how_.routings; }

  /// One answer for each configuration and routing, in their order. What shares a sweep is priced at once.
  std::vector<answer> operator()(const std::vector<asked>& all) {
    std::vector<answer> answers;
    std::map<std::string, std::vector<std::pair<std::size_t, std::string>>> sweeps;  // the answers of each
    for (const asked& each : all)
      for (const std::string& routing : routings_of(each.of)) {
        answers.push_back({&each, {}, each.trouble()});
        if (answers.back().why_not.empty())
          sweeps[sweep_of(each.of) + routing].emplace_back(answers.size() - 1, routing);
      }
    for (const auto& [name, of] : sweeps) price_sweep(answers, of);
    return answers;
  }

 private:
  using members = std::vector<std::pair<std::size_t, std::string>>;

  std::vector<std::string> routings_of(const row& r) const {
    return r.routing.empty() ? how_.routings : std::vector<std::string>{r.routing};
  }
  static std::string sweep_of(row r) {
    r.bytes.reset(), r.count.reset(), r.dtype.clear(), r.redop.clear(), r.in_place.reset();
    return bench::compare::detail::key_text(r);
  }

  void price_sweep(std::vector<answer>& answers, const members& of) {
    const row& first = answers[of.front().first].of->of;
    std::vector<std::int64_t> bytes;
    for (const auto& [place, routing] : of) bytes.push_back(answers[place].of->of.bytes.value_or(0));
    std::string why_not;
    try {
      const scene& s = scene_of(first);
      const pricing way = pricing_of(first, of.front().second);
      for (const priced_algorithm& a : candidates(first, s.shape)) {
        const auto prices = a.sweep(s, static_cast<rank_t>(first.root.value_or(0)), bytes, std::span{&way.chosen, 1});
        for (std::size_t i = 0; i < of.size(); ++i) take(answers[of[i].first], s, a, prices.front()[i], way);
      }
    } catch (const error& refused) {
      why_not = refused.what();
    }
    for (const auto& [place, routing] : of)
      if (answer& a = answers[place]; !why_not.empty()) a.why_not = why_not;
      else if (a.of->of.bytes.value_or(0) <= 0 || a.expected.time_us.value_or(0) <= 0) a.why_not = "nothing is moved";
  }

  /// Keeps the faster of what is known and this.
  static void take(answer& into, const scene& s, const priced_algorithm& a, const colossus::price& p,
                   const pricing& way) {
    if (into.expected.time_us && *into.expected.time_us <= p.seconds * 1e6) return;
    row& r = into.expected = into.of->of;
    r.algorithm = a.algorithm, r.source = "simulated", r.seed.reset();
    describe_scene(r, s);
    describe_price(r, p, way, a.bus_factor(s.shape.ranks));
  }

  /// The algorithm of the row, or those of NCCL where it says none of ours.
  std::vector<priced_algorithm> candidates(const row& r, const problem& shape) const {
    const auto named = [&](std::string_view name) {
      return std::find_if(known_.begin(), known_.end(), [&](const priced_algorithm& a) {
        return a.collective == r.collective && a.algorithm == name;
      });
    };
    std::vector<priced_algorithm> found;
    if (const auto own = named(our_name(r.algorithm)); own != known_.end()) found.push_back(*own);
    else
      for (const std::string_view name : algorithms_of_nccl(r.collective))
        if (const auto a = named(name); a != known_.end()) found.push_back(*a);
    expects(!found.empty(), r.collective + ": none of our algorithms does this");
    const std::string first{found.front().algorithm};
    std::erase_if(found, [&](const priced_algorithm& a) { return !a.serves(shape); });
    expects(!found.empty(), r.collective + " " + first + " does not serve " + std::to_string(shape.ranks) + " ranks");
    return found;
  }

  pricing pricing_of(const row& r, const std::string& routing) const {
    options o = how_.of;
    o.routings = {routing};
    if (r.queue_pairs) o.queue_pairs = {static_cast<int>(std::clamp<std::int64_t>(*r.queue_pairs, 1, 1024))};
    if (r.seed) o.seed = *r.seed;
    if (r.source == "simulated" && r.iters) o.seeds = static_cast<int>(std::clamp<std::int64_t>(*r.iters, 1, 100'000));
    return pricings_of(o).front();
  }

  const scene& scene_of(const row& r) {
    options o = how_.of;
    if (!r.placement.empty()) o.placement = r.placement;
    if (r.seed) o.seed = *r.seed;
    if (r.source != "simulated") {  // there these say what an algorithm chose for itself
      o.lanes = static_cast<int>(std::clamp<std::int64_t>(r.lanes.value_or(0), 0, 64));
      o.chunk_bytes = std::max<std::int64_t>(0, r.chunk_bytes.value_or(0));
    }
    const auto name = std::tuple{r.ranks, r.nodes, o.placement, o.seed, o.lanes, o.chunk_bytes};
    const auto known = scenes_.find(name);
    if (known != scenes_.end()) return known->second;
    scene s = std::visit([&](const auto& fabric) { return placed(fabric, r, o); }, machine_->fabric);
    s.bare = bare_;
    return scenes_.emplace(name, std::move(s)).first->second;
  }

  /// The ranks of a row on the machine: as many on each node as they were, the first GPUs of it. Of prices, and where
  /// nodes are not said, nodes are filled one after the other.
  template <topology T>
  scene placed(const T& fabric, const row& r, const options& o) const {
    const std::int64_t ranks = r.ranks.value_or(0), per_node = fabric.gpus_per_node(), nodes = r.nodes.value_or(0);
    expects(ranks > 1, "one rank moves nothing");
    expects(ranks <= fabric.gpus() && nodes <= fabric.nodes(),
            with_commas(ranks) + " ranks on " + with_commas(nodes) + " nodes: " + name() + " has " +
                with_commas(fabric.gpus()) + " GPUs on " + with_commas(fabric.nodes()));
    const bool is_domain = nodes == 1 && ranks <= fabric.gpus_per_domain();  // such as a rack of NVL72
    std::int64_t on_each = per_node;
    if (r.source != "simulated" && nodes > 0 && !is_domain) {
      expects(ranks % nodes == 0, "ranks are uneven over nodes");
      on_each = ranks / nodes;
      expects(on_each <= per_node,
              with_commas(on_each) + " ranks a node: " + name() + " has " + with_commas(per_node) + " GPUs a node");
    }
    auto gpus = bench::detail::place(fabric, static_cast<rank_t>(on_each == per_node ? ranks : nodes * per_node), o);
    std::vector<gpu_t> kept;
    for (std::size_t i = 0; i < gpus.size(); ++i)
      if (static_cast<std::int64_t>(i) % per_node < on_each) kept.push_back(gpus[i]);
    return bench::detail::scene_of(machine_, fabric, std::move(kept), o);
  }
  const std::string& name() const { return machine_->description.name; }

  std::vector<priced_algorithm> known_;
  expected_how how_;
  std::shared_ptr<const loaded> machine_, bare_;
  std::map<std::tuple<integer, integer, std::string, std::int64_t, int, std::int64_t>, scene> scenes_;
};

}  // namespace colossus::bench::compare
