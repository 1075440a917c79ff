// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv_file.hpp>
#include <colossus/bench/options.hpp>
#include <colossus/bench/progress.hpp>
#include <colossus/bench/sidecar.hpp>

#include <iostream>
#include <optional>

namespace colossus::bench {

/// Where rows go: the table on stdout, and the file of --csv with its sidecar. With `--csv -` rows have stdout to
/// themselves, and the table goes to stderr.
template <class Table>
class results {
 public:
  /// Opens the file at once, so that a refusal comes before the work. `quietly`: another output has stdout.
  results(const options& o, nlohmann::ordered_json run, bool quietly)
      : run_(std::move(run)), out_{o.csv == "-" || quietly ? &std::cerr : &std::cout}, table_{*out_} {
    if (o.csv.empty()) return;
    csv_.emplace(o.csv, o.append);
    if (o.csv != "-") write_sidecar(o.csv, run_);
  }

  std::string run_id() const { return run_["run_id"]; }
  progress& line() { return progress_; }

  /// A remark above or between the rows of the table.
  void note(const std::string& text) {
    progress_.clear();
    *out_ << (text.empty() ? "#" : "# ") << text << std::endl;
  }
  void head() { table_.head(); }

  void add(const row& r) {
    keep(r);
    table_.add(r);
  }

  /// Writes a row to the file alone.
  void keep(const row& r) {
    progress_.clear();
    if (csv_) csv_->write(r);
    ++rows_;
    if (r.status == "wrong_data") ++wrong_;
    if (r.errors) ++checked_;
  }

  /// Writes what became known of the run since it began.
  void amend(nlohmann::ordered_json run) {
    run_ = std::move(run);
    if (csv_ && csv_->path() != "-") write_sidecar(csv_->path(), run_);
  }

  /// Ends the table as nccl-tests does.
  void end(const std::vector<std::string>& notes = {}) {
    table_.end();
    for (const std::string& text : notes) note(text);
    if (checked_ > 0) note("Out of bounds values : " + std::to_string(wrong_) + (wrong_ == 0 ? " OK" : " FAILED"));
    if (csv_ && csv_->path() != "-") note(std::to_string(rows_) + " rows -> " + csv_->path());
  }

  std::size_t rows() const { return rows_; }
  std::size_t wrong() const { return wrong_; }

 private:
  nlohmann::ordered_json run_;  // in parentheses above: braces would make a list of it
  std::ostream* out_;
  Table table_;
  std::optional<csv_file> csv_;
  progress progress_;
  std::size_t rows_ = 0, wrong_ = 0, checked_ = 0;
};

/// The whole of what was asked for, defaults included, as flags.
inline std::string echo(const options& o, tool which) {
  const auto joined = [](const auto& names) {
    std::string text;
    for (const auto& name : names) {
      if constexpr (std::is_arithmetic_v<std::decay_t<decltype(name)>>) text.append(1, ',').append(to_text(name));
      else text.append(1, ',').append(name);
    }
    return text.empty() ? std::string{"all"} : text.substr(1);
  };
  const auto repeated = [](const std::string& flag, const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += flag + value;
    return text;
  };
  std::string text = o.collective + " -b " + o.first_size + " -e " + o.last_size +
                     (o.factor != 0 ? " -f " + std::to_string(o.factor) : " -i " + o.step) + " -d " + joined(o.types) +
                     " -o " + joined(o.operations) + " --algorithm " +
                     (o.every_algorithm ? "all" : joined(o.algorithms));
  if (which == tool::simulate)
    return text + " --topology " + joined(o.topologies) +
           (o.nodes.empty() ? " --ranks " + joined(o.ranks) : " --nodes " + joined(o.nodes)) + " --placement " +
           o.placement + " --routing " + joined(o.routings) + " --queue-pairs " + joined(o.queue_pairs) + " --seed " +
           std::to_string(o.seed) + (o.seeds > 0 ? " --seeds " + std::to_string(o.seeds) : "") + " --cost-model " +
           joined(o.cost_models) + " --latency " + o.latency + repeated(" --set ", o.settings) +
           repeated(" --fault ", o.faults) + (o.cross_rail.empty() ? "" : " --cross-rail " + o.cross_rail) +
           (o.profile.empty() ? "" : " --profile " + o.profile) + (o.groups.empty() ? "" : " --groups " + o.groups) +
           (o.packets.empty() ? "" : " --packets " + o.packets) +
           (o.stragglers.empty() ? "" : " --stragglers " + o.stragglers) +
           (o.noise_us > 0 ? " --noise " + to_text(o.noise_us) : "") +
           (o.skew_us > 0 ? " --skew " + to_text(o.skew_us) : "");
  return text + " -n " + std::to_string(o.iterations) + " -w " + std::to_string(o.warmup) + " -c " +
         (o.check ? "1" : "0") + " -a 3 --timing " + o.timing +
         (o.timing == "graph" ? " -G " + std::to_string(o.graph_launches) : "") +
         (which == tool::nccl ? " --register " + o.registration : "") + " --deadline " + to_text(o.deadline_s);
}

}  // namespace colossus::bench
