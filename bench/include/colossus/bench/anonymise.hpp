// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers_of_one.hpp>
#include <colossus/bench/row.hpp>
#include <colossus/detail/host_list.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <vector>

namespace colossus::bench {

/// Takes out of results what names machines and people: hosts become h000, h001, ... in the order in which they are
/// met, each the same wherever it comes; serial numbers and home folders go. Show it the sidecar before the rows: the
/// order is that of its lists of hosts then.
class anonymiser {
 public:
  using json = nlohmann::ordered_json;

  /// The name that stands for a host. Empty stays empty.
  std::string host(const std::string& name) {
    if (name.empty()) return {};
    if (const auto known = names_.find(name); known != names_.end()) return known->second;
    const auto [entry, is_new] = names_.try_emplace(short_name(name), next());
    hosts_ += is_new ? 1 : 0;
    return names_[name] = std::string{entry->second};
  }

  /// `text` with other names for the hosts met so far, and without numbers that only one thing has.
  std::string text(const std::string& of) {
    std::string out;
    for (std::size_t at = 0; at < of.size();) {
      const std::size_t end = end_of_word(of, at);
      out += end > at ? word(of.substr(at, end - at)) : std::string{of[at]};
      at = std::max(end, at + 1);
    }
    return without_home(std::move(out));
  }

  /// Takes hosts out of a row, and whatever else names one out of its system and tags.
  void anonymise(row& r) {
    learn_ends(r.tags);
    r.slowest_host = host(r.slowest_host);
    r.system = text(r.system);
    r.tags = text(r.tags);
  }

  /// Takes hosts and serial numbers out of what a sidecar says of a run.
  void anonymise(json& run) {
    learn(run, "");
    run = cleaned(run);
  }

 private:
  static bool is_letter(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  static std::string short_name(const std::string& name) {
    return kind_of_number(name) == number_of_one::address ? name : name.substr(0, name.find('.'));
  }
  std::string next() const {
    const std::string number = std::to_string(hosts_);
    return "h" + std::string(3 - std::min<std::size_t>(number.size(), 3), '0') + number;
  }

  /// Words hold letters, digits and what hosts and numbers have between them.
  static std::size_t end_of_word(const std::string& of, std::size_t at) {
    if (!is_letter(of[at])) return at;
    std::size_t end = at;
    while (end < of.size() &&
           (is_letter(of[end]) || (std::string_view{"-.:_"}.find(of[end]) != std::string_view::npos)))
      ++end;
    while (!is_letter(of[end - 1])) --end;
    return end;
  }

  /// A word as a whole, then without its last part, and so on: gpu07:1, gpu07.cluster.example, gpu07.csv.
  std::string word(const std::string& of) {
    for (std::size_t end = of.size(); end != std::string::npos && end > 0; end = of.find_last_of("-.:_", end - 1)) {
      const std::string part = of.substr(0, end);
      const auto known = names_.find(part);
      const std::string rest = end < of.size() ? text_behind(of, end, known != names_.end()) : "";
      if (known != names_.end()) return known->second + rest;
      const number_of_one kind = kind_of_number(part);
      if (kind == number_of_one::address) return host(part) + rest;
      if (kind == number_of_one::serial) return "*" + rest;
    }
    const std::size_t first = of.find_first_of("-.:_");  // the name of a host may follow: lan-gpu07
    return first == std::string::npos ? of : of.substr(0, first + 1) + text(of.substr(first + 1));
  }
  /// What follows a part of a word; of a known host, its domain is left out.
  std::string text_behind(const std::string& of, std::size_t end, bool is_host) {
    const std::string_view rest = std::string_view{of}.substr(end);
    const bool domain = is_host && std::count(rest.begin(), rest.end(), '.') > 1;
    const std::size_t port = domain ? std::min(rest.find(':'), rest.size()) : 0;
    const std::string kept{rest.substr(port)};
    return kept.empty() ? kept : kept.substr(0, 1) + text(kept.substr(1));
  }

  static std::string without_home(std::string of) {
    for (const std::string_view folder : {"/home/", "/Users/"})
      for (std::size_t at = 0; (at = of.find(folder, at)) != std::string::npos; ++at)
        of.replace(at, std::min(of.find('/', at + folder.size()), of.size()) - at, "~");
    return of;
  }

  /// Meets the hosts in the tags of pairs: ends=gpu07:0,gpu08:3.
  void learn_ends(const std::string& tags) {
    const auto at = tags.find("ends=");
    if (at == std::string::npos) return;
    const std::string ends = tags.substr(at + 5, tags.find(';', at) - at - 5);
    for (std::size_t begin = 0; begin < ends.size();) {
      const std::size_t comma = std::min(ends.find(',', begin), ends.size());
      (void)host(ends.substr(begin, ends.rfind(':', comma) - begin));
      begin = comma + 1;
    }
  }

  /// Meets the hosts that a part of a sidecar names under `key`.
  void learn(const json& part, const std::string& key) {
    if (part.is_string() && is_host_list(key))
      for (const std::string& name : colossus::detail::host_list{part.get<std::string>(), key}.expand())
        (void)host(name);
    else if (part.is_string() && (key == "hosts" || key == "host")) (void)host(part.get<std::string>());
    else if (part.is_array())
      for (const json& each : part) learn(each, key);
    else if (part.is_object())
      for (const auto& [name, inner] : part.items()) learn(inner, name);
  }
  static bool is_host_list(const std::string& key) { return key.ends_with("NODELIST"); }

  static bool is_serial(std::string key) {
    std::transform(key.begin(), key.end(), key.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return key == "pci_bus_id" || key == "slurm_job_id" || key.ends_with("uuid") || key.ends_with("guid") ||
           key.find("serial") != std::string::npos || key.ends_with("hostid");
  }

  json cleaned(const json& part) {
    if (part.is_string()) return text(part.get<std::string>());
    if (part.is_array()) {
      json all = json::array();
      for (const json& each : part) all.push_back(cleaned(each));
      return all;
    }
    if (!part.is_object()) return part;
    json all = json::object();
    for (const auto& [key, inner] : part.items()) {
      if (is_serial(key)) continue;
      json value = is_host_list(key) ? json(aliases(inner.get<std::string>())) : cleaned(inner);
      json& there = all[text(key)];
      const bool sum = there.is_number_integer() && value.is_number_integer();  // they differed by a number alone
      there = sum ? json(there.get<std::int64_t>() + value.get<std::int64_t>()) : value;
    }
    return all;
  }

  std::string aliases(const std::string& list) {
    std::string all;
    for (const std::string& name : colossus::detail::host_list{list, "a list of hosts"}.expand())
      all += (all.empty() ? "" : ",") + host(name);
    return all;
  }

  std::map<std::string, std::string> names_;  // of hosts, with and without their domain, and what stands for them
  std::size_t hosts_ = 0;
};

}  // namespace colossus::bench
