// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/stream_memory.hpp>
#include <colossus/detail/stream_turn.hpp>

#include <iterator>
#include <map>
#include <utility>

namespace colossus::detail {

/// Writes a program, operation by operation, each behind those that it has to wait for.
class stream_writer {
 public:
  using kind = stream_operation::kind;

  explicit stream_writer(std::size_t cells) : order_{cells} { add(kind::begin, track::main, {}); }

  void add_exchange(const stream_turn& now, int turn) {
    if (now.sends.empty() && now.recvs.empty()) return;
    stream_operation& o = add(kind::exchange, track::main, now.exchanged);
    o.turn = turn;
    o.first_send = program_.send_list.size(), o.sends = now.sends.size();
    o.first_recv = program_.recv_list.size(), o.recvs = now.recvs.size();
    std::copy(now.sends.begin(), now.sends.end(), std::back_inserter(program_.send_list));
    std::copy(now.recvs.begin(), now.recvs.end(), std::back_inserter(program_.recv_list));
  }

  void add_combinations(const std::vector<combination>& list, const footprint& what, track on) {
    if (list.empty()) return;
    stream_operation& o = add(kind::combine, on, what);
    o.first_combination = program_.combination_list.size(), o.combinations = list.size();
    std::copy(list.begin(), list.end(), std::back_inserter(program_.combination_list));
  }

  /// The end: the caller's stream waits for what went on beside it; every part of the workspace gets its place.
  stream_program finish(const memory_map& map, std::int64_t element_size, const std::map<int, std::int64_t>& staging) {
    add(kind::end, track::main, {}, last_on_side_);
    const auto rounded = [](std::int64_t bytes) { return (bytes + 255) / 256 * 256; };
    std::int64_t end = rounded(map.written == area::work ? map.count * map.areas * element_size : 0);
    std::map<int, std::int64_t> starts;
    for (const auto& [slot, bytes] : staging) starts[slot] = std::exchange(end, end + rounded(bytes));
    resolve(starts);
    program_.input_bytes = map.given.count * element_size;
    if (map.keeps_input) program_.aside = std::exchange(end, end + rounded(program_.input_bytes));
    program_.to = peers(program_.send_list), program_.from = peers(program_.recv_list);
    const std::size_t connecting = 16 * (program_.to.size() + program_.from.size());
    program_.work_bytes = std::max(end, static_cast<std::int64_t>(connecting));
    return std::move(program_);
  }

 private:
  /// An operation behind all others of its track, and behind those of the other track that it has to wait for. What
  /// goes on beside the caller's stream begins behind what the caller put there before.
  stream_operation& add(kind what, track on, const footprint& touched, int also = -1) {
    auto& all = program_.operations;
    const int index = static_cast<int>(all.size());
    const int first = also >= 0 ? also : on == track::side ? 0 : -1;
    const int needed = order_.place(index, on, touched, all);
    const int behind = std::max(needed, order_.wait(on, first));
    all.push_back({.what = what, .on = on, .waits_for = behind});
    if (behind >= 0) all[static_cast<std::size_t>(behind)].waited_for = true;
    if (on == track::side) last_on_side_ = index;
    return all.back();
  }

  void resolve(const std::map<int, std::int64_t>& starts) {
    const auto place_it = [&](place& p) {
      if (p.where == area::staging) p = {area::work, starts.at(p.slot) + p.offset};
    };
    for (combination& c : program_.combination_list) place_it(c.own), place_it(c.from), place_it(c.onto);
    for (auto* list : {&program_.send_list, &program_.recv_list})
      for (stream_message& m : *list) place_it(m.what);
  }

  static std::vector<rank_t> peers(const std::vector<stream_message>& list) {
    std::set<rank_t> all;
    for (const stream_message& m : list) all.insert(m.peer);
    return {all.begin(), all.end()};
  }

  stream_program program_;
  stream_order order_;
  int last_on_side_ = -1;
};

}  // namespace colossus::detail
