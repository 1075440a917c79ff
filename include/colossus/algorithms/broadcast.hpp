// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/broadcast/binomial.hpp>
#include <colossus/algorithms/broadcast/direct.hpp>
#include <colossus/algorithms/broadcast/double_tree.hpp>
#include <colossus/type_list.hpp>

namespace colossus::algorithms {

/// Every broadcast algorithm.
using broadcast_list = type_list<double_tree_broadcast, binomial_broadcast, direct_broadcast>;

}  // namespace colossus::algorithms
