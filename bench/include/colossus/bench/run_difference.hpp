// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace colossus::bench {
namespace detail {

/// Flags in which a run may differ from the one that it goes on with.
inline constexpr std::array<std::string_view, 5> harmless_flags{"--resume", "--append", "--csv", "--launch", "--stats"};

/// Flags that no value follows.
inline constexpr std::array<std::string_view, 7> switches{"--resume",      "--append",     "--anonymise", "--stats",
                                                          "--sensitivity", "--standalone", "--pairs"};

template <class Names>
bool is_among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A flag and its value; what belongs to no flag has an empty one.
using argument = std::pair<std::string, std::string>;

/// What follows a program's name, argument by argument.
inline std::vector<argument> arguments_of(const std::vector<std::string>& argv) {
  std::vector<argument> all;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    const auto equals = argv[i].find('=');
    if (!argv[i].starts_with('-')) all.emplace_back("", argv[i]);
    else if (argv[i].size() > 2 && argv[i][1] != '-' && argv[i][2] != '=')  // -n5
      all.emplace_back(argv[i].substr(0, 2), argv[i].substr(2));
    else if (equals != std::string::npos) all.emplace_back(argv[i].substr(0, equals), argv[i].substr(equals + 1));
    else if (is_among(switches, argv[i]) || argv[i].starts_with("--benchmark_") || i + 1 == argv.size())
      all.emplace_back(argv[i], "");
    else all.emplace_back(argv[i], argv[i + 1]), ++i;
  }
  return all;
}

/// The arguments that shape rows, in an order of their own.
inline std::vector<argument> shaping_arguments(const std::vector<std::string>& argv) {
  std::vector<argument> all = arguments_of(argv);
  std::erase_if(all, [](const argument& a) { return is_among(harmless_flags, a.first); });
  std::sort(all.begin(), all.end());
  return all;
}

inline std::string in_words(const argument& a) {
  return "'" + a.first + (a.first.empty() || a.second.empty() ? "" : " ") + a.second + "'";
}

/// The first argument that one command line has and the other has not, in words; empty where there is none.
inline std::string argument_difference(const std::vector<std::string>& then, const std::vector<std::string>& now) {
  const auto program = [](const auto& argv) {
    return argv.empty() ? std::string{"nothing"} : std::filesystem::path{argv.front()}.filename().string();
  };
  if (program(then) != program(now)) return "it was of " + program(then) + ", this is " + program(now);
  const auto before = shaping_arguments(then), here = shaping_arguments(now);
  std::vector<argument> lost, added;
  std::set_difference(before.begin(), before.end(), here.begin(), here.end(), std::back_inserter(lost));
  std::set_difference(here.begin(), here.end(), before.begin(), before.end(), std::back_inserter(added));
  if (lost.empty() && added.empty()) return {};
  if (lost.empty()) return "it had no " + in_words(added.front());
  if (added.empty()) return "it had " + in_words(lost.front());
  return "it had " + in_words(lost.front()) + " where here is " + in_words(added.front());
}

/// What of a run's description decides its rows. Prices are the same on any machine; what is measured is not.
inline nlohmann::ordered_json deciding_part(const nlohmann::ordered_json& run) {
  nlohmann::ordered_json part = nlohmann::ordered_json::object();
  const bool priced = run.contains("topologies");
  for (const auto& [name, value] : run.items()) {
    const bool of_every_run = name == "program_version" || name == "git" || name == "job";
    if (of_every_run || (!priced && name != "run_id" && name != "started_utc" && name != "argv")) part[name] = value;
  }
  if (priced)
    for (const auto& each : run["topologies"]) part["topologies"].push_back(each.value("id", ""));
  if (part.contains("env")) part["env"].erase("SLURM_JOB_ID");
  if (part.contains("gpu")) part["gpu"].erase("readings");
  return part;
}

}  // namespace detail

/// In what two descriptions of runs differ, as far as it shapes rows, as half a sentence; empty where they do not.
inline std::string run_difference(const nlohmann::ordered_json& then, const nlohmann::ordered_json& now) {
  const auto argv = [](const auto& run) { return run.value("argv", std::vector<std::string>{}); };
  if (const auto found = detail::argument_difference(argv(then), argv(now)); !found.empty()) return found;
  const auto before = detail::deciding_part(then).flatten(), here = detail::deciding_part(now).flatten();
  const auto text = [](const auto& of, const std::string& name) {
    return of.contains(name) && !of[name].is_null() ? of[name].dump() : std::string{"missing"};
  };
  for (const auto* const each : {&before, &here})
    for (const auto& entry : each->items())
      if (text(before, entry.key()) != text(here, entry.key()))
        return "there " + entry.key().substr(1) + " was " + text(before, entry.key()) + ", here it is " +
               text(here, entry.key());
  return {};
}

}  // namespace colossus::bench
