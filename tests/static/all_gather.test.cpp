// SPDX-License-Identifier: Apache-2.0
// The compiler proves every algorithm of the all_gather list for all P up to 8.
#include <colossus/algorithms/all_gather.hpp>

#include "static/proved.hpp"

static_assert(colossus::all_proved<colossus::algorithms::all_gather_list>());
