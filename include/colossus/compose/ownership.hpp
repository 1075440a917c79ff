// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace colossus {

/// What the blocks of a schedule are: all of them everyone's (all-reduce, broadcast), or block i rank i's
/// (reduce-scatter, all-gather). An adaptor that moves ranks moves the blocks they own with them.
enum class ownership : std::uint8_t { shared, owned };

}  // namespace colossus
