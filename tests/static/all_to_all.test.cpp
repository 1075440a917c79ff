// SPDX-License-Identifier: Apache-2.0
// The compiler proves every algorithm of the all_to_all list for all P up to 8.
#include <colossus/algorithms/all_to_all.hpp>

#include "static/proved.hpp"

static_assert(colossus::all_proved<colossus::algorithms::all_to_all_list>());
