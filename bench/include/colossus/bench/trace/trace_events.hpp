// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>
#include <colossus/error.hpp>

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace colossus::bench {

/// Writes a file of Chrome trace events, one a line. Times are seconds here and microseconds there.
class trace_events {
 public:
  /// Throws (input) where the file cannot be written.
  explicit trace_events(const std::string& path) : path_{path}, out_{path, std::ios::binary} {
    if (!out_) throw error{path + ": expected a file that can be written", failure::input};
    out_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  }

  void name_process(int process, const std::string& name, int order) {
    metadata("process_name", process, 0, "name", quoted(name));
    metadata("process_sort_index", process, 0, "sort_index", std::to_string(order));
  }
  void name_thread(int process, int thread, const std::string& name) {
    metadata("thread_name", process, thread, "name", quoted(name));
    metadata("thread_sort_index", process, thread, "sort_index", std::to_string(thread));
  }
  /// Something that takes its time; `arguments` is JSON without braces.
  void span(int process, int thread, const std::string& name, double begin, double end, const std::string& arguments) {
    const double from = begin * 1e6;
    start('X', process, thread, name);
    out_ << ",\"ts\":" << to_text(from) << ",\"dur\":" << to_text(std::max(end * 1e6 - from, 0.0)) << ",\"args\":{"
         << arguments << "}}";
  }
  /// A value from now on.
  void counter(int process, const std::string& name, double when, const std::string& unit, double value) {
    start('C', process, 1, name);
    out_ << ",\"ts\":" << to_text(when * 1e6) << ",\"args\":{" << quoted(unit) << ':' << to_text(value) << "}}";
  }

  /// Ends the file with what is said of the whole. Returns how many events it has. Throws where it was not written.
  std::size_t end(const nlohmann::ordered_json& about) {
    out_ << "\n],\"otherData\":" << about.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
         << "}\n";
    if (!out_.flush()) throw error{path_ + ": cannot be written", failure::broke};
    return events_;
  }

  static std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

 private:
  void start(char kind, int process, int thread, const std::string& name) {
    out_ << (events_++ == 0 ? "\n" : ",\n") << "{\"ph\":\"" << kind << "\",\"pid\":" << process << ",\"tid\":" << thread
         << ",\"name\":" << quoted(name);
  }
  void metadata(const char* what, int process, int thread, const char* key, const std::string& value) {
    start('M', process, thread, what);
    out_ << ",\"args\":{\"" << key << "\":" << value << "}}";
  }

  std::string path_;
  std::ofstream out_;
  std::size_t events_ = 0;
};

}  // namespace colossus::bench
