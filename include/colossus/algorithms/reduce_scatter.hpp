// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/direct.hpp>
#include <colossus/algorithms/reduce_scatter/halving.hpp>
#include <colossus/algorithms/reduce_scatter/hierarchical.hpp>
#include <colossus/algorithms/reduce_scatter/ring.hpp>
#include <colossus/type_list.hpp>

namespace colossus::algorithms {

/// Every reduce-scatter algorithm.
using reduce_scatter_list =
    type_list<ring_reduce_scatter, direct_reduce_scatter, halving_reduce_scatter, hierarchical_reduce_scatter>;

}  // namespace colossus::algorithms
