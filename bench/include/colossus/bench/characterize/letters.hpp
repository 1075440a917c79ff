// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace colossus::bench::characterize {

/// One letter for each algorithm, so that a map of the best has one column a size.
class letters {
 public:
  explicit letters(const std::vector<std::string_view>& algorithms) {
    char next = 'a';
    for (const std::string_view name : algorithms) letters_.emplace_back(name, known(name) != 0 ? known(name) : next++);
  }

  char operator()(std::string_view algorithm) const {
    for (const auto& [name, letter] : letters_)
      if (name == algorithm) return letter;
    return '?';
  }

  const std::vector<std::pair<std::string, char>>& all() const { return letters_; }

 private:
  static char known(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, char>, 6> capitals{{{"ring", 'R'},
                                                                         {"double_tree", 'T'},
                                                                         {"hierarchical", 'H'},
                                                                         {"recursive_doubling", 'D'},
                                                                         {"halving_doubling", 'V'},
                                                                         {"direct", 'X'}}};
    for (const auto& [capital, letter] : capitals)
      if (capital == name) return letter;
    return 0;
  }

  std::vector<std::pair<std::string, char>> letters_;
};

}  // namespace colossus::bench::characterize
