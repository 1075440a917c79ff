// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/asked.hpp>
#include <colossus/bench/compare/scan.hpp>

#include <deque>
#include <future>

namespace colossus::bench::compare {

/// The place of a column in the schema. Throws (usage) where there is none; `flag` named it.
inline std::size_t column_place(const std::string& name, const std::string& flag) {
  const auto* const found =
      std::find_if(columns.begin(), columns.end(), [&](const column& c) { return c.name == name; });
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  std::string keys;
  for (const column& c : columns) keys += c.key ? (keys.empty() ? "" : ", ") + std::string{c.name} : "";
  throw error{flag + " " + name + ": expected the name of a column, found none of that name: there are " + keys};
}

/// Which rows are held against which.
struct selection {
  std::vector<std::string> on, ignored;  ///< columns: exactly these; all of the key but these
  std::string by;                        ///< the column whose values are compared, within one file; empty: files are
  std::string base;                      ///< its value that the others are compared with; empty: the first
};

/// Columns that follow from another: who compares by that one does not hold rows apart by these.
inline std::vector<std::string> followers(const std::string& by) {
  if (by == "algorithm") return {"lanes", "chunk_bytes", "price_kind", "seed"};
  if (by == "topology") return {"topology_id", "price_kind", "seed"};
  if (by == "backend") return {"library"};
  if (by == "library") return {"backend"};
  if (by == "source") return {provenance_columns.begin(), provenance_columns.end()};
  if (by == "routing" || by == "placement") return {"price_kind", "seed"};
  return {};
}

/// The columns that tell configurations apart. What kind of price a figure is never does, unless --on names it.
inline std::vector<key_column> key_of(const selection& s) {
  std::vector<std::size_t> asked, left_out;
  for (const std::string& name : s.on) asked.push_back(column_place(name, "--on"));
  for (const std::string& name : s.ignored) left_out.push_back(column_place(name, "--ignore"));
  if (!s.by.empty()) left_out.push_back(column_place(s.by, "--by"));
  if (s.on.empty())
    for (const std::string& name : followers(s.by)) left_out.push_back(column_place(name, "--by"));
  const auto has = [](const std::vector<std::size_t>& list, std::size_t c) {
    return std::find(list.begin(), list.end(), c) != list.end();
  };
  using part = key_column::part;
  std::vector<key_column> key;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if ((s.on.empty() ? columns[c].key : has(asked, c)) && !has(left_out, c))
      key.push_back({c, !s.on.empty() || !is_provenance(columns[c].name) ? part::of_key
                        : columns[c].name == "price_kind"                ? part::of_variant
                                                                         : part::of_origin});
  return key;
}

/// Rows that are compared with others: those of a file, or those with one value of a column.
struct side {
  std::string name;
  const scanned* from = nullptr;
  std::vector<record> rows;  ///< by key, origin, variant, then as in the file
};

/// All sides, the base first, and how they were made. Not to be copied: sides point to their files.
struct all_sides {
  all_sides() = default;
  all_sides(all_sides&&) = default;
  all_sides& operator=(all_sides&&) = default;

  std::deque<scanned> files;
  std::vector<side> sides;
  std::vector<std::string> left_out;  ///< columns that need not match, for no row of two files would
};

namespace detail {

inline void add_side(all_sides& all, side s) {
  expects(!s.rows.empty(), s.name + ": expected rows, found none", failure::input);
  std::sort(s.rows.begin(), s.rows.end(), [](const record& a, const record& b) {
    return std::tie(a.key, a.origin, a.variant, a.offset) < std::tie(b.key, b.origin, b.variant, b.offset);
  });
  all.sides.push_back(std::move(s));
}

inline void split(all_sides& all, const selection& s) {
  const scanned& file = all.files.front();
  std::vector<side> groups;
  for (const std::string& value : file.groups) groups.push_back({value, &file, {}});
  for (const record& r : file.rows) groups[r.group].rows.push_back(r);
  const auto base = s.base.empty() ? file.groups.begin() : std::find(file.groups.begin(), file.groups.end(), s.base);
  if (base == file.groups.end()) {
    std::string there;
    for (const std::string& value : file.groups) there += (there.empty() ? "" : ", ") + value;
    throw error{"--base " + s.base + ": expected a value of column " + s.by + ": " + file.file->path() + " has " +
                there};
  }
  if (file.groups.size() < 2)
    throw error{"--by " + s.by + ": expected several values in " + file.file->path() + ", found " +
                    (file.groups.empty() ? "none" : "'" + file.groups.front() + "' only"),
                failure::input};
  std::rotate(groups.begin(), groups.begin() + (base - file.groups.begin()),
              groups.begin() + (base - file.groups.begin()) + 1);
  for (side& g : groups) add_side(all, std::move(g));
}

/// The columns of origin in which no row of one file has a value that some row of another has.
inline std::vector<std::size_t> columns_apart(const std::deque<scanned>& files) {
  std::vector<std::size_t> apart;
  for (std::size_t i = 0; i < files.front().key.size(); ++i) {
    const key_column& base = files.front().key[i];
    if (base.of != key_column::part::of_origin) continue;
    const auto shares = [&](const scanned& file) {
      const auto& there = file.key[i].values;
      return std::any_of(there.begin(), there.end(), [&](const std::string& value) {
        return value.empty() || std::find(base.values.begin(), base.values.end(), value) != base.values.end();
      });
    };
    const bool any = std::find(base.values.begin(), base.values.end(), "") != base.values.end();
    if (!any && !std::all_of(files.begin() + 1, files.end(), shares)) apart.push_back(i);
  }
  return apart;
}

/// Such as "library (a-1 in the base, a-2 in NEW.csv)".
inline std::string apart_text(const std::deque<scanned>& files, std::size_t i) {
  std::string text{columns[files.front().key[i].column].name};
  for (const scanned& file : files) {
    std::string values;
    for (const std::string& value : file.key[i].values) values += (values.empty() ? "" : " | ") + value;
    text += (&file == &files.front() ? " (" : ", ") + values + " in " +
            (&file == &files.front() ? "the base" : file.file->path());
  }
  return text + ")";
}

/// Moves columns of `key` from what must match to what need not. Rows are read again only where that is not enough.
inline void leave_out(all_sides& all, const std::vector<std::size_t>& apart) {
  bool is_constant = true;
  for (const std::size_t i : apart) all.left_out.push_back(apart_text(all.files, i));
  for (scanned& file : all.files)
    for (std::size_t i = 0; i < file.key.size(); ++i) {
      is_constant &= file.key[i].of != key_column::part::of_origin || !file.key[i].varies;
      if (std::find(apart.begin(), apart.end(), i) != apart.end()) file.key[i].of = key_column::part::of_variant;
    }
  for (scanned& file : all.files)
    if (is_constant)
      for (record& r : file.rows) r.origin = 0;
    else {
      std::vector<key_column> key;
      for (const key_column& c : file.key) key.push_back({c.column, c.of});
      file = scanner{*file.file, key}.read();
    }
}

}  // namespace detail

/// Reads the files: one where a column is compared by, else several. Columns that say where figures come from need not
/// match where no row of two files would. Throws (usage, input) as the parts do.
inline all_sides read_sides(const std::deque<source_file>& files, const selection& s) {
  all_sides all;
  const std::size_t by = s.by.empty() ? source_file::nowhere : column_place(s.by, "--by");
  const auto read = [&](const source_file& f) { return scanner{f, key_of(s), by}.read(); };
  std::vector<std::future<scanned>> reading;
  for (const source_file& f : files) reading.push_back(std::async(std::launch::async, read, std::cref(f)));
  for (auto& each : reading) all.files.push_back(each.get());
  if (!s.by.empty()) {
    detail::split(all, s);
    return all;
  }
  if (const auto apart = detail::columns_apart(all.files); !apart.empty()) detail::leave_out(all, apart);
  for (scanned& f : all.files) detail::add_side(all, {f.file->path(), &f, std::move(f.rows)});
  return all;
}

}  // namespace colossus::bench::compare
