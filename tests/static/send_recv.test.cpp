// SPDX-License-Identifier: Apache-2.0
// The compiler proves every algorithm of the send_recv list for all P up to 8.
#include <colossus/algorithms/send_recv.hpp>

#include "static/proved.hpp"

static_assert(colossus::all_proved<colossus::algorithms::send_recv_list>());
