// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms.hpp>
#include <colossus/bench/pricing.hpp>

extern template std::vector<colossus::bench::priced_algorithm>
colossus::bench::every_priced_algorithm<colossus::algorithms::all>();  // in priced_algorithms.cpp
