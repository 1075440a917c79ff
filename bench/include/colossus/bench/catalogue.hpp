// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/error.hpp>
#include <colossus/type_list.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace colossus::bench {

/// An algorithm by its names.
struct catalogue_entry {
  std::string_view collective, algorithm;
};

/// The names in a list of algorithms: what a command line can ask for.
class catalogue {
 public:
  template <class... Algorithms>
  explicit catalogue(type_list<Algorithms...>) : entries_{{Algorithms::collective::name, Algorithms::name}...} {}

  const std::vector<catalogue_entry>& entries() const { return entries_; }

  /// The collectives, in the order of the list.
  std::vector<std::string_view> collectives() const {
    std::vector<std::string_view> names;
    for (const auto& [collective, algorithm] : entries_)
      if (std::find(names.begin(), names.end(), collective) == names.end()) names.push_back(collective);
    return names;
  }

  /// The algorithms of a collective.
  std::vector<std::string_view> algorithms(std::string_view collective) const {
    std::vector<std::string_view> names;
    for (const catalogue_entry& e : entries_)
      if (e.collective == collective) names.push_back(e.algorithm);
    return names;
  }

  /// The collective that answers to `name`: all_reduce, allreduce, AllReduce, all_reduce_perf. Throws (usage) for an
  /// unknown one.
  std::string collective(std::string_view name) const {
    const std::string bare = bare_name(name);
    for (const std::string_view known : collectives())
      if (bare_name(known) == bare) return std::string{known};
    throw error{"unknown collective '" + std::string{name} + "': choose one of " + joined(collectives())};
  }

  /// `algorithm`, where `collective` has it. Throws (usage) where it does not.
  const std::string& algorithm(std::string_view collective, const std::string& algorithm) const {
    const auto known = algorithms(collective);
    if (std::find(known.begin(), known.end(), algorithm) == known.end())
      throw error{"unknown algorithm '" + algorithm + "' for " + std::string{collective} + ": choose among " +
                  joined(known)};
    return algorithm;
  }

 private:
  /// Without case, underscores, and nccl-tests' suffix.
  static std::string bare_name(std::string_view name) {
    if (name.ends_with("_perf")) name.remove_suffix(5);
    std::string bare;
    for (const char c : name)
      if (c != '_') bare += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return bare == "bcast" ? "broadcast" : bare;
  }

  static std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string{name};
    return text;
  }

  std::vector<catalogue_entry> entries_;
};

}  // namespace colossus::bench
