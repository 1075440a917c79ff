// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/anonymise.hpp>
#include <colossus/bench/options.hpp>
#include <colossus/bench/progress.hpp>
#include <colossus/bench/resume.hpp>

#include <iostream>
#include <optional>
#include <utility>

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
    if (o.anonymise) names_.emplace().anonymise(run_);
    appends_ = o.append, resumes_ = o.resume;
    if (o.resume) go_on_with(o.csv);
    else csv_.emplace(o.csv, o.append);
    if (o.append) there_ = rows_before(o.csv);
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

  /// Of --resume: what the file has already, in words; empty where it has nothing.
  const std::string& resumed() const { return resumed_; }
  /// Whether the file has rows like `planned`, in so many launches from that of `planned` on.
  bool has(row planned, std::int64_t launches = 1) {
    if (names_) names_->anonymise(planned);
    if (planned.launch) *planned.launch += first_launch_;
    return resumes_ && there_.has(planned, launches);
  }
  /// Where the launches of this run begin, unless it appends: there each row follows the last launch of its like.
  void begin_launches_at(std::int64_t first) { first_launch_ = first; }
  /// One more than the last launch that the file has of rows like `planned`; 0 where there is none.
  std::int64_t launches_of(row planned) {
    if (names_) names_->anonymise(planned);
    return resumes_ ? there_.next_launch(planned) : 0;
  }

  void add(const row& r) {
    if (keep(r)) table_.add(r);
  }

  /// Writes a row to the file alone; false where --resume found it there.
  bool keep(row r) {
    progress_.clear();
    if (names_) names_->anonymise(r);
    if (r.launch) *r.launch += appends_ ? there_.next_launch(r) : first_launch_;
    if (resumes_ && there_.take(r)) return false;
    if (csv_) csv_->write(r);
    ++rows_;
    if (r.status == "wrong_data") ++wrong_;
    if (r.errors) ++checked_;
    return true;
  }

  /// Writes what became known of the run since it began.
  void amend(nlohmann::ordered_json run) {
    run_ = std::move(run);
    if (names_) names_->anonymise(run_);
    if (csv_ && csv_->path() != "-") write_sidecar(csv_->path(), run_);
  }

  /// The name by which the files know a host.
  std::string host(const std::string& name) { return names_ ? names_->host(name) : name; }

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
  void go_on_with(const std::string& path) {
    csv_.emplace(csv_file::resumed(path));  // first, so that nobody adds rows once they are read
    resumable found = find_resumable(path, run_);
    csv_->keep_first(found.whole);
    there_ = std::move(found.there);
    if (there_.rows() > 0) resumed_ = std::to_string(there_.rows()) + " rows are in " + path + " already";
    if (found.torn > 0)
      resumed_ += (resumed_.empty() ? path + ": " : "; ") + std::string{"a last line that was not whole ("} +
                  std::to_string(found.torn) + " bytes) was cut off";
  }

  nlohmann::ordered_json run_;  // in parentheses above: braces would make a list of it
  std::ostream* out_;
  Table table_;
  std::optional<csv_file> csv_;
  std::optional<anonymiser> names_;
  rows_there there_{rows_there::by::key};  // before this run
  bool appends_ = false, resumes_ = false;
  std::int64_t first_launch_ = 0;
  std::string resumed_;
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
