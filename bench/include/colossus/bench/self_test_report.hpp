// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>
#include <colossus/bench/sidecar.hpp>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

namespace colossus::bench {

enum class outcome { pass, fail, skipped };

/// One line of a self-test: what was looked at, what was found, and, unless it passed, what to do.
struct finding {
  std::string what;
  outcome how = outcome::pass;
  std::string found, remedy;
};

/// The findings of a self-test as they come in, and the file that they end in, whatever happens: the one who looks at
/// it was not there. Every member may be called by any thread.
class self_test_report {
 public:
  explicit self_test_report(std::string title) : title_{std::move(title)} {}

  void add(finding f) {
    const std::scoped_lock lock{mutex_};
    findings_.push_back(std::move(f));
  }
  /// Facts for the JSON part.
  void keep(const std::string& name, nlohmann::ordered_json facts) {
    const std::scoped_lock lock{mutex_};
    facts_[name] = std::move(facts);
  }
  /// What is done from now on, in case that it never ends.
  void begin(const std::string& step) {
    const std::scoped_lock lock{mutex_};
    step_ = step, step_began_ = std::chrono::steady_clock::now();
  }
  std::string step() const {
    const std::scoped_lock lock{mutex_};
    return step_;
  }
  double seconds_of_step() const {
    const std::scoped_lock lock{mutex_};
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - step_began_).count();
  }

  int count(outcome how) const {
    const std::scoped_lock lock{mutex_};
    return static_cast<int>(
        std::count_if(findings_.begin(), findings_.end(), [&](const finding& f) { return f.how == how; }));
  }

  /// One line: how many passed, and the first failure.
  std::string summary() const {
    std::string line = std::to_string(count(outcome::pass)) + " pass, " + std::to_string(count(outcome::fail)) +
                       " fail, " + std::to_string(count(outcome::skipped)) + " skipped";
    const std::scoped_lock lock{mutex_};
    for (const finding& f : findings_)
      if (f.how == outcome::fail) return line + "; first: " + f.what + ": " + f.found;
    return line;
  }

  /// The whole for people, then for programs.
  std::string text() const {
    const std::string verdict = summary();
    const std::scoped_lock lock{mutex_};
    std::string all = title_ + "\n" + verdict + "\n\n";
    for (const finding& f : findings_) {
      all += words(f.how) + std::string(9 - words(f.how).size(), ' ') + f.what + ": " + f.found + '\n';
      if (!f.remedy.empty()) all += "         -> " + f.remedy + '\n';
    }
    return all + "\n--- json\n" + json().dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  }

  /// Writes the file anew; a reader never sees half of it. False where it cannot be written.
  bool write(const std::string& path) const {
    const std::string part = path + ".part";
    return static_cast<bool>((std::ofstream{part} << text()).flush()) && std::rename(part.c_str(), path.c_str()) == 0;
  }

 private:
  static std::string words(outcome how) {
    return how == outcome::pass ? "pass" : how == outcome::fail ? "FAIL" : "skipped";
  }

  nlohmann::ordered_json json() const {
    nlohmann::ordered_json all{{"schema", 1}, {"title", title_}, {"findings", nlohmann::ordered_json::array()}};
    for (const finding& f : findings_)
      all["findings"].push_back(
          {{"what", f.what}, {"outcome", words(f.how)}, {"found", f.found}, {"remedy", f.remedy}});
    all["facts"] = facts_;
    return all;
  }

  mutable std::mutex mutex_;
  std::string title_, step_ = "start";
  std::chrono::steady_clock::time_point step_began_ = std::chrono::steady_clock::now();
  std::vector<finding> findings_;
  nlohmann::ordered_json facts_ = nlohmann::ordered_json::object();
};

/// Ends the process with exit status 4 once its time is over, after it has written the report with what it hung in:
/// a driver that hangs leaves no other way.
class self_test_watchdog {
 public:
  self_test_watchdog(self_test_report& report, std::string file, std::chrono::duration<double> limit)
      : thread_{[this, &report, file = std::move(file), limit] { watch(report, file, limit); }} {}
  ~self_test_watchdog() {
    {
      const std::scoped_lock lock{mutex_};
      over_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

 private:
  void watch(self_test_report& report, const std::string& file, std::chrono::duration<double> limit) {
    std::unique_lock lock{mutex_};
    if (wake_.wait_for(lock, limit, [this] { return over_; })) return;
    report.add(
        {report.step(), outcome::fail,
         "it did not end: " + std::to_string(static_cast<int>(report.seconds_of_step())) +
             " s were spent on it, and the self-test has " + std::to_string(static_cast<int>(limit.count())),
         "what follows it was not tried; see dmesg for Xid errors, and try with fewer GPUs (CUDA_VISIBLE_DEVICES)"});
    const bool written = file.empty() || report.write(file);
    const std::string last = "self-test: " + report.summary() + (written ? " -> " + file : ": not written") + '\n';
    [[maybe_unused]] const auto n = ::write(STDERR_FILENO, last.data(), last.size());
    std::_Exit(static_cast<int>(failure::broke));
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace colossus::bench
