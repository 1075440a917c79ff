// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/bench/table.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace colossus::bench {

/// Rounds in which every pair of `ranks` meets once and no rank is in two pairs at a time: the fewest there are.
///
/// The circle method (Kirkman 1847), as for a tournament: one rank stays, the others turn by one place a round, and
/// those that face each other meet. With an odd number a place is empty, and who faces it rests.
constexpr int pair_rounds(int ranks) { return ranks < 2 ? 0 : ranks % 2 == 0 ? ranks - 1 : ranks; }

/// Whom `rank` meets in a round; itself where it rests.
constexpr int pair_partner(int ranks, int round, int rank) {
  const int turning = pair_rounds(ranks);  // odd: places on the circle
  if (turning == 0) return rank;
  const bool has_centre = ranks % 2 == 0;
  if (has_centre && rank == turning) return (round * ((turning + 1) / 2)) % turning;  // who would face itself
  const int facing = ((round - rank) % turning + turning) % turning;
  if (facing != rank) return facing;
  return has_centre ? turning : rank;
}

/// Whom `rank` meets where each rank is to be in one pair only: the one half of all ranks away, so that pairs cross
/// nodes where there are several, and stay on a rail where an even number of alike nodes is in order. Itself where it
/// rests: the last of an odd number.
constexpr int quick_partner(int ranks, int rank) {
  const int half = ranks / 2;
  return rank < half ? rank + half : rank < 2 * half ? rank - half : rank;
}

/// Where a rank sits.
struct pair_end {
  std::string host;
  int gpu = 0;      ///< its number, as the process sees it
  std::string pci;  ///< its address on the host: tells GPUs apart where each process sees one only
};

/// What was found between two ranks, both ways at once where that makes a difference.
struct pair_result {
  int a = 0, b = 0;  ///< ranks, a below b
  double GBps = 0;   ///< 1e9 bytes a second in each direction, both busy
  double us = 0;     ///< half the time of a small message there and back
  std::int64_t bytes = 0, small_bytes = 0;
  int iterations = 0;      ///< of each
  std::int64_t wrong = 0;  ///< wrong words of 8 bytes, both ways
  bool answered = true;    ///< false: it did not end before the deadline
  double transfer_us() const { return GBps > 0 ? static_cast<double>(bytes) / GBps * 1e-3 : 0; }
};

/// What is out of the ordinary among pairs, as sentences; and what is broken.
/// What is ordinary among pairs of one sort.
struct pair_median {
  std::string_view sort;
  double GBps = 0, us = 0;
};

struct pair_verdict {
  std::vector<std::string> broken, slow;
  std::vector<pair_median> medians;
};

namespace detail {

inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return percentile(values, 0.5);
}

inline std::string name_of(const std::vector<pair_end>& ends, int rank) {
  const auto& end = ends[static_cast<std::size_t>(rank)];
  return end.host + " GPU " + std::to_string(end.gpu) + " (rank " + std::to_string(rank) +
         (end.pci.empty() ? ")" : ", " + end.pci + ")");
}

inline std::string name_of(const std::vector<pair_end>& ends, const pair_result& p) {
  return name_of(ends, p.a) + " - " + name_of(ends, p.b);
}

/// Pairs of one sort, within a host or between hosts: those much slower than the median of their sort are slow.
class judged_pairs {
 public:
  /// Slow: less than this share of the median bandwidth, or the median latency over this share.
  static constexpr double ordinary = 0.8;

  judged_pairs(std::vector<const pair_result*> pairs, std::size_t ranks) : pairs_{std::move(pairs)}, of_(ranks) {
    std::vector<double> rates, times;
    for (const auto* p : pairs_) rates.push_back(p->GBps), times.push_back(p->us);
    GBps_ = median(rates), us_ = median(times);
    for (const auto* p : pairs_)
      for (const int rank : {p->a, p->b}) {
        auto& [all, slow] = of_[static_cast<std::size_t>(rank)];
        ++all, slow += is_slow(*p);
      }
  }

  double GBps() const { return GBps_; }
  double us() const { return us_; }
  bool is_slow(const pair_result& p) const { return p.GBps < ordinary * GBps_ || p.us * ordinary > us_ + 1; }
  /// All links of a GPU are slow, of which it has two at least, and other GPUs have some that are not.
  bool is_slow(int rank) const {
    const auto& [all, slow] = of_[static_cast<std::size_t>(rank)];
    return all > 1 && slow == all;
  }

  void tell(const std::vector<pair_end>& ends, const std::string& sort, std::vector<std::string>& sentences) const {
    for (std::size_t rank = 0; rank < of_.size(); ++rank)
      if (is_slow(static_cast<int>(rank)))
        sentences.push_back("all " + std::to_string(of_[rank].all) + " links " + sort + " of " +
                            name_of(ends, static_cast<int>(rank)) + " are slow: the GPU, or its way out, is");
    for (const auto* p : pairs_)
      if (is_slow(*p) && !is_slow(p->a) && !is_slow(p->b)) sentences.push_back(sentence(ends, *p));
  }

 private:
  struct links {
    int all = 0, slow = 0;
  };

  std::string sentence(const std::vector<pair_end>& ends, const pair_result& p) const {
    return "slow: " + name_of(ends, p) + ": " + to_text(std::round(p.GBps * 10) / 10) + " GB/s and " +
           to_text(std::round(p.us * 10) / 10) + " us; the median is " + to_text(std::round(GBps_ * 10) / 10) +
           " GB/s and " + to_text(std::round(us_ * 10) / 10) + " us";
  }

  std::vector<const pair_result*> pairs_;
  std::vector<links> of_;
  double GBps_ = 0, us_ = 0;
};

}  // namespace detail

/// Which pairs are broken, and which links or GPUs are slower than the others of their sort.
inline pair_verdict judge_pairs(const std::vector<pair_result>& pairs, const std::vector<pair_end>& ends) {
  pair_verdict verdict;
  std::vector<const pair_result*> within, between;
  for (const pair_result& p : pairs) {
    const std::string name = detail::name_of(ends, p);
    if (!p.answered) verdict.broken.push_back("no answer: " + name + ": it did not end before the deadline");
    else if (p.wrong > 0)
      verdict.broken.push_back("wrong data: " + name + ": " + std::to_string(p.wrong) + " words of 8 bytes");
    else
      (ends[static_cast<std::size_t>(p.a)].host == ends[static_cast<std::size_t>(p.b)].host ? within : between)
          .push_back(&p);
  }
  for (const auto* sort : {&between, &within}) {
    if (sort->empty()) continue;
    const detail::judged_pairs judged{*sort, ends.size()};
    const std::string_view name = sort == &within ? "within the host" : "to other hosts";
    judged.tell(ends, std::string{name}, verdict.slow);
    verdict.medians.push_back({name, judged.GBps(), judged.us()});
  }
  return verdict;
}

/// "300.0 GB/s, 8.0 us within the host; 45.0 GB/s, 12.0 us to other hosts".
inline std::string in_words(const std::vector<pair_median>& medians) {
  std::string text;
  for (const pair_median& m : medians)
    text += (text.empty() ? "" : "; ") + detail::format("%.1f GB/s, %.1f us ", m.GBps, m.us) + std::string{m.sort};
  return text;
}

}  // namespace colossus::bench
