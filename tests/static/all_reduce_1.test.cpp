// SPDX-License-Identifier: Apache-2.0
// The compiler proves every third algorithm of the all_reduce list for all P up to 8.
#include <colossus/algorithms/all_reduce.hpp>

#include "static/proved.hpp"

static_assert(colossus::all_proved<colossus::algorithms::all_reduce_list, 0, 3>());
