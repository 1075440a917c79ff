// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv.hpp>

#include <map>
#include <unordered_map>

namespace colossus::bench {

/// Rows that a file had before we came, by what tells configurations apart, and by launch.
class rows_there {
 public:
  enum class by {
    key,  ///< all columns of the key
    plan  ///< those that are known before a row is: within one run they tell rows apart as well
  };
  explicit rows_there(by which) : by_{which} {}

  void add(const row& r) { ++there_[key_of(r)][launch_of(r)], ++rows_; }
  std::size_t rows() const { return rows_; }

  /// Whether there is a row like `r` in its launch and in each of the next `launches` - 1.
  bool has(const row& r, std::int64_t launches = 1) const {
    const auto found = there_.find(key_of(r));
    if (found == there_.end()) return false;
    for (std::int64_t i = 0; i < launches; ++i)
      if (!found->second.contains(launch_of(r) + i)) return false;
    return true;
  }

  /// The same, and takes it away: a row that comes twice is asked for twice.
  bool take(const row& r) {
    if (!has(r)) return false;
    auto& launches = there_.find(key_of(r))->second;
    if (--launches[launch_of(r)] == 0) launches.erase(launch_of(r));
    return true;
  }

  /// One more than the last launch of rows like `r`; 0 where there is none.
  std::int64_t next_launch(const row& r) const {
    const auto found = there_.find(key_of(r));
    return found == there_.end() ? 0 : std::max<std::int64_t>(found->second.rbegin()->first, 0) + 1;
  }

  /// What tells the configuration of a row apart, as one text.
  static std::string key_text(const row& r, by which = by::key) {
    std::string key;
    for (const column& c : columns)
      if (c.key && (which == by::key || !is_found_out(c.name))) key.append(text_of(r, c)).append(1, '\x1f');
    return key;
  }

 private:
  static std::int64_t launch_of(const row& r) { return r.launch.value_or(-1); }
  static bool is_found_out(std::string_view name) {
    return name == "lanes" || name == "chunk_bytes" || name == "price_kind" || name == "timing";
  }
  std::string key_of(const row& r) const { return key_text(r, by_); }

  by by_;
  std::unordered_map<std::string, std::map<std::int64_t, int>> there_;  // how often, by key and launch
  std::size_t rows_ = 0;
};

/// All rows of a file that is appended to, by key; none where there is no such file.
inline rows_there rows_before(const std::string& path) {
  rows_there found{rows_there::by::key};
  if (std::filesystem::is_regular_file(path) && std::filesystem::file_size(path) > 0)
    for_each_row(file_text(path), path, [&](const row& r) { found.add(r); });
  return found;
}

}  // namespace colossus::bench
