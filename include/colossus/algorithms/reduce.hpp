// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce/binomial.hpp>
#include <colossus/algorithms/reduce/direct.hpp>
#include <colossus/algorithms/reduce/double_tree.hpp>
#include <colossus/type_list.hpp>

namespace colossus::algorithms {

/// Every reduce algorithm.
using reduce_list = type_list<double_tree_reduce, binomial_reduce, direct_reduce>;

}  // namespace colossus::algorithms
