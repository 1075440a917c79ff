// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/gpu_address.hpp>
#include <colossus/bench/gpu_pair_meeting.hpp>
#include <colossus/bench/pairs_report.hpp>
#include <colossus/bench/process_group.hpp>
#include <colossus/bench/sidecar.hpp>

#include <iostream>

namespace colossus::bench {
namespace detail {

/// What a rank tells the others after a round.
struct pair_record {
  int rank = -1, partner = -1;
  bool stuck = false;
  double bandwidth_s = 0, latency_s = 0;
  std::int64_t wrong = 0;
};

/// The records of all ranks, in no order; processes may have different numbers of them.
template <class T>
std::vector<T> gather_all(process_group& processes, const std::vector<T>& mine) {
  std::size_t most = 0;
  for (const std::size_t n : gather(processes, mine.size())) most = std::max(most, n);
  std::vector<T> padded = mine, all;
  T nobody{};
  nobody.rank = -1;
  padded.resize(most, nobody);
  const auto bytes = processes.all_gather(std::as_bytes(std::span{padded}));
  all.resize(bytes.size() / sizeof(T));
  std::memcpy(static_cast<void*>(all.data()), bytes.data(), all.size() * sizeof(T));
  std::erase_if(all, [](const T& each) { return each.rank < 0; });
  return all;
}

inline std::vector<pair_end> gather_ends(process_group& processes, std::span<const pair_rank> local) {
  std::vector<named_rank> mine;
  for (const pair_rank& each : local)
    mine.push_back({each.rank, {.host = host_name(), .gpu = each.device, .pci = pci_bus_id(each.device)}});
  const auto all = gather_all(processes, mine);
  std::vector<pair_end> ends(all.size());
  for (const named_rank& p : all) {
    expects(static_cast<std::size_t>(p.rank) < ends.size(), "pairs: ranks are not numbered from 0", failure::broke);
    ends[static_cast<std::size_t>(p.rank)] = p.end;
  }
  tell_gpus_apart(ends);
  return ends;
}

/// The pairs of a round from what both ends of each found.
inline std::vector<pair_result> pairs_of(const std::vector<pair_record>& records, int round, const pair_options& o) {
  std::vector<pair_result> pairs;
  for (const pair_record& mine : records)
    for (const pair_record& other : records) {
      if (mine.rank >= mine.partner || other.rank != mine.partner) continue;
      pair_result p{.a = mine.rank,
                    .b = other.rank,
                    .round = round,
                    .bytes = o.bytes,
                    .small_bytes = o.small_bytes,
                    .iterations = o.iterations,
                    .checked = o.check};
      p.answered = !mine.stuck && !other.stuck;
      p.wrong = mine.wrong + other.wrong;
      if (const double s = std::max(mine.bandwidth_s, other.bandwidth_s); p.answered && s > 0)
        p.GBps = static_cast<double>(o.bytes) / s * 1e-9;
      p.us = p.answered ? mine.latency_s / 2 * 1e6 : 0;  // the clock of the end that waits for the answer
      pairs.push_back(p);
    }
  return pairs;
}

struct pair_home {
  int rank = -1, process = 0;
};

/// The process of each rank.
inline std::vector<int> gather_homes(process_group& processes, std::span<const pair_rank> local, int ranks) {
  std::vector<pair_home> mine;
  for (const pair_rank& each : local) mine.push_back({each.rank, processes.rank()});
  std::vector<int> homes(static_cast<std::size_t>(ranks));
  for (const pair_home& each : gather_all(processes, mine)) homes[static_cast<std::size_t>(each.rank)] = each.process;
  return homes;
}

/// Whether a process drives more than two ranks while this pair meets: the rate at which its one thread launches sets
/// the latency then.
inline bool waits_for_launches(const std::vector<int>& homes, const pair_plan& plan, const pair_result& p) {
  const auto home_of = [&](int r) { return homes[static_cast<std::size_t>(r)]; };
  int of_a = 0, of_b = 0;
  for (int rank = 0; rank < plan.ranks(); ++rank) {
    if (plan.partner(p.round, rank) == rank) continue;
    of_a += home_of(rank) == home_of(p.a), of_b += home_of(rank) == home_of(p.b);
  }
  return std::max(of_a, of_b) > 2;
}

/// `out`, with `limit` in the rows of latencies that launches set. The vector outlives it.
inline pair_sink with_limits(const pair_sink& out, const std::vector<char>& by_launches) {
  if (!out.add) return out;
  const auto add = [&, add = out.add, rows = std::size_t{0}](row r) mutable {
    const bool launches = by_launches[rows++ / 2] != 0;  // two a pair, in their order
    if (r.timing == "ping_pong" && r.time_us && launches) r.limit = "launches";
    add(r);
  };
  return {add, out.line, out.note};
}

/// What is to be said below the verdict.
inline std::vector<std::string> notes_of_pairs(const std::vector<char>& by_launches, const pair_plan& plan, bool dead) {
  std::vector<std::string> notes;
  if (std::find(by_launches.begin(), by_launches.end(), 1) != by_launches.end())
    notes.push_back(
        "where a process drives more than two GPUs at a time launches, not links, set the latency (column "
        "limit): start a process for each GPU to measure links");
  if (std::ssize(by_launches) < plan.pairs())
    notes.push_back(std::to_string(by_launches.size()) + " of " + std::to_string(plan.pairs()) + " pairs were tried" +
                    (dead ? ": leave out what does not answer, and run again" : ""));
  return notes;
}

[[noreturn]] inline void leave_stuck(process_group& processes, int status) {
  try {
    barrier(processes);
  } catch (const std::exception&) {  // they leave for the same reason
  }
  std::cout.flush();
  std::_Exit(status);
}

}  // namespace detail

/// Measures the pairs of a plan on a communicator: every process calls it with its own ranks. Ends after a round in
/// which a pair did not answer.
inline std::vector<pair_result> measure_pairs(process_group& processes, std::span<const pair_rank> local,
                                              const pair_plan& plan, const pair_options& options) {
  detail::pair_meeting meeting{local, plan, options};
  std::vector<pair_result> found;
  for (int round = 0; round < plan.rounds(); ++round) {
    meeting.play(round);
    std::vector<detail::pair_record> mine;
    for (const auto& p : meeting.players())
      mine.push_back({p.lent().rank, p.partner, p.stuck, p.bandwidth_s, p.latency_s, p.wrong});
    bool dead = false;
    for (const auto& p : detail::pairs_of(detail::gather_all(processes, mine), round, options))
      found.push_back(p), dead = dead || !p.answered;
    if (dead) break;
  }
  return found;
}

/// `send_recv --pairs`: measures, and on the first process reports to `out`. The exit status, the same for all: 0, or 1
/// where data was wrong. Where a pair did not answer the process ends here with 4, once all have reported: kernels
/// still wait on its streams, and whatever destroys these would wait for them. An error here is told to the other
/// processes.
inline int run_pairs(process_group& processes, std::span<const pair_rank> local, const pair_plan& plan,
                     const pair_options& options, const row& common, const pair_sink& out) {
  try {
    const auto ends = detail::gather_ends(processes, local);
    const auto homes = detail::gather_homes(processes, local, plan.ranks());
    const auto pairs = measure_pairs(processes, local, plan, options);
    std::vector<char> by_launches;
    for (const pair_result& p : pairs)
      by_launches.push_back(p.answered && detail::waits_for_launches(homes, plan, p) ? 1 : 0);
    const pair_sink sink = processes.rank() == 0 ? detail::with_limits(out, by_launches) : pair_sink{};
    const int status = report_pairs(pairs, ends, common, sink);
    const bool dead = status == static_cast<int>(failure::broke);
    if (sink.note)
      for (const auto& line : detail::notes_of_pairs(by_launches, plan, dead)) sink.note(line);
    if (dead) detail::leave_stuck(processes, status);
    return status;
  } catch (const std::exception& problem) {
    processes.abort(problem.what());
    throw;
  }
}

}  // namespace colossus::bench
