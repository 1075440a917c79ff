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

/// What configurations are called: the columns that differ among the base's rows, and those that do not.
class naming {
 public:
  explicit naming(const result& r) {
    const scanned& base = *r.all.sides.front().from;
    const bool sized =
        std::any_of(base.key.begin(), base.key.end(), [](auto& k) { return k.varies && name(k) == "bytes"; });
    for (const key_column& k : base.key)
      if (sized && name(k) == "count") continue;  // follows from bytes
      else if (k.varies) shown_.push_back(k);
      else if (!k.first.empty()) common_ += (common_.empty() ? "" : " ") + name(k) + "=" + k.first;
    for (const scanned& file : r.all.files)
      for (std::size_t i = 0, s = 0; i < file.key.size() && s < shown_.size(); ++i)
        if (file.key[i].column == shown_[s].column)
          shown_[s].widest = std::max(shown_[s].widest, file.key[i].widest), ++s;
  }
  const std::vector<key_column>& shown() const { return shown_; }
  /// What all rows of the base share, as name=value.
  const std::string& common() const { return common_; }
  static std::string name(const key_column& k) { return std::string{columns[k.column].name}; }

  /// The values of one configuration, of the columns that differ.
  std::vector<std::string> values(const side& of, const record& r) const {
    const auto fields = of.from->file->fields_at(r.offset);
    std::vector<std::string> found;
    for (const key_column& k : shown_) found.push_back(of.from->file->value(fields, k.column));
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
