// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/launcher_prefixes.hpp>
#include <colossus/bench/import/nccl_run.hpp>

namespace colossus::bench::importing {

/// Reads the text of nccl-tests and rccl-tests, new and old, with what NCCL and launchers write between its lines.
class nccl_text {
 public:
  nccl_text(std::string path, const import_request& asked) : at_{std::move(path), 0}, asked_{&asked} {
    into_.format = "nccl-tests text";
  }

  imported read(std::string_view text) {
    for (const std::string_view line : lines_of(text)) {
      ++at_.line;
      take(prefixes_.without(line));
    }
    end_run();
    if (into_.rows.empty()) refuse({at_.path, 0}, "expected rows of nccl-tests below its header, found none");
    return std::move(into_);
  }

 private:
  void take(std::string_view line) {
    if (line.empty()) return;
    if (line.starts_with('#') || line.starts_with("Rank ")) return comment(line);
    const auto words = words_of(line);
    if (is_row(line, words)) return add_row(words);
    noise(line, words);
  }

  /// A line of the table, be it damaged: it begins with a number, or most of it is numbers.
  bool is_row(std::string_view line, const std::vector<std::string_view>& words) const {
    if (columns_.empty() || (run_.concluded && words.size() != columns_.size())) return false;
    if (words[0].find_first_not_of("0123456789") == std::string_view::npos) return true;
    if (line.find("NCCL ") != std::string_view::npos || line.find("RCCL ") != std::string_view::npos) return false;
    const auto numbers =
        std::count_if(words.begin(), words.end(), [](auto w) { return to_number<double>(w).has_value(); });
    return 2 * static_cast<std::size_t>(numbers) > columns_.size();
  }

  void comment(std::string_view line) {
    const auto begins = [&](std::string_view text) { return line.find(text) != std::string_view::npos; };
    if (begins("# nThread") || begins("-tests version") || begins("Collective test starting")) begin_run();
    const std::string_view bare = trimmed(line.substr(std::min(line.find_first_not_of('#'), line.size())));
    const auto words = words_of(bare);
    if (words.empty()) return;
    if (words[0] == "Rank") device(bare, words);
    else if (words[0] == "nThread") settings(bare);
    else if (begins("-tests version")) version(line);
    else if (begins("Collective test starting:")) run_.program = words.back();
    else if (begins("Out of bounds values")) run_.concluded = true, set_errors(words);
    else if (begins("Avg bus bandwidth") && words.size() > 4) run_.average = shown_at(at_, "the average", words[4]);
    else if (words[0] == "size" && begins("busbw")) header(words);
    else if (begins("in-place")) in_place_only_ = !begins("out-of-place");
  }

  /// A line of another program: it may say the command, or the library's version.
  void noise(std::string_view line, const std::vector<std::string_view>& words) {
    for (const std::string_view word : words)
      if (word.ends_with("_perf") && spelled(word) && (run_.concluded || run_.figures.empty())) {
        begin_run();
        run_.program = word;
      }
    for (const std::string_view name : {"RCCL version", "NCCL version"})
      if (std::string_view v = word_after(line, name); !v.empty()) {
        if (v == ":") v = word_after(line.substr(line.find(name)), ":");
        library_ =
            (name[0] == 'R' ? "rccl-" : "nccl-") + std::string{v.substr(0, std::min(v.find_first_of("+-"), v.size()))};
        break;
      }
  }

  void begin_run() {
    if (!run_.figures.empty()) end_run();
    columns_.clear();
  }

  void end_run() {
    if (!library_.empty() && run_.library.find('-') == std::string::npos) run_.library = library_;
    if (run_.library.starts_with("rccl")) run_.tool = "rccl-tests";
    add_run(std::exchange(run_, {}), *asked_, into_);
    groups_.clear();
  }

  void settings(std::string_view line) {
    run_.warmup = to_number<std::int64_t>(word_after(line, "warmup iters:"));
    const auto iters = line.find(" iters:", line.find("warmup iters:") + 13);
    if (iters != std::string_view::npos) run_.iters = to_number<std::int64_t>(word_after(line.substr(iters), "iters:"));
    run_.graph = to_number<std::int64_t>(word_after(line, "graph:")).value_or(0) > 0;
  }

  void version(std::string_view line) {
    const bool rccl = line.find("rccl") != std::string_view::npos;
    run_.library =
        with_version(rccl ? "rccl" : "nccl", to_number<std::int64_t>(word_after(line, "ccl-library=")).value_or(0));
  }

  /// Rank 3 Group 0 Pid 1 on host device 3 [0000:04:00] NVIDIA H100: ranks of other groups have tables of their own.
  void device(std::string_view line, const std::vector<std::string_view>& words) {
    if (words.size() < 6) return;
    const auto rank = count_at(at_, "the rank", words[1]);
    if (rank >= std::numeric_limits<rank_t>::max())
      refuse(at_, "expected a rank below 2^31, found " + std::string{words[1]});
    const auto group = words[2] == "Group" ? integer_at(at_, "the group", words[3]) : 0;
    groups_[rank] = group;
    const auto first = groups_.begin()->second;
    if (group == first) run_.hosts.emplace(word_after(line, " on "));
    const bool one = std::all_of(groups_.begin(), groups_.end(), [&](const auto& g) { return g.second == first; });
    run_.ranks = one ? groups_.rbegin()->first + 1  // a list that was cut short still has its last
                     : std::count_if(groups_.begin(), groups_.end(), [&](const auto& g) { return g.second == first; });
    if (const auto bracket = line.find(']'); bracket != std::string_view::npos)
      run_.device = trimmed(line.substr(bracket + 1));
    if (run_.device.find("AMD") != std::string::npos && run_.library == "nccl") run_.library = "rccl";
  }

  void header(const std::vector<std::string_view>& words) {
    columns_.assign(words.begin(), words.end());
    if (std::find(columns_.begin(), columns_.end(), "cputime") != columns_.end())
      refuse(at_, "expected times of operations, found cputime, the time to start them: measure without -C");
  }

  void add_row(std::vector<std::string_view> words) {
    if (!columns_.empty() && columns_.back() == "timestamp" && words.size() == columns_.size() + 1) words.pop_back();
    if (words.size() > columns_.size())  // something else was written behind it on the same line
      if (std::find(words.begin() + static_cast<std::ptrdiff_t>(columns_.size()), words.end(), "NCCL") != words.end())
        words.resize(columns_.size());
    if (words.size() != columns_.size())
      refuse(at_, "expected the " + std::to_string(columns_.size()) + " fields of the header, found " +
                      std::to_string(words.size()));
    nccl_figures f{{}, at_, {}};
    int half = -1;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (columns_[i] == "time" && ++half > 0) flush(f, 0);
      set(f, columns_[i], words[i]);
    }
    flush(f, half == 0 && in_place_only_ ? 1 : half);
  }

  void flush(nccl_figures& f, std::int64_t in_place) {
    f.r.in_place = in_place;
    run_.figures.push_back(f);
    f.r.errors = {}, f.r.status = "ok", f.m = {};
    f.r.time_us_min = f.r.time_us_max = f.r.time_us_p99 = {};
  }

  void set(nccl_figures& f, const std::string& name, std::string_view word) {
    if (name == "size") f.r.bytes = count_at(at_, "size", word);
    else if (name == "count") f.r.count = count_at(at_, "count", word);
    else if (name == "type") f.r.dtype = type_of(type_word(word)).name;
    else if (name == "redop") f.r.redop = word == "none" ? std::string{} : std::string{type_word(word)};
    else if (name == "root") set_root(f.r, integer_at(at_, "root", word));
    else if (name == "time") f.m.time_us = shown_at(at_, "time", word);
    else if (name == "algbw") f.m.algbw = shown_at(at_, "algbw", word);
    else if (name == "busbw") f.m.busbw = shown_at(at_, "busbw", word);
    else if (name == "#wrong" && word != "N/A") set_wrong(f.r, real_at(at_, "#wrong", word));
    else if (name == "error" && word != "N/A") real_at(at_, "error", word), f.r.errors = 0;
    else if (name == "i_min") f.r.time_us_min = real_at(at_, "i_min", word);
    else if (name == "i_max") f.r.time_us_max = real_at(at_, "i_max", word);
    else if (name == "i_p99") f.r.time_us_p99 = real_at(at_, "i_p99", word);
  }

  /// A name, not a number: a column is missing where there is one.
  std::string_view type_word(std::string_view word) const {
    if (to_number<double>(word))
      refuse(at_, "expected a name of a type or reduction, found '" + std::string{word} + "'");
    return word;
  }
  static void set_root(row& r, std::int64_t root) {
    if (root >= 0) r.root = root;
  }
  static void set_wrong(row& r, double wrong) {
    r.errors = rounded(wrong);
    if (wrong > 0) r.status = "wrong_data";
  }

  /// Old programs give the largest deviation, not how many are wrong: the last line says whether any is.
  void set_errors(const std::vector<std::string_view>& words) {
    const bool old = std::find(columns_.begin(), columns_.end(), "error") != columns_.end();
    if (!old || words.back() == "OK") return;
    for (nccl_figures& f : run_.figures) f.r.errors = {}, f.r.status = "wrong_data";
    into_.warnings.push_back("values are out of bounds, the file says not in which lines: all are marked wrong_data");
  }

  spot at_;
  const import_request* asked_;
  imported into_;
  nccl_run run_;
  std::string library_;
  launcher_prefixes prefixes_;
  std::map<std::int64_t, std::int64_t> groups_;
  std::vector<std::string> columns_;
  bool in_place_only_ = false;
};

}  // namespace colossus::bench::importing
