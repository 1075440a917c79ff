// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/all_to_all/direct.hpp>
#include <colossus/algorithms/all_to_all/pairwise.hpp>
#include <colossus/type_list.hpp>

namespace colossus::algorithms {

/// Every all-to-all algorithm.
using all_to_all_list = type_list<direct_all_to_all, pairwise_all_to_all>;

}  // namespace colossus::algorithms
