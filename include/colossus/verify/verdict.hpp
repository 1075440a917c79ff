// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <string>

namespace colossus {

/// What a proof found: nothing wrong, or what is wrong first, and where.
struct verdict {
  const char* why = nullptr;
  rank_t rank = nobody;
  round_t round = -1;
  block_t block = -1;

  constexpr explicit operator bool() const { return why == nullptr; }

  /// "rank 3, round 5, block 2: nobody receives this message", or "proved".
  std::string message() const {
    if (why == nullptr) return "proved";
    std::string where;
    const auto add = [&](const char* what, std::int64_t value) {
      if (value >= 0) where += (where.empty() ? "" : ", ") + (what + std::to_string(value));
    };
    add("rank ", rank), add("round ", round), add("block ", block);
    return where.empty() ? why : where + ": " + why;
  }
};

}  // namespace colossus
