// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/all_reduce/direct.hpp>
#include <colossus/algorithms/all_reduce/double_tree.hpp>
#include <colossus/algorithms/all_reduce/halving_doubling.hpp>
#include <colossus/algorithms/all_reduce/hierarchical.hpp>
#include <colossus/algorithms/all_reduce/recursive_doubling.hpp>
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/type_list.hpp>

namespace colossus::algorithms {

/// Every all-reduce algorithm. Tests, benchmarks, the command line and the simulator walk this list.
using all_reduce_list = type_list<ring,                                              //
                                  double_tree,                                       //
                                  hierarchical<>,                                    //
                                  hierarchical<ring, ring>,                          //
                                  hierarchical<halving_doubling, halving_doubling>,  //
                                  hierarchical<direct, recursive_doubling>,          //
                                  recursive_doubling,                                //
                                  halving_doubling,                                  //
                                  direct>;

}  // namespace colossus::algorithms
