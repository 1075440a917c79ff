// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/source_file.hpp>

#include <compare>
#include <cstdint>
#include <cstring>

namespace colossus::bench::compare {

/// 128 bits that stand for a list of texts: two lists of 10 million alike by chance are less likely than a broken
/// memory. Not safe against someone who wants them alike.
class fingerprint {
 public:
  void add(std::string_view text) {
    const std::uint64_t length = text.size();
    for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t)))
      add_word(word(text, sizeof(std::uint64_t)));
    add_word(word(text, text.size()) ^ length << 56);
  }
  std::uint64_t high() const { return mixed(high_); }
  std::uint64_t low() const { return mixed(low_); }

 private:
  static std::uint64_t word(std::string_view text, std::size_t bytes) {
    std::uint64_t w = 0;
    if (bytes > 0) std::memcpy(&w, text.data(), bytes);
    return w;
  }
  static std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  void add_word(std::uint64_t w) {
    high_ = (high_ ^ w) * 0x9e3779b97f4a7c15u;
    high_ ^= high_ >> 32;
    low_ = (low_ + w) * 0xd6e8feb86659fd93u;
    low_ ^= low_ >> 29;
  }
  std::uint64_t high_ = 0x243f6a8885a308d3u, low_ = 0x13198a2e03707344u;
};

/// What is kept of a row while files are compared.
struct record {
  struct key_type {
    std::uint64_t high = 0, low = 0;
    auto operator<=>(const key_type&) const = default;
  } key;                      ///< of the columns that tell configurations apart, but for where figures come from
  std::uint64_t origin = 0;   ///< of the columns that say that and must match
  std::uint64_t variant = 0;  ///< of those that need not: configurations of one file are apart all the same
  std::uint64_t launch = 0;   ///< of run_id and launch; where a row has neither, of its place
  std::uint64_t filled = 0;   ///< which columns hold something, by their place in `scanned::key`
  std::size_t offset = 0;     ///< where the row begins, in bytes behind the header
  double time_us = 0, busbw = 0;
  std::uint32_t group = 0;                               ///< which value of the column compared by
  bool is_ok = true, is_fake = false, is_model = false;  ///< is_model: a figure worked out, without chance
};

/// A column that may be part of the key, and what a file holds in it.
struct key_column {
  enum class part { of_key, of_origin, of_variant };
  std::size_t column = 0;  ///< its place in the schema
  part of = part::of_key;
  std::string first{};  ///< what the first row holds
  bool varies = false;
  std::size_t widest = 0;             ///< in bytes
  std::vector<std::string> values{};  ///< where it is not of the key: those that rows have
};

/// The rows of a file.
struct scanned {
  const source_file* file = nullptr;
  std::vector<key_column> key;
  std::vector<record> rows;
  std::vector<std::string> groups;  ///< the values of the column compared by, in the order of the file
};

/// Reads the rows of one file.
class scanner {
 public:
  /// `by` is a place in the schema: it splits the rows into groups, where it is no column there is one.
  scanner(const source_file& file, const std::vector<key_column>& key, std::size_t by = source_file::nowhere)
      : file_{&file}, by_{by == source_file::nowhere ? by : file.place(by)} {
    found_.file = &file, found_.key = key;
    for (const key_column& c : key) places_.push_back(file.place(c.column));
    expects(by == source_file::nowhere || by_ != source_file::nowhere,
            file.path() + ": line 1: expected the column to compare by, found none of that name", failure::input);
  }

  /// Throws (input) where a row has another number of fields than the header, or no number where one belongs.
  scanned read() {
    std::string_view text = file_->rows();
    const char* const begin = text.data();
    found_.rows.reserve(text.size() / (1 + std::min(text.find('\n'), text.size())) * 9 / 8 + 1);  // if rows are as long
    for (std::size_t offset = 0; take_fields(text, fields_); offset = static_cast<std::size_t>(text.data() - begin)) {
      if (fields_.size() == 1 && fields_[0].empty()) continue;  // an empty line
      expect_whole(offset);
      read_row(offset);
    }
    return std::move(found_);
  }

 private:
  void expect_whole(std::size_t offset) const {
    if (fields_.size() == file_->fields()) return;
    throw error{file_->where(offset) + ": expected " + std::to_string(file_->fields()) +
                    " fields as in the header, found " + std::to_string(fields_.size()),
                failure::input};
  }

  std::string_view field(std::size_t place) const {
    return place == source_file::nowhere ? std::string_view{} : fields_[place];
  }

  double number(std::size_t place, const char* name, std::size_t offset) const {
    const std::string_view text = field(place);
    if (text.empty()) return 0;
    const auto value = to_number<double>(text.starts_with('"') ? std::string_view{plain_ = plain(text)} : text);
    if (!value)
      throw error{
          file_->where(offset) + ": expected a number in column " + name + ", found '" + std::string{text} + "'",
          failure::input};
    return *value;
  }

  void read_row(std::size_t offset) {
    file_->expect_schema(field(schema_), offset);
    record r;
    r.offset = offset;
    r.time_us = number(time_, "time_us", offset), r.busbw = number(busbw_, "busbw_GBps", offset);
    const std::string_view status = field(status_);
    r.is_ok = (status.empty() || status == "ok" || status == "\"ok\"") && r.time_us > 0 && std::isfinite(r.time_us);
    if (!std::isfinite(r.busbw)) r.busbw = 0;
    r.is_model = field(stat_) == "model";
    r.is_fake = field(library_).substr(0, 6).find("fake-") < 2;  // perhaps behind a quote
    r.launch = launch_of(offset);
    set_key(r);
    if (by_ != source_file::nowhere) r.group = group_of(field(by_));
    found_.rows.push_back(r);
  }

  std::uint64_t launch_of(std::size_t offset) const {
    fingerprint of;
    of.add(field(run_)), of.add(field(launch_));
    if (field(run_).empty() && field(launch_).empty()) of.add(std::to_string(offset));
    return of.high();
  }

  void set_key(record& r) {
    fingerprint of[3];
    for (std::size_t i = 0; i < found_.key.size(); ++i) {
      key_column& c = found_.key[i];
      std::string_view text = field(places_[i]);
      if (text.starts_with('"')) text = plain_ = plain(text);
      of[static_cast<std::size_t>(c.of)].add(text);
      if (!text.empty()) r.filled |= std::uint64_t{1} << i;
      c.widest = std::max(c.widest, text.size());
      if (found_.rows.empty()) c.first = text;
      else c.varies = c.varies || c.first != text;
      if (c.of != key_column::part::of_key) note_value(c, text);
    }
    r.key = {of[0].high(), of[0].low()}, r.origin = of[1].high(), r.variant = of[2].high();
  }

  static void note_value(key_column& c, std::string_view text) {
    if (!c.values.empty() && c.values.back() == text) return;
    const auto found = std::find(c.values.begin(), c.values.end(), text);
    if (found == c.values.end()) c.values.emplace_back(text);
    else std::iter_swap(found, c.values.end() - 1);  // the next row's is likely the same
  }

  std::uint32_t group_of(std::string_view text) {
    const std::string value = plain(text);
    const auto found = std::find(found_.groups.begin(), found_.groups.end(), value);
    if (found == found_.groups.end())
      return found_.groups.push_back(value), static_cast<std::uint32_t>(found_.groups.size() - 1);
    return static_cast<std::uint32_t>(found - found_.groups.begin());
  }

  const source_file* file_;
  std::size_t by_;
  std::size_t time_ = file_->place("time_us"), busbw_ = file_->place("busbw_GBps"), status_ = file_->place("status"),
              stat_ = file_->place("time_stat"), library_ = file_->place("library"), run_ = file_->place("run_id"),
              launch_ = file_->place("launch"), schema_ = file_->place("schema");
  scanned found_;
  std::vector<std::size_t> places_;  // of the key among the fields
  std::vector<std::string_view> fields_;
  mutable std::string plain_;
};

static_assert(columns.size() <= 64, "a bit for each column");

}  // namespace colossus::bench::compare
