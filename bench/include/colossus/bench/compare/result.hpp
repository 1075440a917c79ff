// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/environments.hpp>
#include <colossus/bench/compare/verdicts.hpp>

namespace colossus::bench::compare {

/// All that is known when everything is compared.
struct result {
  all_sides all;
  environments around;
  matches found;
  tally_of_verdicts tally;
  judgement how;
};

/// What configurations are called: the columns that differ among them, and those that do not.
class naming {
 public:
  explicit naming(const result& r) {
    const scanned& base = *r.all.sides.front().from;
    const bool sized =
        std::any_of(base.key.begin(), base.key.end(), [](auto& k) { return k.varies && name(k) == "bytes"; });
    for (std::size_t i = 0; i < base.key.size(); ++i) {
      const key_column& k = base.key[i];
      if ((sized && name(k) == "count") || name(k) == "price_kind") continue;  // the first follows from bytes
      const bool told = k.varies || (k.first.empty() && std::any_of(r.all.files.begin(), r.all.files.end(),
                                                                    [&](auto& file) { return file.key[i].varies; }));
      if (told) show(k, i, r.all.files);
      else if (!k.first.empty()) common_ += (common_.empty() ? "" : " ") + name(k) + "=" + k.first;
    }
  }
  const std::vector<key_column>& shown() const { return shown_; }
  /// What all rows of the base share, as name=value.
  const std::string& common() const { return common_; }
  static std::string name(const key_column& k) { return std::string{columns[k.column].name}; }

  /// The values of one configuration, of the columns that differ: the base's, or where it has none the other's.
  std::vector<std::string> values(const all_sides& all, const finding& f) const {
    const side &base = all.sides.front(), &fresh = all.sides[f.side];
    const auto fields = base.from->file->fields_at(f.base->offset);
    std::vector<std::string_view> others;
    std::vector<std::string> found;
    for (const key_column& k : shown_) {
      found.push_back(base.from->file->value(fields, k.column));
      if (!found.back().empty()) continue;
      if (others.empty()) others = fresh.from->file->fields_at(f.fresh->offset);
      found.back() = fresh.from->file->value(others, k.column);
    }
    return found;
  }
  /// A configuration in a line: what differs within its file, or where nothing does, all that it holds.
  std::string text(const side& of, const record& r) const {
    const auto fields = of.from->file->fields_at(r.offset);
    std::string line, whole;
    for (const key_column& k : of.from->key) {
      const std::string value = of.from->file->value(fields, k.column), part = name(k) + "=" + value;
      if (value.empty()) continue;
      whole += (whole.empty() ? "" : " ") + part;
      if (is_shown(k.column) || (k.varies && name(k) != "count")) line += (line.empty() ? "" : " ") + part;
    }
    return line.empty() ? whole : line;
  }

 private:
  void show(key_column k, std::size_t i, const std::deque<scanned>& files) {
    for (const scanned& file : files) k.widest = std::max(k.widest, file.key[i].widest);
    shown_.push_back(std::move(k));
  }
  bool is_shown(std::size_t column) const {
    return std::any_of(shown_.begin(), shown_.end(), [&](const key_column& k) { return k.column == column; });
  }
  std::vector<key_column> shown_;
  std::string common_;
};

/// The columns in which two files, each alike throughout, differ: with these in the key nothing can match.
inline std::vector<std::string> columns_that_part(const all_sides& all) {
  std::vector<std::string> found;
  for (const scanned& file : all.files)
    for (std::size_t i = 0; i < file.key.size(); ++i) {
      const key_column &base = all.files.front().key[i], &here = file.key[i];
      const std::string column{columns[base.column].name};
      if (base.of == key_column::part::of_variant) continue;
      if (!base.varies && !here.varies && base.first != here.first &&
          std::find(found.begin(), found.end(), column) == found.end())
        found.push_back(column);
    }
  return found;
}

namespace detail {

inline void expect_something(const result& r) {
  if (!r.found.findings.empty()) return;
  std::string part, advice = "--on names the columns to match by";
  for (const std::string& name : columns_that_part(r.all)) part += (part.empty() ? "" : ",") + name;
  const naming names{r};
  const matches::lonely& l = r.found.unmatched.front();
  throw error{"expected configurations that " + r.all.sides[0].name + " and " + r.all.sides[1].name +
                  " have both, found none, such as " + names.text(r.all.sides[l.in], *l.examples.front()) +
                  (part.empty() ? ": " + advice : ": they differ throughout in " + part + ": --ignore " + part),
              failure::input};
}

}  // namespace detail

/// Compares the files. Throws (input) where nothing matches, and as the parts do.
inline result compare_files(const std::deque<source_file>& files, const selection& s, const judgement& how) {
  std::vector<std::string> paths;
  for (const source_file& f : files) paths.push_back(f.path());
  result r{read_sides(files, s), s.by.empty() ? compare_environments(paths) : environments{}, {}, {}, how};
  r.found = matcher{r.all.sides}();
  detail::expect_something(r);
  r.tally = judge(r.found.findings, how);
  return r;
}

}  // namespace colossus::bench::compare
