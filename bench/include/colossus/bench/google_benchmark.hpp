// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace colossus::bench {

/// The flags of Google Benchmark that one process is given. Of many processes one writes; the others go the same way in
/// silence.
class benchmark_flags {
 public:
  benchmark_flags(std::string program, const std::vector<std::string>& given, bool speaks)
      : arguments_{std::move(program)} {
    for (const std::string& a : given)
      if (speaks || !a.starts_with("--benchmark_out")) arguments_.push_back(a);
  }

  bool has(std::string_view flag) const {
    return std::any_of(arguments_.begin(), arguments_.end(), [&](const std::string& a) { return a.starts_with(flag); });
  }
  bool lists() const { return has("--benchmark_list_tests") && !has("--benchmark_list_tests=false"); }
  bool has_format() const { return has("--benchmark_format"); }

  /// Tells the library. Throws (usage) for a flag that it does not know.
  void initialize() {
    std::vector<char*> argv;
    for (std::string& a : arguments_) argv.push_back(a.data());
    argv.push_back(nullptr);
    int argc = static_cast<int>(arguments_.size());
    benchmark::Initialize(&argc, argv.data());
    if (argc > 1) throw error{std::string{argv[1]} + ": Google Benchmark does not know this flag"};
  }

 private:
  std::vector<std::string> arguments_;
};

/// Hands the end of each benchmark to a function, and to Google Benchmark's own display where one was asked for.
class reporter final : public benchmark::BenchmarkReporter {
 public:
  using at_end = std::function<void(std::size_t repetitions)>;

  reporter(at_end f, bool display, bool speaks)
      : at_end_{std::move(f)},
        display_{display && speaks ? benchmark::CreateDefaultDisplayReporter() : nullptr},
        silence_{nullptr} {
    if (!speaks) SetOutputStream(&silence_);
    SetErrorStream(&silence_);  // what it says there, run_measured says in its own words
  }
  bool ReportContext(const Context& context) override { return !display_ || display_->ReportContext(context); }
  void ReportRuns(const std::vector<Run>& runs) override {
    const auto repetitions =
        std::count_if(runs.begin(), runs.end(), [](const Run& run) { return run.run_type == Run::RT_Iteration; });
    at_end_(static_cast<std::size_t>(repetitions));
    if (display_) display_->ReportRuns(runs);
  }
  void Finalize() override {
    if (display_) display_->Finalize();
  }

 private:
  at_end at_end_;
  benchmark::BenchmarkReporter* display_;  // the library keeps it
  std::ostream silence_;
};

}  // namespace colossus::bench
