// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/options.hpp>
#include <colossus/price.hpp>

#include <sstream>

namespace colossus::bench {

/// Reads who straggles, and by how many microseconds: "1%:50" draws a share of the ranks, "3+17:50" names them. Throws
/// (usage) where the text says neither.
inline void read_stragglers(std::string_view text, disturbance& of) {
  const auto fail = [&] {
    throw error{"--stragglers: expected a share or ranks, and microseconds, such as 1%:50 or 3+17:50, found '" +
                std::string{text} + "'"};
  };
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto us = to_number<double>(text.substr(std::min(colon + 1, text.size())));
  if (!us || !(*us >= 0) || *us > 1e9) fail();
  of.straggler_s = *us * 1e-6;
  std::string_view who = text.substr(0, colon);
  if (who.ends_with('%')) {
    const auto percent = to_number<double>(who.substr(0, who.size() - 1));
    if (!percent || !(*percent >= 0 && *percent <= 100)) fail();
    of.straggler_share = *percent / 100;
    return;
  }
  for (bool more = true; more;) {
    const std::size_t plus = std::min(who.find('+'), who.size());
    const auto rank = to_number<rank_t>(who.substr(0, plus));
    if (!rank || *rank < 0) fail();
    of.stragglers.push_back(*rank);
    more = plus < who.size();
    who.remove_prefix(std::min(plus + 1, who.size()));
  }
}

/// Reads "fitted", or the parameters of `packet_effects` as k=v,k=v, neutral where not named. Throws (usage) where the
/// text is neither.
inline packet_effects packets_of(const std::string& text) {
  if (text == "fitted") return fitted_packets;
  packet_effects p;
  std::istringstream words{text};
  for (std::string word; std::getline(words, word, ',');) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string key = word.substr(0, equals);
    const auto value = to_number<double>(word.substr(std::min(equals + 1, word.size())));
    double* const into = key == "spray_efficiency" ? &p.spray_efficiency
                         : key == "queue_packets"  ? &p.queue_packets
                         : key == "packet_bytes"   ? &p.packet_bytes
                         : key == "header_bytes"   ? &p.header_bytes
                                                   : nullptr;
    if (!into || !value || !(*value >= 0) || !std::isfinite(*value))
      throw error{
          "--packets: expected fitted, or spray_efficiency, queue_packets, packet_bytes, header_bytes as k=v,k=v, "
          "found '" +
          word + "'"};
    *into = *value;
  }
  if (!(p.spray_efficiency > 0 && p.spray_efficiency <= 1) || !(p.header_bytes < p.packet_bytes))
    throw error{"--packets: expected spray_efficiency above 0 and up to 1, and headers smaller than packets, found '" +
                text + "'"};
  return p;
}

/// What the options say that disturbs ranks.
inline disturbance disturbance_of(const options& o) {
  disturbance d;
  if (!o.stragglers.empty()) read_stragglers(o.stragglers, d);
  d.noise_s = o.noise_us * 1e-6;
  d.skew_s = o.skew_us * 1e-6;
  d.seed = static_cast<std::uint64_t>(o.seed);
  return d;
}

/// Whether a seed decides anything of it.
inline bool draws(const disturbance& d) {
  return (d.straggler_share > 0 && d.straggler_s > 0) || d.noise_s > 0 || d.skew_s > 0;
}

/// Such as "stragglers=1%:50;noise=2;skew=10;packets=fitted", microseconds; empty where nothing disturbs.
inline std::string disturbance_text(const options& o) {
  std::string text;
  if (!o.stragglers.empty()) text += ";stragglers=" + o.stragglers;
  if (o.noise_us > 0) text += ";noise=" + to_text(o.noise_us);
  if (o.skew_us > 0) text += ";skew=" + to_text(o.skew_us);
  if (!o.packets.empty()) text += ";packets=" + o.packets;
  return text.empty() ? text : text.substr(1);
}

/// Refuses (usage) what does not go together: noise and skew are of discrete events alone, a straggler is one of the
/// ranks.
inline void check_disturbance(const options& o) {
  (void)disturbance_of(o);
  if (!o.packets.empty()) (void)packets_of(o.packets);
  for (const std::string& name : o.cost_models)
    if (name != "discrete_event" && (o.noise_us > 0 || o.skew_us > 0))
      throw error{std::string{o.noise_us > 0 ? "--noise" : "--skew"} + ": " + name +
                  " prices ranks in step: use --cost-model discrete_event"};
}
inline void check_stragglers(const disturbance& d, rank_t ranks) {
  for (const rank_t rank : d.stragglers)
    if (rank >= ranks)
      throw error{"--stragglers: expected ranks from 0 to " + std::to_string(ranks - 1) + ", found " +
                  std::to_string(rank)};
}

}  // namespace colossus::bench
