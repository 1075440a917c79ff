// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>
#include <colossus/bench/topology_text.hpp>
#include <colossus/bench/trace/array_trace.hpp>
#include <colossus/bench/trace/trace_events.hpp>

#include <set>

namespace colossus::bench {

/// Chrome trace events, for Perfetto: process 1 is the machine (the operation, and a counter for each kind of link),
/// each node of the array is a process, each lane of a GPU and each NIC a thread. Times are microseconds.
class trace_file {
 public:
  /// `r` is the row whose time the last event ends with.
  trace_file(const std::string& path, const row& r, const traced& what, const array_trace& array)
      : out_{path}, row_{r}, what_{what}, array_{array} {}

  /// Writes the whole; `about` goes before what is said of the drawing. Returns how many events it has.
  std::size_t write(nlohmann::ordered_json about) {
    operation();
    phases();
    counters();
    messages();
    about.update(drawing());
    return out_.end(about);
  }

  /// How the times came about, and what is not drawn, in words.
  nlohmann::ordered_json drawing() const {
    nlohmann::ordered_json all;
    all["times"] = times_text();
    all["array"] = array_text();
    all["messages"] = array_.messages();
    all["left_out"] = left_out();
    for (std::size_t kind = 0; kind < what_.wires.kinds().size(); ++kind)
      if (const double bytes = array_.counters().sum(kind); bytes > 0)
        all["links"][what_.wires.kinds()[kind]] = {{"bytes", bytes}, {"capacity_GBps", what_.capacity[kind] / 1e9}};
    return all;
  }

 private:
  using stint = colossus::detail::stint;
  static constexpr int machine = 1, first_node = 2;
  static constexpr std::size_t most_phases = 5'000;

  std::string times_text() const {
    std::string text =
        !what_.folded
            ? "each message as the discrete events followed it"
            : "of the folded price (" + row_.cost_model + "): the ends of phases are the price's; in a phase " +
                  "rounds are evenly spaced, and a message takes the mean time of its distance, or until the " +
                  "next one of its lane";
    if (what_.folded && what_.folded->sampled) text += "; sampled rounds stand for their neighbours";
    if (std::abs(array_.stretched() - 1) > 1e-9)
      text += "; of the draw with seed " + std::to_string(what_.how.routing.seed) + ", stretched by " +
              to_text(array_.stretched()) + " to the row's time";
    return text;
  }
  std::string array_text() const {
    std::set<std::int32_t> nodes;
    for (const track_place& place : array_.places()) nodes.insert(place.node);
    return "pod " + std::to_string(array_.pod()) + ": " + with_commas(static_cast<std::int64_t>(nodes.size())) +
           " nodes, " + with_commas(static_cast<std::int64_t>(array_.gpus())) + " GPUs";
  }
  nlohmann::ordered_json left_out() const {
    auto all = nlohmann::ordered_json::array();
    const std::size_t others = what_.placement.size() - array_.gpus();
    if (array_.gpus_left_out() > 0)
      all.push_back("of this array " + with_commas(static_cast<std::int64_t>(array_.gpus_left_out())) +
                    " GPUs: too many tracks");
    if (others > 0)
      all.push_back("the messages of the other " + with_commas(static_cast<std::int64_t>(others)) +
                    " GPUs: the counters have their bytes");
    if (const std::int64_t n = array_.spans().together(); n > 1)
      all.push_back("single messages: up to " + with_commas(n) + " of a lane that follow one another are one event");
    return all;
  }

  void operation() {
    out_.name_process(machine, row_.topology + ": all " + with_commas(row_.ranks.value_or(0)) + " ranks", -1);
    out_.name_thread(machine, 1, "operation");
    out_.span(machine, 1, row_.collective + " " + row_.algorithm, 0, *row_.time_us / 1e6,
              "\"bytes\":" + to_text(row_.bytes) + ",\"limit\":" + trace_events::quoted(row_.limit) +
                  ",\"price_kind\":" + trace_events::quoted(row_.price_kind));
  }

  /// The phases of all lanes, rounds of one phase as one.
  void phases() {
    if (!what_.folded) return;
    const auto& lanes = what_.folded->lanes;
    int thread = 1;
    for (const std::vector<stint>& lane : lanes) {
      const std::vector<stint> joined = joined_phases(lane);
      if (joined.size() * lanes.size() > most_phases) return;
      ++thread;
      const std::string which = lanes.size() == 1 ? "" : " of lane " + std::to_string(thread - 2);
      out_.name_thread(machine, thread, "rounds" + which);
      for (const stint& s : joined)
        if (s.end > s.begin)
          out_.span(machine, thread,
                    "round" + std::string{s.rounds > 1 ? "s " : " "} + rounds_text(s.first, s.first + s.rounds - 1),
                    array_.at(s.begin), array_.at(s.end), {});
    }
  }
  static std::vector<stint> joined_phases(const std::vector<stint>& lane) {
    std::vector<stint> all;
    for (const stint& s : lane)
      if (!all.empty() && all.back().phase == s.phase && all.back().end == s.begin)
        all.back().end = s.end, all.back().rounds += s.rounds;
      else all.push_back(s);
    return all;
  }

  void counters() {
    const tier_counters& all = array_.counters();
    for (std::size_t kind = 0; kind < all.kinds(); ++kind) {
      if (all.sum(kind) <= 0) continue;
      double before = -1;
      for (std::size_t step = 0; step <= all.steps(); ++step) {
        const double rate = step < all.steps() ? all.rate(kind, step) / 1e9 : 0;
        if (rate == std::exchange(before, rate)) continue;
        out_.counter(machine, what_.wires.kinds()[kind] + " GB/s", all.begin(step), "GBps", rate);
      }
    }
  }

  void messages() {
    const auto& tracks = array_.spans().tracks();
    const int lanes = what_.script.lanes();
    std::map<std::pair<std::int32_t, std::string>, std::vector<std::size_t>> nics;
    std::set<std::int32_t> nodes;
    for (std::size_t track = 0; track < tracks.size(); ++track) {
      const track_place& place = array_.places()[track];
      if (tracks[track].empty()) continue;
      if (nodes.insert(place.node).second) out_.name_process(process(place), what_.host_of(place.node), place.node);
      if (!place.nic.empty()) {
        nics[{place.node, place.nic}].push_back(track);
        continue;
      }
      const int thread = 1 + place.gpu * lanes + place.lane;
      out_.name_thread(process(place), thread,
                       "GPU " + std::to_string(place.gpu) + (lanes > 1 ? " lane " + std::to_string(place.lane) : ""));
      for (const span_of_messages& s : tracks[track]) message(process(place), thread, s, place.lane);
    }
    int thread = what_.gpus_per_node * lanes;
    for (const auto& [nic, of] : nics) thread = nic_messages(nic.second, of, thread);
  }

  /// A NIC's messages of all lanes, side by side on as many threads as they need; returns the last thread's number.
  int nic_messages(const std::string& nic, const std::vector<std::size_t>& of, int thread) {
    std::vector<std::pair<const span_of_messages*, int>> all;  // with their lanes
    for (const std::size_t track : of)
      for (const span_of_messages& s : array_.spans().tracks()[track])
        all.emplace_back(&s, array_.places()[track].lane);
    std::ranges::stable_sort(all, {}, [](const auto& s) { return s.first->begin; });
    std::vector<double> busy;
    const int node = process(array_.places()[of.front()]);
    for (const auto& [span, lane] : all) {
      const double begin = span->begin;
      const auto free = std::ranges::find_if(busy, [&](double until) { return until <= begin; });
      const int slot = static_cast<int>(free - busy.begin());
      if (free == busy.end()) {
        busy.push_back(0);
        out_.name_thread(node, thread + 1 + slot, nic + " out" + (slot > 0 ? " +" + std::to_string(slot) : ""));
      }
      busy[static_cast<std::size_t>(slot)] = span->end;
      message(node, thread + 1 + slot, *span, lane);
    }
    return thread + static_cast<int>(busy.size());
  }

  void message(int process, int thread, const span_of_messages& s, int lane) {
    const bool one_peer = s.to != span_of_messages::several;
    const std::string peer = std::to_string(s.to), count = std::to_string(s.messages);
    out_.span(process, thread, (s.messages > 1 ? count + " " : "") + (one_peer ? "to " + peer : "messages"), s.begin,
              s.end,
              (one_peer ? "\"to\":" + peer + "," : "") + (s.messages > 1 ? "\"messages\":" + count + "," : "") +
                  "\"bytes\":" + to_text(s.bytes) + ",\"round\":\"" + rounds_text(s.first, s.last) +
                  "\",\"lane\":" + std::to_string(lane));
  }

  static int process(const track_place& place) { return first_node + place.node; }
  static std::string rounds_text(round_t first, round_t last) {
    return std::to_string(first) + (last > first ? ".." + std::to_string(last) : "");
  }

  trace_events out_;
  const row& row_;
  const traced& what_;
  const array_trace& array_;
};

}  // namespace colossus::bench
