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

/// What a rank is called.
struct pair_place {
  int rank = -1, gpu = 0;
  char host[64] = {}, pci[32] = {};
};

/// The records of all ranks, in no order; processes may have different numbers of them.
template <class T>
std::vector<T> gather_all(process_group& processes, const std::vector<T>& mine) {
  std::size_t most = 0;
  for (const std::size_t n : gather(processes, mine.size())) most = std::max(most, n);
  std::vector<T> padded = mine, all;
  padded.resize(most);
  const auto bytes = processes.all_gather(std::as_bytes(std::span{padded}));
  all.resize(bytes.size() / sizeof(T));
  std::memcpy(static_cast<void*>(all.data()), bytes.data(), all.size() * sizeof(T));
  std::erase_if(all, [](const T& each) { return each.rank < 0; });
  return all;
}

inline std::vector<pair_end> gather_ends(process_group& processes, std::span<const pair_rank> local) {
  std::vector<pair_place> mine;
  for (const pair_rank& each : local) {
    pair_place here{.rank = each.rank, .gpu = each.device};
    host_name().copy(here.host, sizeof here.host - 1);
    pci_bus_id(each.device).copy(here.pci, sizeof here.pci - 1);
    mine.push_back(here);
  }
  const auto all = gather_all(processes, mine);
  std::vector<pair_end> ends(all.size());
  for (const pair_place& p : all) {
    expects(static_cast<std::size_t>(p.rank) < ends.size(), "pairs: ranks are not numbered from 0", failure::broke);
    ends[static_cast<std::size_t>(p.rank)] = {p.host, p.gpu, p.pci};
  }
  return ends;
}

/// The pairs of a round from what both ends of each found.
inline std::vector<pair_result> pairs_of(const std::vector<pair_record>& records, const pair_options& o) {
  std::vector<pair_result> pairs;
  for (const pair_record& mine : records)
    for (const pair_record& other : records) {
      if (mine.rank >= mine.partner || other.rank != mine.partner) continue;
      pair_result p{
          .a = mine.rank, .b = other.rank, .bytes = o.bytes, .small_bytes = o.small_bytes, .iterations = o.iterations};
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
inline bool waits_for_launches(const std::vector<int>& homes, const pair_result& p) {
  const auto ranks = static_cast<int>(homes.size());
  int round = 0;
  while (pair_partner(ranks, round, p.a) != p.b) ++round;
  int of_a = 0, of_b = 0;
  for (int rank = 0; rank < ranks; ++rank) {
    const auto home_of = [&](int r) { return homes[static_cast<std::size_t>(r)]; };
    if (pair_partner(ranks, round, rank) == rank) continue;
    of_a += home_of(rank) == home_of(p.a), of_b += home_of(rank) == home_of(p.b);
  }
  return std::max(of_a, of_b) > 2;
}

/// `out`, with `limit` in the rows of latencies that launches set. Both vectors outlive it.
inline pair_sink with_limits(const pair_sink& out, const std::vector<pair_result>& pairs,
                             const std::vector<int>& homes) {
  if (!out.add) return out;
  const auto add = [&, add = out.add, rows = std::size_t{0}](row r) mutable {
    const pair_result& p = pairs[rows++ / 2];  // two a pair, in their order
    if (r.timing == "ping_pong" && r.time_us && waits_for_launches(homes, p)) r.limit = "launches";
    add(r);
  };
  return {add, out.note};
}

/// What is to be said below the verdict.
inline std::vector<std::string> notes_of_pairs(const std::vector<pair_result>& pairs, const std::vector<int>& homes,
                                               bool dead) {
  std::vector<std::string> notes;
  if (std::any_of(pairs.begin(), pairs.end(),
                  [&](const auto& p) { return p.answered && waits_for_launches(homes, p); }))
    notes.push_back(
        "where a process drives more than two GPUs at a time launches, not links, set the latency (column "
        "limit): start a process for each GPU to measure links");
  if (const auto all = homes.size() * (homes.size() - 1) / 2; pairs.size() < all)
    notes.push_back(std::to_string(pairs.size()) + " of " + std::to_string(all) + " pairs were tried" +
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

/// Measures all pairs of a communicator, or those of the first `options.rounds` rounds: every process calls it with its
/// own ranks. Ends after a round in which a pair did not answer.
inline std::vector<pair_result> measure_pairs(process_group& processes, std::span<const pair_rank> local, int ranks,
                                              const pair_options& options) {
  detail::pair_meeting meeting{local, ranks, options};
  const int every = pair_rounds(ranks), rounds = options.rounds > 0 ? std::min(options.rounds, every) : every;
  std::vector<pair_result> found;
  for (int round = 0; round < rounds; ++round) {
    meeting.play(round);
    std::vector<detail::pair_record> mine;
    for (const auto& p : meeting.players())
      mine.push_back({p.lent().rank, p.partner, p.stuck, p.bandwidth_s, p.latency_s, p.wrong});
    bool dead = false;
    for (const auto& p : detail::pairs_of(detail::gather_all(processes, mine), options))
      found.push_back(p), dead = dead || !p.answered;
    if (dead) break;
  }
  return found;
}

/// `send_recv --pairs`: measures, and on the first process reports to `out`. The exit status, the same for all: 0, or 1
/// where data was wrong. Where a pair did not answer the process ends here with 4, once all have reported: kernels
/// still wait on its streams, and whatever destroys these would wait for them. An error here is told to the other
/// processes.
inline int run_pairs(process_group& processes, std::span<const pair_rank> local, const pair_options& options,
                     const row& common, const pair_sink& out) {
  try {
    const auto ends = detail::gather_ends(processes, local);
    const auto ranks = static_cast<int>(ends.size());
    expects(ranks > 1, "--pairs needs 2 ranks at least, found 1: use -g 2, or more processes");
    const auto homes = detail::gather_homes(processes, local, ranks);
    const auto pairs = measure_pairs(processes, local, ranks, options);
    const pair_sink sink = processes.rank() == 0 ? detail::with_limits(out, pairs, homes) : pair_sink{};
    const int status = report_pairs(pairs, ends, common, sink);
    const bool dead = status == static_cast<int>(failure::broke);
    if (sink.note)
      for (const auto& line : detail::notes_of_pairs(pairs, homes, dead)) sink.note(line);
    if (dead) detail::leave_stuck(processes, status);
    return status;
  } catch (const std::exception& problem) {
    processes.abort(problem.what());
    throw;
  }
}

}  // namespace colossus::bench
