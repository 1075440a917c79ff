// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/all_gather.hpp>
#include <colossus/algorithms/all_reduce.hpp>
#include <colossus/algorithms/all_to_all.hpp>
#include <colossus/algorithms/broadcast.hpp>
#include <colossus/algorithms/reduce.hpp>
#include <colossus/algorithms/reduce_scatter.hpp>
#include <colossus/algorithms/send_recv.hpp>

namespace colossus::algorithms {

/// Every algorithm of every collective.
using all = append<all_reduce_list, reduce_scatter_list, all_gather_list, reduce_list, broadcast_list, send_recv_list,
                   all_to_all_list>;

}  // namespace colossus::algorithms
