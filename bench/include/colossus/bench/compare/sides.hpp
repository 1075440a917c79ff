// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/scan.hpp>

#include <deque>

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
  if (by == "routing" || by == "placement") return {"price_kind", "seed"};
  return {};
}

/// The places in the schema of the columns that tell configurations apart.
inline std::vector<std::size_t> key_places(const selection& s) {
  std::vector<std::size_t> asked, key;
  for (const std::string& name : s.on) asked.push_back(column_place(name, "--on"));
  std::vector<std::size_t> left_out;
  for (const std::string& name : s.ignored) left_out.push_back(column_place(name, "--ignore"));
  if (!s.by.empty()) left_out.push_back(column_place(s.by, "--by"));
  if (s.on.empty())
    for (const std::string& name : followers(s.by)) left_out.push_back(column_place(name, "--by"));
  const auto has = [](const std::vector<std::size_t>& list, std::size_t c) {
    return std::find(list.begin(), list.end(), c) != list.end();
  };
  for (std::size_t c = 0; c < columns.size(); ++c)
    if ((s.on.empty() ? columns[c].key : has(asked, c)) && !has(left_out, c)) key.push_back(c);
  return key;
}

/// Rows that are compared with others: those of a file, or those with one value of a column.
struct side {
  std::string name;
  const scanned* from = nullptr;
  std::vector<record> rows;  ///< by key, then as in the file
  std::uint64_t filled = 0;  ///< the columns of the key that some row fills
};

/// All sides, the base first, and how they were made. Not to be copied: sides point to their files.
struct all_sides {
  all_sides() = default;
  all_sides(all_sides&&) = default;
  all_sides& operator=(all_sides&&) = default;

  std::deque<scanned> files;
  std::vector<side> sides;
  std::vector<std::size_t> key;      ///< what tells configurations apart
  std::vector<std::string> matched;  ///< columns that match whatever they hold, and why
};

namespace detail {

inline void add_side(all_sides& all, side s) {
  expects(!s.rows.empty(), s.name + ": expected rows, found none", failure::input);
  for (const record& r : s.rows) s.filled |= r.filled;
  std::sort(s.rows.begin(), s.rows.end(),
            [](const record& a, const record& b) { return a.key != b.key ? a.key < b.key : a.offset < b.offset; });
  all.sides.push_back(std::move(s));
}

inline void split(all_sides& all, const selection& s) {
  const scanned& file = all.files.front();
  std::vector<side> groups;
  for (const std::string& value : file.groups) groups.push_back({value, &file, {}, 0});
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

inline all_sides read_once(const std::deque<source_file>& files, const selection& s, std::vector<std::size_t> key) {
  all_sides all;
  const std::size_t by = s.by.empty() ? source_file::nowhere : column_place(s.by, "--by");
  for (const source_file& f : files) all.files.push_back(scanner{f, key, by}.read());
  all.key = std::move(key);
  if (!s.by.empty()) split(all, s);
  else
    for (scanned& f : all.files) add_side(all, {f.file->path(), &f, std::move(f.rows), 0});
  return all;
}

}  // namespace detail

/// Reads the files: one where a column is compared by, else several. A column of the key that one side leaves empty
/// throughout matches whatever the others hold. Throws (usage, input) as the parts do.
inline all_sides read_sides(const std::deque<source_file>& files, const selection& s) {
  all_sides all = detail::read_once(files, s, key_places(s));
  std::vector<std::size_t> left;
  std::vector<std::string> matched;
  for (std::size_t i = 0; i < all.key.size(); ++i) {
    const auto fills = [&](const side& each) { return (each.filled >> i & 1) != 0; };
    const auto empty = std::find_if_not(all.sides.begin(), all.sides.end(), fills);
    const bool kept = empty == all.sides.end() || std::none_of(all.sides.begin(), all.sides.end(), fills);
    if (kept) left.push_back(all.key[i]);
    else matched.push_back(std::string{columns[all.key[i]].name} + " (empty in " + empty->name + ")");
  }
  if (matched.empty()) return all;
  all = detail::read_once(files, s, left);
  all.matched = std::move(matched);
  return all;
}

}  // namespace colossus::bench::compare
