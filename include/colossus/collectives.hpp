// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collectives/all_gather.hpp>
#include <colossus/collectives/all_reduce.hpp>
#include <colossus/collectives/all_to_all.hpp>
#include <colossus/collectives/broadcast.hpp>
#include <colossus/collectives/reduce.hpp>
#include <colossus/collectives/reduce_scatter.hpp>
#include <colossus/collectives/send_recv.hpp>
#include <colossus/type_list.hpp>

namespace colossus::collectives {

/// Every collective that has algorithms.
using all = type_list<all_reduce, reduce_scatter, all_gather, reduce, broadcast, send_recv, all_to_all>;

}  // namespace colossus::collectives
