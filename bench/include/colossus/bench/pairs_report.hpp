// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pair_verdict.hpp>
#include <colossus/bench/pairs_csv.hpp>
#include <colossus/error.hpp>

#include <functional>

namespace colossus::bench {

/// Where rows, lines of the table of pairs, and remarks go; all may be empty.
struct pair_sink {
  std::function<void(const row&)> add;
  std::function<void(const pair_line&)> line;
  std::function<void(const std::string&)> note;
};

namespace detail {

inline std::string pair_cell(const pair_result* p, bool latency) {
  if (!p) return format("%8s", "-");
  if (!p->answered) return format("%8s", "dead");
  if (p->wrong > 0) return format("%8s", "wrong");
  return format("%8s", pair_figure(latency ? p->us : p->GBps).c_str());
}

/// A line a rank: GB/s to those above it, microseconds to those below.
inline std::vector<std::string> pair_matrix(const std::vector<named_pair>& pairs, int ranks) {
  const auto find = [&](int a, int b) -> const pair_result* {
    const auto found = std::ranges::find_if(
        pairs, [&](const named_pair& p) { return p.result.a == std::min(a, b) && p.result.b == std::max(a, b); });
    return found == pairs.end() ? nullptr : &found->result;
  };
  std::vector<std::string> lines{"above the diagonal GB/s each way, both ways busy; below it us one way", "     "};
  for (int b = 0; b < ranks; ++b) lines.back() += format("%8d", b);
  for (int a = 0; a < ranks; ++a) {
    lines.push_back(format("%5d", a));
    for (int b = 0; b < ranks; ++b) lines.back() += a == b ? format("%8s", "") : pair_cell(find(a, b), b < a);
  }
  return lines;
}

inline std::string status_of(const pair_result& p) {
  return !p.answered ? "timeout" : p.wrong > 0 ? "wrong_data" : "ok";
}

}  // namespace detail

/// The row of a pair: of its bandwidth, or of its latency. `common` says by what algorithm and with which timing.
inline row pair_row(const row& common, const named_pair& named, bool latency) {
  const pair_result& p = named.result;
  row r = common;
  r.collective = "send_recv";
  r.dtype = "uint8";
  r.in_place = 0;
  r.bytes = r.count = latency ? p.small_bytes : p.bytes;
  if (p.iterations > 0) r.iters = p.iterations;
  if (latency) r.timing = "ping_pong";
  r.status = detail::status_of(p);
  if (p.answered && p.checked) r.errors = p.wrong;
  if (r.status == "ok") set_time(r, latency ? p.us : p.transfer_us(), "p50", 1);
  const auto end = [](const pair_end& e) { return std::string{e.host.view()} + ":" + std::to_string(e.gpu); };
  r.tags += (r.tags.empty() ? "pair=" : ";pair=") + std::to_string(p.a) + "-" + std::to_string(p.b) +
            ";ends=" + end(named.a) + "," + end(named.b);
  return r;
}

/// The line of a pair in the table of pairs.
inline pair_line line_of(const std::string& run_id, const named_pair& named) {
  const pair_result& p = named.result;
  pair_line line{.run_id = run_id,
                 .round = p.round,
                 .src_rank = p.a,
                 .src_host = std::string{named.a.host.view()},
                 .src_device = named.a.gpu,
                 .dst_rank = p.b,
                 .dst_host = std::string{named.b.host.view()},
                 .dst_device = named.b.gpu,
                 .bytes = p.bytes,
                 .time_us_p50 = {},
                 .GBps = {},
                 .status = detail::status_of(p)};
  if (line.status == "ok") line.time_us_p50 = p.transfer_us(), line.GBps = p.GBps;
  return line;
}

/// What the process that speaks keeps of pairs: it sends each on as it comes, and remembers what the screen shows: all
/// of up to 16 ranks, else the slowest 10.
class pair_log {
 public:
  static constexpr int most_ranks = 16;
  static constexpr std::size_t slowest = 10;

  pair_log(int ranks, row common, pair_sink out) : ranks_{ranks}, common_{std::move(common)}, out_{std::move(out)} {}

  void add(const named_pair& p) {
    if (out_.line) out_.line(line_of(common_.run_id, p));
    for (const bool latency : {false, true})
      if (out_.add) out_.add(pair_row(common_, p, latency));
    ++pairs_;
    dead_ = dead_ || !p.result.answered, wrong_ = wrong_ || p.result.wrong > 0;
    if (ranks_ > most_ranks && (!p.result.answered || p.result.wrong > 0)) return;
    shown_.push_back(p);
    if (ranks_ <= most_ranks || shown_.size() <= slowest) return;
    shown_.erase(std::ranges::max_element(shown_, {}, [](const named_pair& each) { return each.result.GBps; }));
  }

  int pairs() const { return pairs_; }

  /// Says what was found, and returns the exit status: 0, 1 where data was wrong, 4 where a pair did not answer.
  int conclude(const pair_verdict& verdict) const {
    for (const auto& line : ranks_ <= most_ranks ? detail::pair_matrix(shown_, ranks_) : slowest_pairs()) note(line);
    for (const auto& line : verdict.broken) note(line);
    for (const auto& line : verdict.slow) note(line);
    if (verdict.good())
      note("pairs: " + std::to_string(pairs_) + ", none out of the ordinary: median " + in_words(verdict.medians));
    else if (!verdict.slow.empty()) note("median " + in_words(verdict.medians));
    if (!verdict.slow.empty() && verdict.between_hosts() && out_.line)
      note("which part of the fabric may be behind it: colossus-topo locate --topology FILE NAME.pairs.csv");
    if (dead_) return static_cast<int>(failure::broke);
    return wrong_ ? static_cast<int>(failure::check) : 0;
  }

  std::vector<std::string> slowest_pairs() const {
    auto sorted = shown_;
    std::ranges::sort(sorted, {}, [](const named_pair& p) { return p.result.GBps; });
    std::vector<std::string> lines{"the slowest " + std::to_string(sorted.size()) +
                                   " pairs: GB/s each way, us one way"};
    for (const named_pair& p : sorted)
      lines.push_back(detail::pair_cell(&p.result, false) + detail::pair_cell(&p.result, true) + "  " + name_of(p));
    return lines;
  }

 private:
  void note(const std::string& line) const {
    if (out_.note) out_.note(line);
  }

  int ranks_, pairs_ = 0;
  row common_;
  pair_sink out_;
  std::vector<named_pair> shown_;
  bool dead_ = false, wrong_ = false;
};

/// Sends all rows, lines and what is to be said of pairs, which one process knows all of, to `out`. The exit status as
/// of `pair_log::conclude`.
inline int report_pairs(const std::vector<pair_result>& pairs, const std::vector<pair_end>& ends, const row& common,
                        const pair_sink& out) {
  pair_log log{static_cast<int>(ends.size()), common, out};
  for (const named_pair& p : with_names(pairs, ends)) log.add(p);
  return log.conclude(judge_pairs(pairs, ends));
}

}  // namespace colossus::bench
