// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/cost_models/alpha_beta.hpp>
#include <colossus/cost_models/max_min.hpp>
#include <colossus/type_list.hpp>

namespace colossus::cost_models {

/// Every cost model, coarse to fine.
using all = type_list<alpha_beta, max_min>;

}  // namespace colossus::cost_models
