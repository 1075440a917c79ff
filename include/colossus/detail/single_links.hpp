// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/capacity_runs.hpp>
#include <colossus/detail/fold.hpp>
#include <colossus/packets.hpp>

#include <optional>

namespace colossus::detail {

/// The links of a machine, each for itself, with what packets leave of their capacity.
template <topology T>
class single_links {
 public:
  single_links(const T& machine, const packet_effects& packets) : machine_{machine}, packets_{packets} {}

  link_t size() const { return machine_.links(); }
  std::size_t kinds() const { return machine_.kinds().size(); }
  int kind(link_t at) const { return machine_.kind(at); }
  bool uses(routing how, link_t at) const { return machine_.uses(how, at); }
  link_t link(link_t at) const { return at; }
  link_t number(link_t link) const { return link; }
  double count(link_t) const { return 1; }
  double images() const { return 1; }
  const fold& digits() const { return none_; }
  double capacity(link_t at) const { return packets_.none() ? machine_.capacity(at) : packets_.capacity(machine_, at); }
  std::span<const capacity_run> capacities() {
    if (runs_.empty()) {
      const auto of = [&](link_t at) { return capacity(at); };
      if constexpr (requires { uniform_links(machine_); }) {
        for (const link_t end : uniform_links(machine_)) runs_.push_back({end, of(end - 1)});
      }
      if (runs_.empty()) runs_ = capacity_runs(size(), of);
    }
    return runs_;
  }

 private:
  const T& machine_;
  packet_effects packets_;
  std::vector<capacity_run> runs_;
  fold none_;
};

}  // namespace colossus::detail
