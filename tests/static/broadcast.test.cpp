// SPDX-License-Identifier: Apache-2.0
// The compiler proves every algorithm of the broadcast list for all P up to 8.
#include <colossus/algorithms/broadcast.hpp>

#include "static/proved.hpp"

static_assert(colossus::all_proved<colossus::algorithms::broadcast_list>());
