// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/child_process.hpp>
#include <colossus/bench/devices_of.hpp>
#include <colossus/bench/gpu_machine.hpp>
#include <colossus/bench/gpu_pairs.hpp>
#include <colossus/bench/join.hpp>
#include <colossus/bench/nccl_world.hpp>
#include <colossus/bench/pairs_findings.hpp>

namespace colossus::bench {

/// What a self-test is told.
struct self_test_request {
  std::string file;                    ///< where the report goes, of the first process
  std::vector<std::string> arguments;  ///< the whole command line, for the report's title
  int gpus = 0;                        ///< -g
  std::string id_file;
  bool standalone = false;
  double seconds = 55;  ///< after which it is ended, whatever it hangs in
};

namespace detail {

/// The self-test of one process: each step leaves findings, and the next ones go on as far as they can.
class gpu_self_test {
 public:
  explicit gpu_self_test(const self_test_request& r)
      : asked_{r}, here_{find_launch(environment_of_process())}, report_{title(r)} {}

  int run() {
    const self_test_watchdog watchdog{report_, here_.rank == 0 ? asked_.file : "",
                                      std::chrono::duration<double>{asked_.seconds}};
    attempt("machine", [&] { machine_ = inspect_machine(report_); });
    if (machine_.cuda.devices == 0) skip({"processes", "protocols", "communicator", "pairs"}, "no device");
    else if (attempt("processes", [&] { meet(); })) {
      protocols();
      if (attempt("communicator", [&] { communicate(); })) attempt("pairs", [&] { pairs(); });
      else skip({"pairs"}, "no communicator");
      attempt("other processes", [&] { hear_others(); });
    } else skip({"protocols", "communicator", "pairs"}, "the processes did not meet");
    return end();
  }

 private:
  static std::string title(const self_test_request& r) {
    std::string text = std::string{"colossus "} + version + " self-test, " + utc_now() + ", " + host_name() + ":";
    for (const auto& each : r.arguments) text += ' ' + each;
    return text;
  }

  /// Does a step; false, and a finding, where it throws. The other processes are told.
  template <class F>
  bool attempt(const std::string& what, F&& step) {
    report_.begin(what);
    try {
      step();
      return true;
    } catch (const std::exception& problem) {
      report_.add({what, outcome::fail, problem.what(), "NCCL_DEBUG=INFO NCCL_DEBUG_FILE=nccl.%h.%p says more"});
      if (processes_) processes_->abort(problem.what());
      return false;
    }
  }

  void skip(const std::vector<std::string>& steps, const std::string& why) {
    for (const auto& each : steps) report_.add({each, outcome::skipped, why, ""});
  }

  double seconds_left() const {
    return asked_.seconds - std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }
  std::chrono::milliseconds part(double most) const {
    return std::chrono::milliseconds{static_cast<int>(1e3 * std::max(1.0, std::min(most, seconds_left() - 5)))};
  }

  void meet() {
    processes_ = join(here_, {.id_file = asked_.id_file, .standalone = asked_.standalone, .deadline = part(20)});
    if (processes_->size() > 1) find_local_place(here_, *processes_);
    devices_ = devices_of(processes_->size() > 1 ? here_ : launch{}, machine_.cuda.devices, asked_.gpus);
    report_.add({"processes", outcome::pass,
                 std::to_string(processes_->size()) + " by " + processes_->way() + ", launcher " + here_.launcher, ""});
  }

  /// NCCL reads NCCL_PROTO once a process, so each protocol has one of its own: before this one opens a context, which
  /// compute mode "exclusive process" would allow to nobody else.
  void protocols() {
    for (const char* const protocol : {"Simple", "LL", "LL128"}) {
      const std::string what = std::string{"all_reduce by "} + protocol;
      if (processes_->size() > 1)
        skip({what}, std::string{"several processes: set NCCL_PROTO="} + protocol + " for all");
      else if (seconds_for_protocol() < 5) skip_protocol(what, protocol, "little is left");
      else attempt(what, [&] { protocol_in_child(what, protocol); });
    }
  }

  /// All but what the communicator and the pairs may need.
  double seconds_for_protocol() const { return std::min(15.0, seconds_left() - 25); }

  void skip_protocol(const std::string& what, const std::string& protocol, const std::string& why) {
    report_.add({what, outcome::skipped, "too little time: " + why,
                 "run it alone: NCCL_PROTO=" + protocol + " colossus-nccl all_reduce --algorithm nccl -g 2"});
  }

  /// On two GPUs at most: more of them only take longer to begin.
  void protocol_in_child(const std::string& what, const std::string& protocol) {
    const double seconds = seconds_for_protocol();
    const auto ended = run_child(
        {std::filesystem::read_symlink("/proc/self/exe").string(), "all_reduce", "--algorithm", "nccl", "-b", "64K",
         "-e", "64K", "-n", "5", "-w", "1", "--timing", "back_to_back", "--standalone", "-g",
         std::to_string(std::min<std::size_t>(devices_.size(), 2)), "--deadline", format("%.1f", seconds - 1)},
        {{"NCCL_PROTO", protocol}}, std::chrono::duration<double>{seconds});
    const auto says = [&](const char* words) { return ended.output.find(words) != std::string::npos; };
    const bool absent = says("no algorithm/protocol");
    const bool begun = says("# a kernel takes ");  // said once the communicator has formed
    const bool unformed = says("NCCL could not form the communicator") || (ended.late && !begun);
    if (ended.status == 0) report_.add({what, outcome::pass, "64 KiB verified before and after 5 operations", ""});
    else if (absent) report_.add({what, outcome::skipped, "NCCL has it not on this machine", ""});
    else if (unformed)
      skip_protocol(what, protocol, "its communicator did not form within " + format("%.0f", seconds) + " s");
    else
      report_.add({what, outcome::fail, ended.late ? "it did not end in time" : ended.last_line(),
                   "run it alone: NCCL_DEBUG=INFO NCCL_PROTO=" + protocol + " colossus-nccl all_reduce"});
  }

  /// The communicator of all ranks, and one all-reduce over it.
  void communicate() {
    const auto begun = std::chrono::steady_clock::now();
    choose_device(devices_);
    comms_ = form_nccl_world(*processes_, devices_, part(13));
    ranks_ = comms_.front().size();
    for (const auto& each : comms_) local_.push_back({each.handle(), each.side(), each.device(), each.rank()});
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    report_.add({"communicator", outcome::pass, std::to_string(ranks_) + " ranks in " + format("%.1f", s) + " s", ""});
  }

  void pairs() {
    if (ranks_ < 2) return skip({"pairs"}, "one rank");
    const pair_options how{.bytes = 4 << 20, .iterations = 5, .warmup = 1, .deadline = part(20) * 2 / 5};
    pair_plan plan{ranks_};
    if (ranks_ > 64) plan.limit(8);
    const auto ends = gather_ends(*processes_, local_);
    stuck_ = true;  // also where it throws
    const auto found = measure_pairs(*processes_, local_, plan, how);
    stuck_ = false;
    for (const pair_result& p : found) stuck_ = stuck_ || !p.answered;
    for (auto& each : findings_of_pairs(found, ends)) report_.add(std::move(each));
  }

  /// What failed elsewhere, in the report of the first process.
  void hear_others() {
    const auto said =
        gather_text(*processes_, (report_.count(outcome::fail) == 0 ? "" : host_name() + ": " + report_.summary()));
    for (std::size_t p = 1; p < said.size(); ++p)
      if (!said[p].empty()) report_.add({"process " + std::to_string(p), outcome::fail, said[p], ""});
  }

  /// Streams on which something still waits cannot be left in order.
  int end() {
    const bool written = here_.rank != 0 || report_.write(asked_.file);
    if (here_.rank == 0)
      std::cout << "self-test: " << report_.summary() << " -> " << (written ? asked_.file : "could not be written")
                << std::endl;
    const auto status = !written ? failure::input : machine_.cuda.devices == 0 ? failure::unavailable : failure::check;
    const bool good = written && machine_.cuda.devices > 0 && report_.count(outcome::fail) == 0;
    const int code = good ? 0 : static_cast<int>(status);
    if (stuck_) std::_Exit(code);
    return code;
  }

  self_test_request asked_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  launch here_;
  self_test_report report_;
  gpu_machine machine_;
  std::unique_ptr<process_group> processes_;
  std::vector<int> devices_;
  int ranks_ = 0;
  std::vector<transports::nccl> comms_;
  std::vector<pair_rank> local_;
  bool stuck_ = false;
};

}  // namespace detail

/// `--self-test FILE`: looks at everything that a collective needs, ends within a minute, and writes one file that says
/// line by line what passes, what fails and what to do. To be called before anything else touches CUDA. The exit
/// status: 0; 1 where something failed; 5 where there is no device.
inline int run_self_test(const self_test_request& asked) { return detail::gpu_self_test{asked}.run(); }

}  // namespace colossus::bench
