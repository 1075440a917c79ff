// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pair_verdict.hpp>
#include <colossus/bench/self_test_report.hpp>

namespace colossus::bench {
namespace detail {

inline finding finding_of(const named_pair& named) {
  const pair_result& p = named.result;
  const std::string what = "pair " + std::to_string(p.a) + "-" + std::to_string(p.b);
  if (p.answered && p.wrong == 0) return {what, outcome::pass, format("%.1f GB/s each way, %.1f us", p.GBps, p.us), ""};
  return {what, outcome::fail, (p.answered ? "wrong data: " : "no answer: ") + name_of(named),
          p.answered ? "look for Xid and ECC errors; NCCL_P2P_DISABLE=1 tells whether it is the link"
                     : "NCCL_P2P_DISABLE=1 goes around the direct way; IOMMU and ACS are the usual reasons"};
}

}  // namespace detail

/// A line a pair, or only those that failed where there are more than 64, and what is out of the ordinary: that is no
/// failure, since a self-test moves too little to be sure.
inline std::vector<finding> findings_of_pairs(const std::vector<pair_result>& pairs,
                                              const std::vector<pair_end>& ends) {
  std::vector<finding> all;
  for (const named_pair& p : with_names(pairs, ends))
    if (pairs.size() <= 64 || !p.result.answered || p.result.wrong > 0) all.push_back(detail::finding_of(p));
  const pair_verdict verdict = judge_pairs(pairs, ends);
  for (const auto& each : verdict.slow)
    all.push_back({"link speed", outcome::pass, each, "measure it at length: colossus-nccl send_recv --pairs -e 256M"});
  if (verdict.slow.empty())
    all.push_back(
        {"link speed", outcome::pass,
         "of " + std::to_string(pairs.size()) + " none is slower than the others: median " + in_words(verdict.medians),
         ""});
  return all;
}

}  // namespace colossus::bench
