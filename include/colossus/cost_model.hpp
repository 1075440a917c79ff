// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/flows.hpp>

#include <concepts>
#include <string_view>

namespace colossus {

/// How messages that are under way together share the links: from who uses which link to a rate for each flow, in
/// bytes/s.
template <class M>
concept cost_model = requires(M model, const detail::flows& flows) {
  { M::name } -> std::convertible_to<std::string_view>;
  { model.rates(flows) } -> std::same_as<std::span<const double>>;
};

}  // namespace colossus
