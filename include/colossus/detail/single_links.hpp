// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/capacity_runs.hpp>
#include <colossus/detail/fold.hpp>
#include <colossus/packets.hpp>

#include <algorithm>
#include <optional>

namespace colossus::detail {

/// The links of a machine, each for itself, with what packets leave of their capacity.
template <topology T>
class single_links {
 public:
  single_links(const T& machine, const packet_effects& packets) : machine_{machine}, packets_{packets} {
    if constexpr (requires { uniform_links(machine); }) uniform_ = uniform_links(machine);
  }

  link_t size() const { return machine_.links(); }
  std::size_t kinds() const { return machine_.kinds().size(); }
  int kind(link_t at) const { return machine_.kind(at); }
  bool uses(routing how, link_t at) const { return machine_.uses(how, at); }
  link_t link(link_t at) const { return at; }
  link_t number(link_t link) const { return link; }
  double count(link_t) const { return 1; }
  /// Where the links that begin with `at` end that are known to be of its kind and to carry the same.
  link_t same_until(link_t at) const {
    const auto end = std::ranges::upper_bound(uniform_, at);
    return end == uniform_.end() ? at + 1 : *end;
  }
  double images() const { return 1; }
  const fold& digits() const { return none_; }
  double capacity(link_t at) const { return packets_.none() ? machine_.capacity(at) : packets_.capacity(machine_, at); }
  std::span<const capacity_run> capacities() {
    if (runs_.empty()) {
      const auto of = [&](link_t at) { return capacity(at); };
      for (const link_t end : uniform_) runs_.push_back({end, of(end - 1)});
      if (runs_.empty()) runs_ = capacity_runs(size(), of);
    }
    return runs_;
  }

 private:
  const T& machine_;
  packet_effects packets_;
  std::vector<link_t> uniform_;  // where links of one kind and capacity end, in machines that know
  std::vector<capacity_run> runs_;
  fold none_;
};

}  // namespace colossus::detail
