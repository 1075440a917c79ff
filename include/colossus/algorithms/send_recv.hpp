// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/send_recv/direct.hpp>
#include <colossus/type_list.hpp>

namespace colossus::algorithms {

/// Every send-recv algorithm.
using send_recv_list = type_list<direct_send_recv>;

}  // namespace colossus::algorithms
