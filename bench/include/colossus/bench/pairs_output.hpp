// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/anonymise.hpp>
#include <colossus/bench/measured_main.hpp>
#include <colossus/bench/pairs_report.hpp>

namespace colossus::bench {

/// Throws (usage) for flags that --pairs has no use for: a rank exchanges one message with one other, as NCCL or the
/// transport does it.
inline void expect_flags_of_pairs(const options& o) {
  const auto refuse = [](bool given, const std::string& what) {
    expects(!given, what + ": leave it out: --pairs exchanges one message of -e bytes between two ranks");
  };
  refuse(!o.every_algorithm, "--algorithm");
  refuse(o.lanes > 0, "--lanes");
  refuse(o.chunk_bytes > 0, "--chunk-bytes");
  refuse(o.timing != "isolated", "--timing");
  refuse(o.types != options{}.types, "-d");
  refuse(o.operations != options{}.operations, "-o");
  refuse(o.root != options{}.root, "-r");
  refuse(!o.benchmark_arguments.empty(), "--benchmark_*");
  expects(!o.resume, "--resume: --pairs is done as a whole: name another file, or use --append");
  expects(size_option("-e", o.last_size) > 0, "-e 0: --pairs exchanges 1 byte at least");
}

/// "28 pairs in 7 rounds, no rank in two at a time".
inline std::string in_words(const pair_plan& plan) {
  const auto count = [](int n, const std::string& of) { return std::to_string(n) + " " + of + (n == 1 ? "" : "s"); };
  return count(plan.pairs(), "pair") + " in " + count(plan.rounds(), "round") +
         (plan.is_quick() ? ": each rank with the one half of all further on, in order of nodes; " +
                                std::to_string(plan.between_nodes()) + " between nodes"
                          : ", no rank in two at a time");
}

/// Where pairs go on the process that speaks: rows to the file of --csv, the pairs themselves to NAME.pairs.csv beside
/// it, and what is to be said to the screen.
class pairs_output {
 public:
  /// Opens both files at once, so that a refusal comes before the work.
  pairs_output(const options& o, nlohmann::ordered_json about) : out_{with_room(o), about, false} {
    if (o.anonymise) names_.emplace().anonymise(about);  // as `results` does, and meets hosts in the same order
    if (!o.csv.empty() && o.csv != "-") table_.emplace(pairs_path(o.csv), o.append);
  }

  /// The lines above what is found. `where` is "4 ranks on host".
  void introduce(std::string_view backend, const pair_plan& plan, const options& o, const std::string& where) {
    const std::string bytes = bytes_for_people(size_option("-e", o.last_size));
    out_.note(std::string{"colossus "} + version + ", " + std::string{backend} + ": send_recv " +
              (plan.is_quick() ? "--pairs=quick" : "--pairs") + " of " + bytes + " -n " + std::to_string(o.iterations) +
              " -w " + std::to_string(o.warmup) + ", " + where);
    out_.note(in_words(plan));
  }

  pair_sink sink() {
    return {[this](const row& r) { out_.keep(r); }, [this](const pair_line& line) { write(line); },
            [this](const std::string& text) { out_.note(text); }};
  }
  results<measured_table>& all() { return out_; }

  void end() {
    out_.end();
    if (table_) out_.note(std::to_string(lines_) + (lines_ == 1 ? " pair -> " : " pairs -> ") + table_->path());
  }

 private:
  static const options& with_room(const options& o) {
    expect_room_for_pairs(o.csv, o.append);
    return o;
  }

  void write(pair_line line) {
    if (names_) line.src_host = names_->host(line.src_host), line.dst_host = names_->host(line.dst_host);
    if (table_) table_->write(line);
    ++lines_;
  }

  results<measured_table> out_;
  std::optional<anonymiser> names_;
  std::optional<pairs_file> table_;
  std::size_t lines_ = 0;
};

}  // namespace colossus::bench
