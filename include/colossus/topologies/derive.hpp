// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/json_reader.hpp>

#include <cmath>

namespace colossus::topologies {

/// How the NICs of nodes meet the leaves.
enum class wiring : std::uint8_t {
  as_it_is,
  rail_optimised,  ///< NIC k of every node of a pod meets the leaf of rail k; the tiers above join all rails
  rail_only,       ///< the same, but no switch serves two rails: messages change rails over NVLink
  single_leaf      ///< all NICs of a node meet one leaf; there are no rails
};

/// What to change in a machine.
struct derivation {
  wiring how = wiring::as_it_is;
  std::vector<std::pair<std::string, double>> oversubscribe{};  ///< tier; bytes/s down over up, of its switches' ports
};

/// The description of a machine like another of one `clos`, with as many nodes: for "what would rails do to us?".
/// Pods become as large as a full leaf allows; numbers of switches follow when the description is read. It says what
/// was changed in its name and its assumptions, and that it is synthetic. Throws `error` (input, or usage for a tier
/// that is none) where that cannot be.
class deriver {
 public:
  deriver(std::string path, nlohmann::json base) : path_{std::move(path)}, json_(std::move(base)) {}

  nlohmann::json operator()(const derivation& asked) {
    const detail::json_reader root{path_, json_};
    if (root["scale_out"]["generator"].text() != "clos") root["scale_out"]["generator"].fail("clos, to derive from");
    const std::string base = root["name"].text();
    if (asked.how != wiring::as_it_is) rewire(asked.how);
    for (const auto& [tier, ratio] : asked.oversubscribe) oversubscribe(tier, ratio);
    json_["evidence"] = "synthetic";
    json_.erase("site");  // the building's figures are of the machine as it is
    json_["name"] = base + suffix_;
    json_["title"] = base + " with " + what_;
    auto& assumptions = json_["assumptions"];
    assumptions.insert(assumptions.begin(), "derived from " + base + ": " + what_);
    return json_;
  }

 private:
  using json = nlohmann::json;
  json& out() { return json_["scale_out"]; }
  [[noreturn]] void complain(const std::string& key, const std::string& message) const {
    throw error{path_ + ": " + key + ": " + message, failure::input};
  }
  void note(const std::string& suffix, const std::string& what) {
    suffix_ += "-" + suffix;
    what_ += (what_.empty() ? "" : ", ") + what;
  }

  void rewire(wiring how) {
    const detail::json_reader root{path_, json_}, net = root["scale_out"];
    const auto types = root["node_types"].members();
    if (types.empty()) root["node_types"].fail("a node type");
    const std::int64_t nics = types[0].second["nics"]["count"].count();
    const auto tiers = net["tiers"].elements();
    if (tiers.empty()) net["tiers"].fail("a tier of switches");
    const std::int64_t old_pods = net["pods"].count(), old_pod = net["nodes_per_pod"].count();
    const std::int64_t nodes = old_pods * old_pod, down = tiers[0]["down"].count();
    const std::int64_t rails = how == wiring::single_leaf ? 1 : nics, in_pod = std::min(nodes, down * rails / nics);
    if (in_pod < 1 || nodes % in_pod)
      complain("/scale_out/tiers/0/down", "full leaves make pods of " + std::to_string(in_pod) + " nodes, which the " +
                                              std::to_string(nodes) + " nodes do not fill: expected a divisor");
    if (json_.contains("populations") && in_pod != old_pod)
      complain("/populations", "expected none: pods of " + std::to_string(in_pod) + " nodes are others than theirs");
    const std::int64_t old_rails = net.has("rails") ? net["rails"].count() : 1;
    const std::int64_t slots = old_pod * nics / old_rails,
                       old_leaves = old_pods * old_rails * ((slots + down - 1) / down);
    for (std::size_t i = 1; i < tiers.size(); ++i)
      regroup(i, how, static_cast<double>(old_leaves) * joined(i, old_pods, old_rails), nodes / in_pod, rails);
    out()["pods"] = nodes / in_pod, out()["nodes_per_pod"] = in_pod, out()["rails"] = rails;
    out().erase("cross_rail");
    static constexpr const char* names[] = {"", "rail-optimised", "rail-only", "single-leaf"};
    static constexpr const char* texts[] = {"", "one leaf for each rail of a pod", "no switch that serves two rails",
                                            "all NICs of a node on one leaf"};
    note(names[static_cast<int>(how)], texts[static_cast<int>(how)]);
  }

  /// The share of the leaves that one set of switches of a tier joins.
  double joined(std::size_t tier, std::int64_t pods, std::int64_t rails) {
    const json group = out()["tiers"][tier].value("group", json::object());
    return static_cast<double>(group.value("pods", pods)) / static_cast<double>(pods) *
           static_cast<double>(group.value("rails", rails)) / static_cast<double>(rails);
  }

  /// Sets of the second of three tiers join as many leaves as before, of the rails that the wiring says.
  void regroup(std::size_t tier, wiring how, double leaves, std::int64_t pods, std::int64_t rails) {
    json& t = out()["tiers"][tier];
    const bool one_rail = how == wiring::rail_only || (how == wiring::rail_optimised && keeps_rails(tier));
    t.erase("group"), t.erase("count");
    if (one_rail) t["group"]["rails"] = 1;
    if (tier != 1 || out()["tiers"].size() == 2) return;
    const auto each = static_cast<std::int64_t>(leaves + 0.5) / (one_rail ? 1 : rails);
    if (each >= pods) return;
    if (each < 1 || pods % each)
      complain("/scale_out/tiers/1/group", "sets that join " + detail::json_reader::brief(leaves) +
                                               " leaves, as before, do not divide the " + std::to_string(pods) +
                                               " pods evenly: set the groups by hand");
    t["group"]["pods"] = each;
  }
  /// Whether sets of switches of a tier served one rail each, below a tier that joins them: they may stay so.
  bool keeps_rails(std::size_t tier) {
    const json& tiers = out()["tiers"];
    const json group = tiers[tier].value("group", json::object());
    return tier + 1 < tiers.size() && group.value("rails", 0) == 1;
  }

  void oversubscribe(const std::string& name, double ratio) {
    json& tiers = out()["tiers"];
    std::string names;
    for (std::size_t i = 0; i < tiers.size(); ++i) {
      const detail::json_reader in{path_, tiers[i], "/scale_out/tiers/" + std::to_string(i)};
      names += (i + 1 < tiers.size() ? (names.empty() ? "" : ", ") + in["name"].text() : "");
      if (in["name"].text() != name || i + 1 == tiers.size()) continue;
      const detail::json_reader above{path_, tiers[i + 1], "/scale_out/tiers/" + std::to_string(i + 1)};
      const double exact = in["down"].count() * in["gbps"].positive() / above["gbps"].positive() / ratio;
      const double up = std::round(exact);
      const std::string text = name + "=" + detail::json_reader::brief(ratio) + ":1";
      if (up < 1 || std::abs(up - exact) > 1e-9 * exact)
        complain("/scale_out/tiers/" + std::to_string(i) + "/up",
                 text + " would take " + detail::json_reader::brief(exact) + " links up: expected a whole number");
      tiers[i]["up"] = static_cast<std::int64_t>(up), tiers[i + 1].erase("count");
      note(name + "-" + detail::json_reader::brief(ratio) + "to1",
           name + " switches oversubscribed " + detail::json_reader::brief(ratio) + ":1");
      return;
    }
    throw error{"--oversubscribe " + name + ": expected a tier below another (" + names + ")"};
  }

  std::string path_;
  json json_;
  std::string suffix_, what_;
};

}  // namespace colossus::topologies
