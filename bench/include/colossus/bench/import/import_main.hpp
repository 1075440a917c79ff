// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/anonymise.hpp>
#include <colossus/bench/csv_file.hpp>
#include <colossus/bench/import/read_any.hpp>
#include <colossus/bench/parse_arguments.hpp>
#include <colossus/bench/program.hpp>
#include <colossus/bench/sidecar.hpp>

namespace colossus::bench {

namespace importing {

/// What the command line of colossus-import asks for.
struct import_options {
  std::vector<std::string> files, columns, set, units;
  std::string output;
  bool append = false, anonymise = false;
};

/// The pairs NAME=VALUE of a flag. Throws (usage) for what is none.
inline std::map<std::string, std::string> pairs_of(const std::string& flag, const std::vector<std::string>& texts) {
  std::map<std::string, std::string> pairs;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw error{flag + ": expected NAME=VALUE, found '" + text + "'"};
    pairs[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return pairs;
}

inline void add_flags(CLI::App& app, import_options& o) {
  app.add_option("FILE", o.files,
                 "results: text or JSON (-J) of nccl-tests and rccl-tests, OSU micro-benchmarks, JSON of perftest "
                 "(--out_json), any CSV, our own CSV; which it is is found out")
      ->required();
  app.add_option("-o,--output", o.output, "the file of rows to write; - is stdout")->required();
  app.add_option("--columns", o.columns, "OURS=THEIRS,...: which columns of a CSV are which, as bytes=Size,time_us=Lat")
      ->take_all()
      ->allow_extra_args(false)
      ->delimiter(',');
  app.add_option("--set", o.set, "COLUMN=VALUE,...: what holds for all rows, as collective=all_reduce,ranks=512")
      ->take_all()
      ->allow_extra_args(false)
      ->delimiter(',');
  app.add_option(
         "--units", o.units,
         "THEIRS=UNIT,...: the unit of a column of a CSV where its name does not say it (default: B, us, GB/s); "
         "KB, MB, GB are powers of 1000, K, KiB, MiB, GiB of 1024")
      ->take_all()
      ->allow_extra_args(false)
      ->delimiter(',');
  app.add_flag("--append", o.append, "add to the file");
  app.add_flag("--anonymise", o.anonymise,
               "host names become h000, ... in the rows and beside them; serial numbers and home folders go");
}

/// What the sidecar says of an imported file: nothing of the machine that imports it.
inline nlohmann::ordered_json describe_import(const std::string& run_id, const std::string& path,
                                              const imported& file) {
  return {{"run_id", run_id},
          {"imported_from", std::filesystem::path{path}.filename().string()},
          {"format", file.format},
          {"imported_utc", utc_now()},
          {"program_version", version}};
}

/// Hosts have the same names in rows and runs.
inline void take_names_out(std::vector<nlohmann::ordered_json>& runs, std::vector<row>& rows) {
  anonymiser names;
  for (auto& run : runs) names.anonymise(run);
  for (row& r : rows) names.anonymise(r);
}

/// Reads all files before the output is opened: an error leaves nothing behind.
inline void import_files(const import_options& o, std::ostream& out, std::ostream& warnings) {
  const import_request asked{pairs_of("--columns", o.columns), pairs_of("--set", o.set), pairs_of("--units", o.units)};
  std::vector<row> rows;
  std::vector<nlohmann::ordered_json> runs;
  std::size_t foreign = 0;
  for (const std::string& path : o.files) {
    imported file = read_any(path, asked);
    for (const std::string& text : file.warnings) warnings << "colossus-import: " << path << ": " << text << '\n';
    out << path << ": " << file.format << ", " << file.rows.size() << " rows\n";
    if (file.format == "colossus CSV") {
      for (const auto& run : read_sidecar(path)) runs.push_back(run);
    } else {
      const std::string run_id = new_run_id();
      for (row& r : file.rows) r.run_id = run_id;
      runs.push_back(describe_import(run_id, path, file)), ++foreign;
    }
    rows.insert(rows.end(), file.rows.begin(), file.rows.end());
  }
  if (foreign == o.files.size()) number_launches(rows);  // each file of the same configuration is a launch
  if (o.anonymise) take_names_out(runs, rows);
  csv_file csv{o.output, o.append};
  for (const row& r : rows) csv.write(r);
  if (o.output == "-") return;
  for (const auto& run : runs) write_sidecar(o.output, run);
  out << rows.size() << " rows -> " << o.output << '\n';
}

}  // namespace importing

/// colossus-import: writes results of other tools as rows. Returns the exit status.
inline int import_main(int argc, const char* const* argv) {
  return guarded("colossus-import", [&] {
    CLI::App app{"Writes results of other tools as rows of ours.", "colossus-import"};
    importing::import_options o;
    importing::add_flags(app, o);
    if (!parse_arguments(app, argc, argv, std::cout)) return 0;
    importing::import_files(o, o.output == "-" ? std::cerr : std::cout, std::cerr);
    return 0;
  });
}

}  // namespace colossus::bench
