// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/nccl_json.hpp>
#include <colossus/bench/import/nccl_text.hpp>
#include <colossus/bench/import/osu_text.hpp>
#include <colossus/bench/import/perftest_json.hpp>
#include <colossus/bench/import/table_text.hpp>

#include <filesystem>

namespace colossus::bench {

namespace importing {

/// Our own rows, as they are. Columns that we do not know are left out.
inline imported read_own(const std::string& path, std::string_view text, const import_request& asked) {
  imported into{{}, "colossus CSV", {}};
  std::vector<std::string> fields;
  spot at{path, 1};
  const std::string_view all = text;
  csv_record(text, fields);
  const auto order = csv_columns(fields);
  while (!text.empty()) {
    const std::string_view used = all.substr(0, all.size() - text.size());
    at.line = 1 + static_cast<std::size_t>(std::count(used.begin(), used.end(), '\n'));
    csv_record(text, fields);
    const std::string wrong = set_from_fields(into.rows.emplace_back(), order, fields);
    if (!wrong.empty()) refuse(at, wrong);
    give(into.rows.back(), asked);
  }
  return into;
}

inline imported read_json(const std::string& path, std::string_view text, const import_request& asked) {
  const nlohmann::json file = parse_located(path, text);
  if (file.contains("test_info")) return read_perftest(path, file, asked);
  if (file.contains("results")) return nccl_json{path, asked}.read(file);
  refuse({path, 0}, "expected 'results' of nccl-tests -J, or 'test_info' of perftest --out_json, found neither");
}

/// Whether a text has the header of nccl-tests' table, wherever a launcher or a log put it.
inline bool looks_like_nccl(std::string_view text) {
  return text.find("busbw") != std::string_view::npos && text.find("algbw") != std::string_view::npos &&
         (text.find("out-of-place") != std::string_view::npos || text.find("in-place") != std::string_view::npos);
}

inline imported read_foreign(const std::string& path, std::string_view text, const import_request& asked) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) refuse({path, 0}, "expected results, found an empty file");
  if (!asked.columns.empty()) return table_text{path, asked}.read(text);
  if (text[first] == '{') return read_json(path, text, asked);
  if (looks_like_nccl(text)) return nccl_text{path, asked}.read(text);
  if (text.find("# OSU ") != std::string_view::npos) return osu_text{path, asked}.read(text);
  const auto lines = lines_of(text);
  const auto header = std::find_if(lines.begin(), lines.end(), [](auto l) { return !l.starts_with('#'); });
  if (header != lines.end() && header->find(',') != std::string_view::npos) return table_text{path, asked}.read(text);
  refuse(
      {path, 0},
      "expected the text or JSON of nccl-tests or rccl-tests, the text of an OSU benchmark, the JSON of perftest, or "
      "a CSV with a header; found none of them");
}

}  // namespace importing

/// The rows of a text of ours or of another tool, whose format is found out; `path` names it in errors. Rows of others
/// have source = imported, times in us, nccl-tests' bytes, and bandwidths that are worked out again. Throws (input)
/// with the line where it is damaged or says too little, (usage) where `asked` does not fit it.
inline imported read_any_text(const std::string& path, std::string_view text, const import_request& asked = {}) {
  import_request known = asked;
  if (const auto* const c = importing::given_collective(asked)) known.set["collective"] = c->name;
  if (text.starts_with("schema,") && asked.columns.empty()) return importing::read_own(path, text, known);
  imported found = importing::read_foreign(path, text, known);
  importing::number_launches(found.rows);
  return found;
}

/// The same of a file.
inline imported read_any(const std::string& path, const import_request& asked = {}) {
  expects(!std::filesystem::is_directory(path), path + ": expected a file, found a folder", failure::input);
  return read_any_text(path, file_text(path), asked);
}

}  // namespace colossus::bench
