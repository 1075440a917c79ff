// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/match.hpp>

namespace colossus::bench::compare {

/// What a verdict needs.
struct judgement {
  double threshold = 0.02;  ///< a difference up to this share is none that matters; the same both ways: 1.02 and 1/1.02
  double level = 0.05;      ///< the chance of one false faster or slower among all configurations
};

/// How many of each verdict, and what launches could tell.
struct tally_of_verdicts {
  std::array<std::size_t, 5> count{};
  std::size_t tests = 0;               ///< that Holm's correction is over
  std::size_t too_few = 0;             ///< unclear, and would be whatever the difference: too few launches
  std::size_t fewest = 0, needed = 0;  ///< launches: the fewest on a side of those; what would do, on each side
  std::size_t of(verdict v) const { return count[static_cast<std::size_t>(v)]; }
};

/// `least_p`, which remembers the last: most configurations have as many launches as the one before.
class least_p_memory {
 public:
  double operator()(std::size_t n, std::size_t m) {
    if (n != n_ || m != m_) n_ = n, m_ = m, p_ = least_p(n, m);
    return p_;
  }

 private:
  std::size_t n_ = 0, m_ = 0;
  double p_ = 1;
};

/// True where no times of so few launches could give a faster or slower among `tests` configurations.
inline bool has_too_few(const finding& f, std::size_t tests, const judgement& how) {
  static thread_local least_p_memory known;
  const std::size_t n = std::max(f.base_launches, f.fresh_launches);  // of a figure and n launches
  const double least = f.by_sign ? least_p_of_signs(n) : known(f.base_launches, f.fresh_launches);
  return f.by_chance && least * static_cast<double>(tests) > how.level;
}

namespace detail {

inline verdict judged(const finding& f, const judgement& how) {
  const double most = 1 + how.threshold, least = 1 / most;
  const bool told = !f.by_chance || f.adjusted <= how.level;
  if (told && f.test.ratio > most) return verdict::slower;
  if (told && f.test.ratio < least) return verdict::faster;
  const bool within = f.by_chance ? f.test.low >= least && f.test.high <= most : true;
  return within ? verdict::same : verdict::unclear;
}

}  // namespace detail

/// Sets the verdict of each finding. Faster and slower: the adjusted p is at most the level, and the estimate lies
/// beyond the threshold. Same: the whole interval lies within it. Figures without chance: by the threshold alone.
inline tally_of_verdicts judge(std::vector<finding>& findings, const judgement& how) {
  std::vector<double> p;
  for (const finding& f : findings)
    if (f.said != verdict::not_ok && f.by_chance) p.push_back(f.test.p);
  const std::vector<double> adjusted = holm(p);
  tally_of_verdicts t;
  t.tests = p.size();
  std::size_t next = 0;
  bool all_by_sign = true;  // of those that have too few
  for (finding& f : findings) {
    if (f.said != verdict::not_ok) {
      if (f.by_chance) f.adjusted = adjusted[next++];
      f.said = detail::judged(f, how);
    }
    ++t.count[static_cast<std::size_t>(f.said)];
    if (f.said != verdict::unclear || !has_too_few(f, t.tests, how)) continue;
    const auto [least, most] = std::minmax(f.base_launches, f.fresh_launches);
    const std::size_t n = f.by_sign ? most : least;
    t.fewest = t.too_few++ == 0 ? n : std::min(t.fewest, n);
    all_by_sign = all_by_sign && f.by_sign;
  }
  const double most_p = how.level / static_cast<double>(t.tests);
  if (t.too_few > 0) t.needed = all_by_sign ? least_n_of_signs(most_p) : least_n(most_p);
  return t;
}

}  // namespace colossus::bench::compare
