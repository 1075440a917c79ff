// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pairs.hpp>
#include <colossus/bench/table.hpp>
#include <colossus/error.hpp>

#include <functional>

namespace colossus::bench {

/// Where rows and remarks go; both may be empty.
struct pair_sink {
  std::function<void(const row&)> add;
  std::function<void(const std::string&)> note;
};

namespace detail {

inline std::string pair_cell(const pair_result* p, bool latency) {
  if (!p) return format("%8s", "-");
  if (!p->answered) return format("%8s", "dead");
  if (p->wrong > 0) return format("%8s", "wrong");
  return format("%8.1f", latency ? p->us : p->GBps);
}

inline const pair_result* find_pair(const std::vector<pair_result>& pairs, int a, int b) {
  const auto found = std::find_if(pairs.begin(), pairs.end(),
                                  [&](const pair_result& p) { return p.a == std::min(a, b) && p.b == std::max(a, b); });
  return found == pairs.end() ? nullptr : &*found;
}

/// A line a rank: GB/s to those above it, microseconds to those below.
inline std::vector<std::string> pair_matrix(const std::vector<pair_result>& pairs, int ranks) {
  std::vector<std::string> lines{"above the diagonal GB/s each way, both ways busy; below it us one way", "     "};
  for (int b = 0; b < ranks; ++b) lines.back() += format("%8d", b);
  for (int a = 0; a < ranks; ++a) {
    lines.push_back(format("%5d", a));
    for (int b = 0; b < ranks; ++b)
      lines.back() += a == b ? format("%8s", "") : pair_cell(find_pair(pairs, a, b), b < a);
  }
  return lines;
}

/// The slowest pairs, slowest first.
inline std::vector<std::string> slowest_pairs(std::vector<pair_result> pairs, const std::vector<pair_end>& ends,
                                              std::size_t most) {
  std::erase_if(pairs, [](const pair_result& p) { return !p.answered || p.wrong > 0; });
  std::sort(pairs.begin(), pairs.end(), [](const auto& x, const auto& y) { return x.GBps < y.GBps; });
  pairs.resize(std::min(pairs.size(), most));
  std::vector<std::string> lines{"the slowest " + std::to_string(pairs.size()) + " pairs: GB/s each way, us one way"};
  for (const pair_result& p : pairs) lines.push_back(format("%8.1f%8.1f  ", p.GBps, p.us) + name_of(ends, p));
  return lines;
}

}  // namespace detail

/// The row of a pair: of its bandwidth, or of its latency.
inline row pair_row(const row& common, const pair_result& p, const std::vector<pair_end>& ends, bool latency) {
  row r = common;
  r.collective = "send_recv";
  r.algorithm = "nccl";
  r.dtype = "uint8";
  r.in_place = 0;
  r.bytes = r.count = latency ? p.small_bytes : p.bytes;
  if (p.iterations > 0) r.iters = p.iterations;
  r.timing = latency ? "ping_pong" : "back_to_back";
  r.status = !p.answered ? "timeout" : p.wrong > 0 ? "wrong_data" : "ok";
  if (p.answered) r.errors = p.wrong;
  if (r.status == "ok") set_time(r, latency ? p.us : p.transfer_us(), "mean", 1);
  const auto end = [&](int rank) {
    const pair_end& e = ends[static_cast<std::size_t>(rank)];
    return e.host + ":" + std::to_string(e.gpu);
  };
  r.tags += (r.tags.empty() ? "pair=" : ";pair=") + std::to_string(p.a) + "-" + std::to_string(p.b) +
            ";ends=" + end(p.a) + "," + end(p.b);
  return r;
}

/// Sends all rows, a matrix (of up to 16 ranks, else the 10 slowest pairs) and the verdict to `out`. The exit status:
/// 0, 1 where data was wrong, 4 where a pair did not answer.
inline int report_pairs(const std::vector<pair_result>& pairs, const std::vector<pair_end>& ends, const row& common,
                        const pair_sink& out) {
  for (const pair_result& p : pairs)
    for (const bool latency : {false, true})
      if (out.add) out.add(pair_row(common, p, ends, latency));
  const auto note = [&](const std::string& line) {
    if (out.note) out.note(line);
  };
  const auto lines = ends.size() <= 16 ? detail::pair_matrix(pairs, static_cast<int>(ends.size()))
                                       : detail::slowest_pairs(pairs, ends, 10);
  for (const auto& line : lines) note(line);
  const pair_verdict verdict = judge_pairs(pairs, ends);
  for (const auto& line : verdict.broken) note(line);
  for (const auto& line : verdict.slow) note(line);
  if (verdict.broken.empty() && verdict.slow.empty())
    note("pairs: " + std::to_string(pairs.size()) + ", none out of the ordinary: median " + in_words(verdict.medians));
  const auto dead = [](const pair_result& p) { return !p.answered; };
  if (std::any_of(pairs.begin(), pairs.end(), dead)) return static_cast<int>(failure::broke);
  return verdict.broken.empty() ? 0 : static_cast<int>(failure::check);
}

}  // namespace colossus::bench
