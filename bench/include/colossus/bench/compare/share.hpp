// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>
#include <colossus/error.hpp>

#include <string>

namespace colossus::bench::compare {

/// A share as people write it, 2% or 0.02; negative where the text is none.
inline double share_in(const std::string& text) {
  const bool percent = text.ends_with('%');
  const auto value = to_number<double>(std::string_view{text}.substr(0, text.size() - percent));
  return value.value_or(-1) / (percent ? 100 : 1);
}

/// The share of --threshold.
inline double share_of(const std::string& text) {
  const double share = share_in(text);
  if (!(share >= 0 && share < 1))
    throw error{"--threshold: expected a share below 1, such as 2% or 0.02, found '" + text + "'"};
  return share;
}

/// Makes a share up to 1 a plain number in place; returns what is wrong, or nothing.
inline std::string take_share(std::string& text) {
  const double share = share_in(text);
  if (!(share >= 0 && share <= 1)) return "expected a share up to 1, or N%, found '" + text + "'";
  text = to_text(share);
  return {};
}

}  // namespace colossus::bench::compare
