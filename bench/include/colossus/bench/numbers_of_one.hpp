// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace colossus::bench {

/// What kind of number that only one thing in the world has; or none.
enum class number_of_one { none, serial, address };

namespace detail {

inline bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// The lengths of the runs of hexadecimal digits in `text` and what is between them: 00ab:1f is 4:2.
inline std::string shape_of(std::string_view text) {
  std::string shape;
  std::size_t digits = 0;
  const auto end_run = [&] { shape += digits > 0 ? std::to_string(std::exchange(digits, 0)) : ""; };
  for (const char c : text)
    if (is_hex(c)) ++digits;
    else end_run(), shape += c;
  end_run();
  return shape;
}

/// UUIDs, GUIDs of InfiniBand, MAC addresses, PCI addresses: by shape.
inline constexpr std::array serial_shapes{std::string_view{"8-4-4-4-12"},  std::string_view{"4:4:4:4"},
                                          std::string_view{"2:2:2:2:2:2"}, std::string_view{"4:2:2.1"},
                                          std::string_view{"8:2:2.1"},     std::string_view{"2:2:2:2:2:2:2:2"}};

/// IPv4: four numbers from 0 to 255.
inline bool is_address(std::string_view text) {
  int parts = 0;
  for (bool more = true; more; ++parts) {
    const auto point = text.find('.');
    const std::string_view part = text.substr(0, point);
    if (part.empty() || part.size() > 3 || part.find_first_not_of("0123456789") != std::string_view::npos) return false;
    more = point != std::string_view::npos;
    if (more) text.remove_prefix(point + 1);
  }
  return parts == 4;
}

}  // namespace detail

/// Tells UUIDs, GUIDs, MAC and PCI addresses (serial) and addresses of hosts from other text.
inline number_of_one kind_of_number(std::string_view text) {
  if (detail::is_address(text)) return number_of_one::address;
  const std::string shape = detail::shape_of(text);
  const bool serial =
      std::find(detail::serial_shapes.begin(), detail::serial_shapes.end(), shape) != detail::serial_shapes.end();
  return serial ? number_of_one::serial : number_of_one::none;
}

}  // namespace colossus::bench
