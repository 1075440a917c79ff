// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/all_gather/bruck.hpp>
#include <colossus/algorithms/all_gather/direct.hpp>
#include <colossus/algorithms/all_gather/doubling.hpp>
#include <colossus/algorithms/all_gather/hierarchical.hpp>
#include <colossus/algorithms/all_gather/ring.hpp>
#include <colossus/type_list.hpp>

namespace colossus::algorithms {

/// Every all-gather algorithm.
using all_gather_list =
    type_list<ring_all_gather, direct_all_gather, doubling_all_gather, bruck_all_gather, hierarchical_all_gather>;

}  // namespace colossus::algorithms
