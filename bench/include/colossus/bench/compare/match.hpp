// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/rank_test.hpp>
#include <colossus/bench/compare/sides.hpp>

#include <functional>
#include <tuple>

namespace colossus::bench::compare {

/// What is said of one configuration.
enum class verdict { faster, slower, same, unclear, not_ok };

inline std::string_view name_of(verdict v) {
  constexpr std::array<std::string_view, 5> names{"faster", "slower", "same", "unclear", "not_ok"};
  return names[static_cast<std::size_t>(v)];
}

/// One configuration, the base's launches against those of another side.
struct finding {
  std::size_t side = 0;                                 ///< which is held against the base
  const record *base = nullptr, *fresh = nullptr;       ///< the first row of each; of not_ok: the first that is not
  std::uint32_t base_launches = 0, fresh_launches = 0;  ///< of not_ok: those that are not
  double base_us = 0, fresh_us = 0;                     ///< medians over launches
  double busbw = 0;                                     ///< the other side's median, GB/s
  rank_test test;
  double adjusted = 1;    ///< p, by Holm, over all configurations
  bool by_chance = true;  ///< false: both are figures worked out, without chance, and no test is made
  verdict said = verdict::unclear;
};

/// What matched, and what did not.
struct matches {
  std::vector<finding> findings;  ///< in the order of the base's file, the sides of one configuration in theirs
  struct lonely {
    std::size_t in = 0, not_in = 0, keys = 0;  ///< sides; how many configurations
    std::vector<const record*> examples;       ///< two at most
  };
  std::vector<lonely> unmatched;
};

namespace detail {

using run_of_rows = std::span<const record>;

/// The rows at the front that share a key.
inline run_of_rows front_run(run_of_rows rows) {
  std::size_t n = 1;
  while (n < rows.size() && rows[n].key == rows[0].key) ++n;
  return rows.first(n);
}

/// The columns of the key in which two rows of a file differ, with commas between them.
inline std::string differing_columns(const source_file& file, const record& a, const record& b) {
  const auto one = file.fields_at(a.offset), other = file.fields_at(b.offset);
  std::string differ;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].key && file.value(one, c) != file.value(other, c))
      differ += (differ.empty() ? "" : ",") + std::string{columns[c].name};
  return differ;
}

/// Throws (input) where two rows of one configuration are of the same launch: the key does not tell them apart.
inline void expect_launches_differ(const side& of, run_of_rows run) {
  std::vector<const record*> order;
  if (run.size() > 1)
    for (const record& r : run) order.push_back(&r);
  std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->launch < b->launch; });
  const record *one = nullptr, *other = nullptr;  // the first such pair of the file
  for (std::size_t i = 1; i < order.size(); ++i)
    if (order[i]->launch == order[i - 1]->launch && (one == nullptr || order[i]->offset < other->offset))
      one = order[i - 1], other = order[i];
  if (one == nullptr) return;
  const source_file& file = *of.from->file;
  const std::string differ = differing_columns(file, *one, *other);
  throw error{
      file.where(one->offset) + " and " + file.where(other->offset).substr(file.path().size() + 2) +
          ": expected one row for each configuration and launch, found two" +
          (differ.empty() ? " alike: take one out"
                          : " that differ in " + differ + ": leave " + differ + " in the key, or part the file"),
      failure::input};
}

/// Throws (input) where rows of fake libraries would be compared with real ones.
inline void expect_like_libraries(const side& base, run_of_rows b, const side& fresh, run_of_rows f) {
  const auto check = [&](const side& of, const record& r) {
    if (r.is_fake == b.front().is_fake) return;
    throw error{base.from->file->where(b.front().offset) + " and " + of.from->file->where(r.offset) +
                    ": a row of a fake library is no result, and is never compared with a real one: keep library in " +
                    "the key, or leave the file out",
                failure::input};
  };
  for (const record& r : b) check(base, r);
  for (const record& r : f) check(fresh, r);
}

inline double median_of(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace detail

/// Matches the configurations of all sides with the base's, and tests each.
class matcher {
 public:
  explicit matcher(const std::vector<side>& sides) : sides_{&sides} {}

  matches operator()() {
    for (std::size_t i = 1; i < sides_->size(); ++i) match(i);
    std::sort(found_.findings.begin(), found_.findings.end(), [](const finding& a, const finding& b) {
      return std::tie(a.base->offset, a.side, a.said) < std::tie(b.base->offset, b.side, b.said);
    });
    return std::move(found_);
  }

 private:
  using rows = detail::run_of_rows;

  void match(std::size_t with) {
    rows base{(*sides_)[0].rows}, fresh{(*sides_)[with].rows};
    matches::lonely in_base{0, with, 0, {}}, in_fresh{with, 0, 0, {}};
    while (!base.empty() || !fresh.empty()) {
      const bool only_base = fresh.empty() || (!base.empty() && base[0].key < fresh[0].key);
      const bool only_fresh = base.empty() || (!fresh.empty() && fresh[0].key < base[0].key);
      const rows b = only_fresh ? rows{} : detail::front_run(base), f = only_base ? rows{} : detail::front_run(fresh);
      base = base.subspan(b.size()), fresh = fresh.subspan(f.size());
      if (only_base) note(in_base, b[0]);
      else if (only_fresh) note(in_fresh, f[0]);
      else compare(with, b, f);
    }
    for (matches::lonely& l : {std::ref(in_base), std::ref(in_fresh)})
      if (l.keys > 0) found_.unmatched.push_back(std::move(l));
  }

  static void note(matches::lonely& of, const record& r) {
    ++of.keys;
    auto& e = of.examples;
    e.push_back(&r);
    std::sort(e.begin(), e.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
    if (e.size() > 2) e.pop_back();
  }

  void compare(std::size_t with, rows b, rows f) {
    const side &base = (*sides_)[0], &fresh = (*sides_)[with];
    detail::expect_launches_differ(base, b), detail::expect_launches_differ(fresh, f);
    detail::expect_like_libraries(base, b, fresh, f);
    finding good, bad;
    good.side = bad.side = with, good.base = bad.base = &b[0], good.fresh = bad.fresh = &f[0];
    bad.said = verdict::not_ok;
    split(b, base_us_, bad.base, bad.base_launches);
    split(f, fresh_us_, bad.fresh, bad.fresh_launches);
    if (!base_us_.empty() && !fresh_us_.empty()) found_.findings.push_back(tested(good, b, f));
    if (bad.base_launches + bad.fresh_launches > 0) found_.findings.push_back(bad);
  }

  /// The times of the rows that are ok; the first of those that are not, and their number.
  static void split(rows run, std::vector<double>& times, const record*& first_bad, std::uint32_t& bad) {
    times.clear();
    for (const record& r : run)
      if (r.is_ok) times.push_back(r.time_us);
      else if (bad++ == 0) first_bad = &r;
  }

  finding tested(finding of, rows b, rows f) {
    of.base_launches = static_cast<std::uint32_t>(base_us_.size());
    of.fresh_launches = static_cast<std::uint32_t>(fresh_us_.size());
    of.by_chance = !(b.size() == 1 && f.size() == 1 && b[0].is_model && f[0].is_model);
    of.test = test_(base_us_, fresh_us_);
    of.base_us = detail::median_of(base_us_), of.fresh_us = detail::median_of(fresh_us_);
    busbw_.clear();
    for (const record& r : f)
      if (r.is_ok) busbw_.push_back(r.busbw);
    of.busbw = detail::median_of(busbw_);
    return of;
  }

  const std::vector<side>* sides_;
  rank_tests test_;
  std::vector<double> base_us_, fresh_us_, busbw_;
  matches found_;
};

}  // namespace colossus::bench::compare
