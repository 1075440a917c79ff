// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace colossus::bench {

/// The shortest text that reads back as the same number, whatever the locale; empty for what is not finite.
template <class Number>
std::string to_text(Number value) {
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(value)) return {};
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

/// The number that the whole of `text` says, whatever the locale; nothing where it says none, or one out of range.
template <class Number>
std::optional<Number> to_number(std::string_view text) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A size as nccl-tests writes it: 8, 128M, 1.5G; K, M, G and T (also KB, KiB, ...) are powers of 1024. Nothing where
/// it is malformed, negative, or does not fit into 63 bits.
inline std::optional<std::int64_t> to_bytes(std::string_view text) {
  const auto unit = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string_view suffix = text.substr(unit);
  double scale = 1;
  if (!suffix.empty()) {
    const auto power = std::string_view{"KMGTkmgt"}.find(suffix.front());
    if (power == std::string_view::npos) scale = suffix == "B" ? 1 : 0;
    else if (suffix.size() == 1 || suffix.substr(1) == "B" || suffix.substr(1) == "iB")
      scale = std::exp2(10 * (1 + power % 4));
    else scale = 0;
  }
  if (const auto whole = to_number<std::int64_t>(text.substr(0, unit)); whole && scale > 0) {
    const auto factor = static_cast<std::int64_t>(scale);
    if (*whole > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
    return *whole * factor;
  }
  const auto part = to_number<double>(text.substr(0, unit));
  if (!part || scale == 0 || *part * scale >= 0x1p63) return std::nullopt;
  return static_cast<std::int64_t>(*part * scale);
}

/// A size for people: 8 B, 1 MiB, 1.5 GiB.
inline std::string bytes_for_people(std::int64_t bytes) {
  static constexpr std::string_view units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  double value = static_cast<double>(bytes);
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 4).ptr;
  return std::string{text, end} + " " + std::string{units[unit]};
}

}  // namespace colossus::bench
