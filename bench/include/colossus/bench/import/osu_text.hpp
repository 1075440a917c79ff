// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/bandwidth.hpp>
#include <colossus/bench/import/launcher_prefixes.hpp>

namespace colossus::bench::importing {

/// Reads the text of the OSU micro-benchmarks, plain and with -f. Their size is that of one rank's part where each has
/// one of its own; ours, as nccl-tests', is that of all parts.
class osu_text {
 public:
  osu_text(std::string path, const import_request& asked) : at_{std::move(path), 0}, asked_{&asked} {
    into_.format = "OSU micro-benchmarks";
  }

  imported read(std::string_view text) {
    for (const std::string_view line : lines_of(text)) {
      ++at_.line;
      take(prefixes_.without(line));
    }
    if (into_.rows.empty()) refuse({at_.path, 0}, "expected rows of an OSU benchmark below its header, found none");
    return std::move(into_);
  }

 private:
  void take(std::string_view line) {
    const auto words = words_of(line);
    if (words.empty()) return;
    if (line.starts_with("# OSU ")) return title(line);
    if (line.starts_with("# Datatype:")) return datatype(word_after(line, "Datatype:"));
    if (line.starts_with("# Size")) return header(line.substr(2));
    if (line.find("osu_") != std::string_view::npos) return command(words);
    if (line.starts_with('#') || columns_.empty()) return;
    const auto numbers =
        std::count_if(words.begin(), words.end(), [](auto w) { return to_number<double>(w).has_value(); });
    if (words[0][0] >= '0' && words[0][0] <= '9') add_row(words);
    else if (words.size() == columns_.size() && numbers > 0) add_row(words);
  }

  /// # OSU MPI-CUDA Allreduce Latency Test v7.4
  void title(std::string_view line) {
    const auto end = line.find(" Test");
    const auto words = words_of(line.substr(0, end));
    std::string name;
    for (std::size_t i = 3; i + 1 < words.size(); ++i) name.append(words[i]);
    const std::string_view kind = words.size() > 3 ? words.back() : std::string_view{};
    pair_ = name.empty() && (kind == "Latency" || kind == "Bandwidth");
    what_ = pair_ ? spelled("sendrecv") : kind == "Latency" ? spelled(name) : nullptr;
    if (!what_)
      refuse(at_,
             "expected a test of latency or bandwidth of one pair, or of latency of a collective that we have; "
             "found '" +
                 std::string{trimmed(line.substr(1))} + "'");
    version_ = word_after(line, "Test v");
    backend_ = words[2].find("CCL") != std::string_view::npos ? "nccl" : "mpi";
    gpu_ = line.find("CUDA") != std::string_view::npos   ? "cuda"
           : line.find("ROCM") != std::string_view::npos ? "rocm"
                                                         : "";
    columns_.clear(), dtype_ = {};
  }

  void datatype(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    dtype_ = type_of(text);
  }

  /// Names have single blanks inside, and two or more between them.
  void header(std::string_view line) {
    if (!what_) refuse(at_, "expected '# OSU ... Test' above the columns, found none");
    columns_.clear();
    for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
      const auto end = std::min(line.find("  "), line.size());
      columns_.emplace_back(line.substr(0, end));
      line.remove_prefix(end);
    }
  }

  /// A launcher's command in the log says how many ranks.
  void command(const std::vector<std::string_view>& words) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
      if (words[i] == "-np" || words[i] == "-n" || words[i] == "--ntasks")
        ranks_ = to_number<std::int64_t>(words[i + 1]);
  }

  std::int64_t ranks() const {
    if (const integer given = given_ranks(*asked_)) return *given;
    if (pair_) return 2;
    if (!ranks_ || *ranks_ < 1) refuse(at_, "the file says not how many ranks took part: say it with --set ranks=N");
    return *ranks_;
  }

  void add_row(const std::vector<std::string_view>& words) {
    if (words.size() != columns_.size())
      refuse(at_, "expected the " + std::to_string(columns_.size()) + " fields of the header, found " +
                      std::to_string(words.size()));
    row r;
    r.source = "imported", r.backend = backend_, r.collective = what_->name, r.ranks = ranks();
    r.dtype = dtype_.name;
    if (what_->reduces) r.redop = "sum";
    if (what_->rooted) r.root = 0;
    r.timing = pair_ && columns_[1].starts_with("Latency") ? "ping_pong" : pair_ ? "back_to_back" : "isolated";
    add_tag(r, "tool", "osu" + (version_.empty() ? version_ : "-" + version_)), add_tag(r, "buffers", gpu_);
    measured_figures m;
    for (std::size_t i = 0; i < words.size(); ++i) set(r, m, columns_[i], words[i]);
    bandwidth_check check;
    set_figures(r, at_, m, *what_, "mean", check);
    give(r, *asked_);
    into_.rows.push_back(r);
  }

  /// All are means over iterations; Avg is the mean over ranks, Min and Max are the fastest and the slowest rank.
  void set(row& r, measured_figures& m, std::string_view name, std::string_view word) {
    if (name == "Size") set_size(r, count_at(at_, name, word));
    else if (name.starts_with("Avg Latency") || name.starts_with("Latency")) m.time_us = shown_at(at_, name, word);
    else if (name.starts_with("Bandwidth"))
      m.algbw = shown_at(at_, name, word), m.algbw->value *= 1e-3, m.algbw->half *= 1e-3;
    else if (name.starts_with("Min Latency")) real_at(at_, name, word), add_tag(r, "fastest_rank_us", word);
    else if (name.starts_with("Max Latency")) real_at(at_, name, word), add_tag(r, "slowest_rank_us", word);
    else if (name == "Iterations") r.iters = integer_at(at_, name, word);
    else if (name == "Validation" && word != "Pass") r.status = "wrong_data";
  }

  void set_size(row& r, std::int64_t size) const {
    const bool part = what_->per_rank && what_->name != "reduce_scatter";  // whose size is that of the whole input
    if (part && size > std::numeric_limits<std::int64_t>::max() / *r.ranks)
      refuse(at_, "expected a size that fits into 63 bits with all ranks' parts, found " + std::to_string(size));
    r.bytes = part ? size * *r.ranks : size;
    if (dtype_.size > 0) r.count = *r.bytes / dtype_.size / (what_->per_rank ? *r.ranks : 1);
  }

  spot at_;
  const import_request* asked_;
  imported into_;
  launcher_prefixes prefixes_;
  const foreign_collective* what_ = nullptr;
  bool pair_ = false;
  std::string version_, gpu_, backend_;
  foreign_type dtype_;
  integer ranks_;
  std::vector<std::string> columns_;
};

}  // namespace colossus::bench::importing
