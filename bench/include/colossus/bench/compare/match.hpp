// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/finding.hpp>
#include <colossus/bench/compare/join.hpp>

#include <functional>
#include <tuple>

namespace colossus::bench::compare {

namespace detail {

inline auto order_of(const record& r) { return std::tie(r.key, r.origin); }

/// The rows at the front that are of one configuration: they share their key and origin; with `variant`, that too.
inline run_of_rows front_run(run_of_rows rows, bool variant) {
  std::size_t n = 1;
  while (n < rows.size() && order_of(rows[n]) == order_of(rows[0]) && (!variant || rows[n].variant == rows[0].variant))
    ++n;
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

/// Matches the configurations of all sides with the base's, and tests each: those whose columns are equal first, then
/// what is left, where a column that one row leaves empty matches whatever the other holds.
class matcher {
 public:
  explicit matcher(const std::vector<side>& sides) : sides_{&sides} {}

  matches operator()() {
    for (std::size_t i = 1; i < sides_->size(); ++i) match(i);
    std::sort(found_.findings.begin(), found_.findings.end(), [](const finding& a, const finding& b) {
      return std::tie(a.base->offset, a.side, a.fresh->offset, a.said) <
             std::tie(b.base->offset, b.side, b.fresh->offset, b.said);
    });
    const scanned& base = *sides_->front().from;
    for (std::size_t i = 0; i < base.key.size(); ++i)
      if ((any_ >> i & 1) != 0 && base.key[i].of != key_column::part::of_variant)
        found_.any.emplace_back(columns[base.key[i].column].name);
    return std::move(found_);
  }

 private:
  using rows = detail::run_of_rows;

  void match(std::size_t with) {
    rows base{(*sides_)[0].rows}, fresh{(*sides_)[with].rows};
    std::vector<rows> base_left, fresh_left;
    found_.findings.reserve(found_.findings.size() + std::min(base.size(), fresh.size()));  // to grow takes longer
    while (!base.empty() || !fresh.empty()) {
      const bool only_base = fresh.empty() || (!base.empty() && detail::order_of(base[0]) < detail::order_of(fresh[0]));
      const bool only_fresh =
          base.empty() || (!fresh.empty() && detail::order_of(fresh[0]) < detail::order_of(base[0]));
      rows b = only_fresh ? rows{} : detail::front_run(base, false),
           f = only_base ? rows{} : detail::front_run(fresh, false);
      base = base.subspan(b.size()), fresh = fresh.subspan(f.size());
      if (only_base) add_variants(b, base_left);
      else if (only_fresh) add_variants(f, fresh_left);
      else compare_variants(with, b, f);
    }
    match_left(with, base_left, fresh_left);
  }

  static void add_variants(rows all, std::vector<rows>& to) {
    for (; !all.empty(); all = all.subspan(to.back().size())) to.push_back(detail::front_run(all, true));
  }
  void compare_variants(std::size_t with, rows b, rows f) {
    for (rows each; !b.empty(); b = b.subspan(each.size())) {
      each = detail::front_run(b, true);
      for (rows all = f, other; !all.empty(); all = all.subspan(other.size()))
        compare(with, each, other = detail::front_run(all, true));
    }
  }

  void match_left(std::size_t with, const std::vector<rows>& base, const std::vector<rows>& fresh) {
    const auto pairs = joined((*sides_)[0], base, (*sides_)[with], fresh);
    std::vector<bool> base_met(base.size()), fresh_met(fresh.size());
    for (const auto& [b, f] : pairs) {
      base_met[b] = fresh_met[f] = true;
      compare(with, base[b], fresh[f]);
    }
    matches::lonely in_base{0, with, 0, {}}, in_fresh{with, 0, 0, {}};
    for (std::size_t i = 0; i < base.size(); ++i)
      if (!base_met[i]) note(in_base, base[i][0]);
    for (std::size_t i = 0; i < fresh.size(); ++i)
      if (!fresh_met[i]) note(in_fresh, fresh[i][0]);
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
    any_ |= b[0].filled ^ f[0].filled;
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
    const bool figure = b.size() == 1 && b[0].is_model, other = f.size() == 1 && f[0].is_model;
    of.by_chance = !(figure && other), of.by_sign = figure != other;
    of.test = figure && !other   ? sign_test(base_us_[0], fresh_us_)
              : other && !figure ? sign_test(fresh_us_[0], base_us_).turned()
                                 : test_(base_us_, fresh_us_);
    of.base_us = detail::median_of(base_us_), of.fresh_us = detail::median_of(fresh_us_);
    busbw_.clear();
    for (const record& r : f)
      if (r.is_ok) busbw_.push_back(r.busbw);
    of.busbw = detail::median_of(busbw_);
    return of;
  }

  const std::vector<side>* sides_;
  std::uint64_t any_ = 0;  // columns that one of two matching rows leaves empty
  rank_tests test_;
  std::vector<double> base_us_, fresh_us_, busbw_;
  matches found_;
};

}  // namespace colossus::bench::compare
