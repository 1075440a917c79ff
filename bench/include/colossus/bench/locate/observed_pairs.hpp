// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pair_model.hpp>
#include <colossus/bench/pairs_csv.hpp>
#include <colossus/detail/host_list.hpp>
#include <colossus/placement.hpp>

#include <map>
#include <set>
#include <tuple>

namespace colossus::bench::locate {

/// A pair that was measured: which GPUs, what it took, and with which others it shared the fabric.
struct observed_pair {
  exchange what;
  double seconds = 0;
  std::uint32_t round = 0;  ///< pairs of equal number were busy together
};

/// A table of pairs on a machine, in order of rounds, with what could not be used of it.
struct observed_table {
  std::vector<observed_pair> pairs;
  std::vector<pair_line> silent;  ///< without a time: timeouts, wrong data
  std::vector<std::string> notes;
};

/// Which node of a machine has which name: those of a list in file order, else p<pod>-n<node>. Of a name with dots the
/// first part will do.
template <class Fabric>
class node_names {
 public:
  explicit node_names(const Fabric& machine) : machine_{machine} {}

  /// Takes the names of a list. Throws `error` (input) where there are more than nodes, or one comes twice.
  void read(std::string_view list, const std::string& where) {
    std::int32_t node = 0;
    for (const std::string& name : colossus::detail::host_list{list, where}.expand()) {
      if (node >= machine_.nodes())
        throw error{where + ": expected at most " + std::to_string(machine_.nodes()) +
                        " hosts, the nodes of the topology, found more",
                    failure::input};
      if (!given_.emplace(name, node++).second)
        throw error{where + ": expected each host once, found \"" + name + "\" again", failure::input};
    }
    if (given_.empty()) throw error{where + ": expected at least one host, found none", failure::input};
  }

  std::optional<std::int32_t> find(const std::string& name) const {
    for (const std::string& form : {name, name.substr(0, name.find('.'))})
      if (given_.empty()) {
        if (const auto node = find_host(machine_, form)) return node;
      } else if (const auto node = given_.find(form); node != given_.end()) {
        return node->second;
      }
    return {};
  }

  /// The name of a node in the list; empty without one.
  std::string given(std::int32_t node) const {
    for (const auto& [name, of] : given_)
      if (of == node) return name;
    return {};
  }

  std::string expected() const {
    return given_.empty() ? "p0-n0 to " + colossus::host_name(machine_, machine_.nodes() - 1) +
                                ", or those of --hosts FILE in the order of the topology"
                          : "one of --hosts";
  }

 private:
  const Fabric& machine_;
  std::map<std::string, std::int32_t, std::less<>> given_;
};

namespace detail {

/// One end of a line.
struct observed_end {
  std::int64_t rank = 0, device = 0;
  std::int32_t node = 0;
  bool operator<(const observed_end& other) const {
    return std::tie(node, rank, device) < std::tie(other.node, other.rank, other.device);
  }
};

/// The GPU of every rank: the device that the table says; where ranks of a host name one device, as they do where each
/// process sees one only, the ranks' order on their host.
template <class Fabric>
std::map<std::int64_t, gpu_t> gpus_of_ranks(const Fabric& machine, const std::set<observed_end>& ends,
                                            const std::string& where) {
  std::map<std::int64_t, gpu_t> gpus;
  for (auto first = ends.begin(); first != ends.end();) {
    const auto last = std::find_if(first, ends.end(), [&](const observed_end& e) { return e.node != first->node; });
    std::set<std::int64_t> devices;
    for (auto e = first; e != last; ++e) devices.insert(e->device);
    const bool by_order = static_cast<std::ptrdiff_t>(devices.size()) < std::distance(first, last);
    std::int64_t next = 0;
    for (; first != last; ++first) {
      const std::int64_t device = by_order ? next++ : first->device;
      if (device < 0 || device >= machine.gpus_per_node())
        throw error{where + ": expected devices 0 to " + std::to_string(machine.gpus_per_node() - 1) + " on " +
                        colossus::host_name(machine, first->node) + ", found " + std::to_string(device) + " at rank " +
                        std::to_string(first->rank),
                    failure::input};
      gpus[first->rank] = static_cast<gpu_t>(first->node * machine.gpus_per_node() + device);
    }
  }
  return gpus;
}

template <class Fabric>
observed_end end_of(const node_names<Fabric>& names, const std::string& host, std::int64_t rank, std::int64_t device,
                    const std::string& where) {
  const auto node = names.find(host);
  if (!node) throw error{where + ": expected hosts " + names.expected() + ", found \"" + host + "\"", failure::input};
  return {rank, device, *node};
}

inline bool has_time(const pair_line& line) {
  return line.status == "ok" && line.time_us_p50 && *line.time_us_p50 > 0 && line.bytes && *line.bytes > 0;
}

/// What tells which pairs were busy together.
inline auto together(const pair_line& line, std::size_t number) {
  return std::tuple{line.run_id, line.bytes.value_or(0), line.round ? *line.round : -1,
                    line.round ? std::size_t{0} : number};  // without a round: each by itself
}

}  // namespace detail

/// The pairs of a table (`where` names it in errors) on the GPUs of a machine. Throws `error` (input) for a host or a
/// device that the machine has not, a pair without ranks, or a table without times.
template <class Fabric>
observed_table observe(const Fabric& machine, const node_names<Fabric>& names, const std::vector<pair_line>& lines,
                       const std::string& where) {
  std::map<std::string, std::set<detail::observed_end>> ends;  // of each run: the next may have its ranks elsewhere
  for (const pair_line& l : lines) {
    if (!l.src_rank || !l.dst_rank || *l.src_rank == *l.dst_rank)
      throw error{where + ": expected two ranks in every pair", failure::input};
    ends[l.run_id].insert(detail::end_of(names, l.src_host, *l.src_rank, l.src_device.value_or(0), where));
    ends[l.run_id].insert(detail::end_of(names, l.dst_host, *l.dst_rank, l.dst_device.value_or(0), where));
  }
  std::map<std::string, std::map<std::int64_t, gpu_t>> gpus;
  for (const auto& [run, of] : ends) gpus[run] = detail::gpus_of_ranks(machine, of, where);
  observed_table table;
  std::map<decltype(detail::together(lines[0], 0)), std::uint32_t> rounds;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const pair_line& l = lines[i];
    if (!detail::has_time(l)) {
      table.silent.push_back(l);
      continue;
    }
    const auto round = rounds.try_emplace(detail::together(l, i), static_cast<std::uint32_t>(rounds.size())).first;
    table.pairs.push_back({{gpus.at(l.run_id).at(*l.src_rank), gpus.at(l.run_id).at(*l.dst_rank), *l.bytes},
                           *l.time_us_p50 * 1e-6,
                           round->second});
  }
  if (table.pairs.empty()) throw error{where + ": expected pairs with a time, found none", failure::input};
  std::ranges::stable_sort(table.pairs, {}, &observed_pair::round);
  return table;
}

}  // namespace colossus::bench::locate
