// SPDX-License-Identifier: Apache-2.0
// The compiler proves every algorithm of the reduce list for all P up to 8.
#include <colossus/algorithms/reduce.hpp>

#include "static/proved.hpp"

static_assert(colossus::all_proved<colossus::algorithms::reduce_list>());
