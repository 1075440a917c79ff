// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pairs.hpp>
#include <colossus/bench/pairs_here.hpp>
#include <colossus/bench/table.hpp>

namespace colossus::bench {

/// The sorts of pairs that are held against their own median.
inline constexpr std::string_view within_the_host = "within the host", to_other_hosts = "to other hosts";

/// What is ordinary among pairs of one sort.
struct pair_median {
  std::string_view sort;
  double GBps = 0, us = 0;
};

/// What is out of the ordinary among pairs, as sentences; and what is broken. On the process that speaks.
struct pair_verdict {
  std::vector<std::string> broken, slow;
  std::vector<pair_median> medians;
  bool good() const { return broken.empty() && slow.empty(); }
  bool between_hosts() const { return !medians.empty() && medians.front().sort == to_other_hosts; }
};

namespace detail {

/// A bandwidth or a time with one decimal, or with four where that says too little.
inline std::string pair_figure(double value) { return format(value < 1 ? "%.4f" : "%.1f", value); }

/// Sentences about pairs, of which the first few are told and the others counted.
class few_sentences {
 public:
  static constexpr std::size_t most = 10;

  template <class Channel, class T, class F>
  void tell(const Channel& all, std::vector<T> mine, const std::string& what, F&& sentence) {
    std::vector<std::int64_t> count{std::ssize(mine)};
    all.sum(count);
    mine.resize(std::min(mine.size(), most));
    std::int64_t told = 0;
    all.tell(mine, [&](const T& each) {
      if (told < std::int64_t{most}) sentences.push_back(sentence(each)), ++told;
    });
    if (told > 0 && count[0] > told) sentences.push_back("and " + std::to_string(count[0] - told) + " more " + what);
  }

  std::vector<std::string> sentences;
};

/// Pairs of one sort, within a host or between hosts: those much slower than the median of their sort are slow.
template <class Channel>
class judged_pairs {
 public:
  /// Slow: less than this share of the median bandwidth, or the median latency over this share.
  static constexpr double ordinary = 0.8;

  /// `mine` are the pairs that this process tells of.
  judged_pairs(const Channel& all, int ranks, std::vector<const named_pair*> mine)
      : all_{&all}, mine_{std::move(mine)}, links_(2 * static_cast<std::size_t>(ranks)) {
    std::vector<double> rates, times;
    for (const auto* p : mine_) rates.push_back(p->result.GBps), times.push_back(p->result.us);
    GBps_ = all_->median(std::move(rates)), us_ = all_->median(std::move(times));
    for (const auto* p : mine_)
      for (const int rank : {p->result.a, p->result.b}) ++links(rank), links(rank, 1) += is_slow(p->result);
    all_->sum(links_);
  }

  double GBps() const { return GBps_; }
  double us() const { return us_; }
  bool empty() const {
    return std::all_of(links_.begin(), links_.end(), [](auto n) { return n == 0; });
  }

  void tell(const std::vector<named_rank>& ends, const std::string& sort, few_sentences& out) {
    std::vector<named_rank> slow_ranks;
    for (const named_rank& e : ends)
      if (is_slow(e.rank)) slow_ranks.push_back(e);
    out.tell(*all_, slow_ranks, "of which all links are slow", [&](const named_rank& e) {
      return "all " + std::to_string(links(e.rank)) + " links " + sort + " of " + name_of(e.end, e.rank) +
             " are slow: " + (e.end.is_gpu ? "the GPU" : "the rank") + ", or its way out, is";
    });
    std::vector<named_pair> slow_pairs;
    for (const auto* p : mine_)
      if (is_slow(p->result) && !is_slow(p->result.a) && !is_slow(p->result.b)) slow_pairs.push_back(*p);
    std::ranges::stable_sort(slow_pairs, {}, [this](const named_pair& p) { return share_of_median(p.result); });
    out.tell(*all_, slow_pairs, "slow pairs", [&](const named_pair& p) { return sentence(p); });
  }

 private:
  std::int64_t& links(int rank, std::size_t slow = 0) { return links_[2 * static_cast<std::size_t>(rank) + slow]; }

  /// What a pair has of what is ordinary, by bandwidth or latency: the lower of both.
  double share_of_median(const pair_result& p) const { return std::min(p.GBps / GBps_, us_ / p.us); }
  bool is_slow(const pair_result& p) const { return p.GBps < ordinary * GBps_ || p.us * ordinary > us_ + 1; }
  /// All links of a rank are slow, of which it has two at least.
  bool is_slow(int rank) { return links(rank) > 1 && links(rank, 1) == links(rank); }

  std::string sentence(const named_pair& p) const {
    return "slow: " + name_of(p) + ": " + pair_figure(p.result.GBps) + " GB/s and " + pair_figure(p.result.us) +
           " us; the median is " + pair_figure(GBps_) + " GB/s and " + pair_figure(us_) + " us";
  }

  const Channel* all_;
  std::vector<const named_pair*> mine_;
  std::vector<std::int64_t> links_;  ///< of each rank: how many, and how many slow ones
  double GBps_ = 0, us_ = 0;
};

inline std::string broken_sentence(const named_pair& p) {
  return p.result.answered ? "wrong data: " + name_of(p) + ": " + std::to_string(p.result.wrong) + " words of 8 bytes"
                           : "no answer: " + name_of(p) + ": it did not end before the deadline";
}

}  // namespace detail

/// Which pairs are broken, and which links or GPUs are slower than the others of their sort. Every process comes with
/// the pairs that it tells of, each of which is told of once, and with the ranks that are its own.
template <class Channel>
pair_verdict judge_pairs(const Channel& all, int ranks, const std::vector<named_pair>& mine,
                         const std::vector<named_rank>& ends) {
  std::vector<named_pair> bad;
  std::vector<const named_pair*> within, between;
  for (const named_pair& p : mine)
    if (!p.result.answered || p.result.wrong > 0) bad.push_back(p);
    else (p.within_host() ? within : between).push_back(&p);
  pair_verdict verdict;
  detail::few_sentences broken, slow;
  broken.tell(all, bad, "broken pairs", detail::broken_sentence);
  for (const auto* sort : {&between, &within}) {
    detail::judged_pairs judged{all, ranks, *sort};
    if (judged.empty()) continue;
    const std::string_view name = sort == &within ? within_the_host : to_other_hosts;
    judged.tell(ends, std::string{name}, slow);
    verdict.medians.push_back({name, judged.GBps(), judged.us()});
  }
  verdict.broken = std::move(broken.sentences), verdict.slow = std::move(slow.sentences);
  return verdict;
}

/// The same where one process knows all pairs; `ends` are in the order of ranks.
inline pair_verdict judge_pairs(const std::vector<pair_result>& pairs, const std::vector<pair_end>& ends) {
  std::vector<named_rank> ranks;
  for (const pair_end& end : ends) ranks.push_back({static_cast<int>(ranks.size()), end});
  return judge_pairs(pairs_here{}, static_cast<int>(ends.size()), with_names(pairs, ends), ranks);
}

/// "300.0 GB/s, 8.0 us within the host; 45.0 GB/s, 12.0 us to other hosts".
inline std::string in_words(const std::vector<pair_median>& medians) {
  std::string text;
  for (const pair_median& m : medians)
    text += (text.empty() ? "" : "; ") + detail::pair_figure(m.GBps) + " GB/s, " + detail::pair_figure(m.us) + " us " +
            std::string{m.sort};
  return text;
}

}  // namespace colossus::bench
