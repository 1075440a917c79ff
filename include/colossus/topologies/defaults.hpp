// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/json_reader.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <utility>

namespace colossus::topologies {

/// Which end of the known range of the latencies is priced.
enum class latency_level : std::uint8_t { low, typical, high };

/// A figure of the table of defaults, with its range and where it comes from.
struct figure {
  double value = 0, low = 0, high = 0;
  std::string source, quality;
  double at(latency_level level) const {
    return level == latency_level::low ? low : level == latency_level::high ? high : value;
  }
};

/// A default that a machine was built with.
struct used_default {
  std::string what;  ///< such as "switch sn5600 latency"
  std::string unit;
  figure number;
  bool operator==(const used_default& other) const { return what == other.what; }
};

/// The table of defaults (defaults.json): latencies, efficiencies, powers and cable lengths by part.
class defaults_table {
 public:
  explicit defaults_table(const std::string& file) : file_{file}, json_(detail::read_json(file)) {
    (void)detail::json_reader{file_, json_}["defaults"];
  }

  const std::string& file() const { return file_; }

  /// The key of `section` that `name` names: equal to it in lower case, or one of its words (parts of a name between
  /// spaces, commas and brackets).
  std::optional<std::string> match(const std::string& section, const std::string& name) const {
    const auto& entries = table(section).value();
    std::string word, lower;
    for (char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (entries.contains(lower)) return lower;
    for (char& c : lower) c = std::string_view{",;()"}.find(c) == std::string_view::npos ? c : ' ';
    for (std::istringstream words{lower}; words >> word;)
      if (entries.contains(word)) return word;
    return {};
  }
  std::string keys(const std::string& section) const {
    std::string list;
    for (const auto& [key, value] : table(section).members()) list += (list.empty() ? "" : ", ") + key;
    return list;
  }
  /// The figure at `section`/`key`[/`quantity`], or nothing where the table has none.
  std::optional<figure> find(const std::string& section, const std::string& key,
                             const std::string& quantity = {}) const {
    const auto entry = table(section).find(key);
    const auto found = !entry || quantity.empty() ? entry : entry->find(quantity);
    if (!found || found->value().value("value", nlohmann::json{}).is_null()) return {};
    const auto bound = [&](const char* name) {
      const auto end = found->find(name);
      return !end || end->value().is_null() ? (*found)["value"].number(0) : end->number(0);
    };
    return figure{bound("value"), bound("low"), bound("high"), (*found)["source"].text(), (*found)["quality"].text()};
  }

  /// Puts a measured figure, from `source`, in the place of one: /defaults/link_class/nvlink4/latency_ns. False where
  /// there is none.
  bool replace(const std::string& pointer, double value, const std::string& source) {
    const nlohmann::json::json_pointer place{pointer};
    if (!json_.contains(place) || !json_.at(place).is_object() || !json_.at(place).contains("value")) return false;
    json_[place].update({{"value", value}, {"low", value}, {"high", value}, {"source", source}, {"quality", "M"}});
    return true;
  }

 private:
  detail::json_reader table(const std::string& section) const {
    return detail::json_reader{file_, json_}["defaults"][section];
  }

  std::string file_;
  nlohmann::json json_;
};

/// Where the table of defaults is: beside the topology file, else in COLOSSUS_TOPOLOGY_DIR (set when built by CMake).
inline std::string find_defaults(const std::string& topology_path) {
  const auto beside = std::filesystem::path{topology_path}.parent_path() / "defaults.json";
  if (std::filesystem::exists(beside)) return beside.string();
#ifdef COLOSSUS_TOPOLOGY_DIR
  const auto shipped = std::filesystem::path{COLOSSUS_TOPOLOGY_DIR} / "defaults.json";
  if (std::filesystem::exists(shipped)) return shipped.string();
#endif
  throw error{topology_path + ": expected the table of defaults at " + beside.string() +
                  ", found none: copy topologies/defaults.json there, or name it (defaults_path)",
              failure::input};
}

}  // namespace colossus::topologies
