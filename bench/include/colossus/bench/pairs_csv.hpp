// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv_file.hpp>

#include <algorithm>
#include <array>
#include <filesystem>

namespace colossus::bench {

/// What two ranks took to exchange a message, both ways at once: a line of NAME.pairs.csv. Empty means missing.
struct pair_line {
  std::string run_id;
  integer round;  ///< pairs of one round were busy together
  integer src_rank;
  std::string src_host;
  integer src_device;  ///< of its host
  integer dst_rank;
  std::string dst_host;
  integer dst_device, bytes;
  real time_us_p50;  ///< median over iterations, until both ends had their message
  real GBps;         ///< 1e9 bytes a second, each way
  std::string status = "ok";
  bool operator==(const pair_line&) const = default;
};

/// A column of the table of pairs, and where a line keeps it.
struct pair_column {
  std::string_view name;
  std::variant<std::string pair_line::*, integer pair_line::*, real pair_line::*> member;
  bool needed;  ///< a table without it is none
};

/// Every column, in the order of the file.
inline constexpr std::array pair_columns{
    pair_column{"run_id", &pair_line::run_id, false},
    pair_column{"round", &pair_line::round, false},
    pair_column{"src_rank", &pair_line::src_rank, true},
    pair_column{"src_host", &pair_line::src_host, true},
    pair_column{"src_device", &pair_line::src_device, true},
    pair_column{"dst_rank", &pair_line::dst_rank, true},
    pair_column{"dst_host", &pair_line::dst_host, true},
    pair_column{"dst_device", &pair_line::dst_device, true},
    pair_column{"bytes", &pair_line::bytes, true},
    pair_column{"time_us_p50", &pair_line::time_us_p50, true},
    pair_column{"GBps", &pair_line::GBps, false},
    pair_column{"status", &pair_line::status, false},
};

/// NAME.pairs.csv beside NAME.csv.
inline std::string pairs_path(const std::string& csv) {
  return std::filesystem::path{csv}.replace_extension(".pairs.csv").string();
}

/// Throws (usage) where rows that go to `csv` would find a table of pairs beside it: before anything is made, so that a
/// refusal leaves no file behind.
inline void expect_room_for_pairs(const std::string& csv, bool append) {
  expects(append || csv.empty() || csv == "-" || !std::filesystem::exists(pairs_path(csv)),
          pairs_path(csv) + " is there already: add to it with --append, or name another file");
}

/// The first line of a table of pairs.
inline std::string pairs_header() {
  std::string line;
  for (const pair_column& c : pair_columns) line.append(line.empty() ? "" : ",").append(c.name);
  return line + '\n';
}

/// A pair as one line.
inline std::string csv_line(const pair_line& of) {
  std::string line;
  for (const pair_column& c : pair_columns)
    line.append(&c == &pair_columns[0] ? "" : ",")
        .append(csv_field(std::visit([&](auto member) { return to_text(of.*member); }, c.member)));
  return line + '\n';
}

namespace detail {

/// Where each column of the table stands in a header, nullptr for one that we do not know.
inline std::vector<const pair_column*> pair_columns_of(const std::vector<std::string>& names, const std::string& file) {
  std::vector<const pair_column*> order;
  for (const std::string& name : names) {
    const auto* const c = std::ranges::find(pair_columns, name, &pair_column::name);
    order.push_back(c == pair_columns.end() ? nullptr : c);
  }
  for (const pair_column& c : pair_columns)
    if (c.needed && std::ranges::find(order, &c) == order.end())
      throw error{file + ": line 1: expected the header of a table of pairs, with column " + std::string{c.name} +
                      ": --pairs of the benchmarks and of colossus-simulate writes such",
                  failure::input};
  return order;
}

/// Sets a line from the fields of a record; what is wrong with it, or nothing.
inline std::string set_from_fields(pair_line& of, const std::vector<const pair_column*>& order,
                                   const std::vector<std::string>& fields) {
  if (fields.size() != order.size())
    return "expected " + std::to_string(order.size()) + " fields, found " + std::to_string(fields.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i] && !std::visit([&](auto member) { return from_text(of.*member, fields[i]); }, order[i]->member))
      return "expected a number in column " + std::string{order[i]->name} + ", found '" + fields[i] + "'";
  return {};
}

}  // namespace detail

/// The pairs of a table, by the names in its header. `name` says in errors where `text` comes from. Throws (input) with
/// the line where one is not whole.
inline std::vector<pair_line> csv_pairs(std::string_view text, const std::string& name) {
  const std::string_view whole = text;
  std::vector<std::string> fields;
  expects(csv_record(text, fields), name + ": line 1: expected the header of a table of pairs, found an empty file",
          failure::input);
  const auto order = detail::pair_columns_of(fields, name);
  std::vector<pair_line> lines;
  for (std::size_t from = whole.size() - text.size(); csv_record(text, fields); from = whole.size() - text.size())
    if (const auto wrong = detail::set_from_fields(lines.emplace_back(), order, fields); !wrong.empty()) {
      const auto line = 1 + std::ranges::count(whole.substr(0, from), '\n');
      throw error{name + ": line " + std::to_string(line) + ": " + wrong, failure::input};
    }
  return lines;
}

/// The pairs of a file.
inline std::vector<pair_line> read_pairs(const std::string& path) { return csv_pairs(file_text(path), path); }

/// A table of pairs that is written line by line: whoever reads it, or kills us, finds whole lines only.
class pairs_file {
 public:
  /// Makes `path`, which must not be there yet; with `append` goes on with one that has the same header.
  pairs_file(const std::string& path, bool append) : file_{path, append, pairs_header()} {}

  void write(const pair_line& of) { file_.write(csv_line(of)); }
  const std::string& path() const { return file_.path(); }

 private:
  csv_file file_;
};

}  // namespace colossus::bench
