// SPDX-License-Identifier: Apache-2.0
// Compiled once for all programs that price: nothing else of them takes the compiler as long.
#include "priced_algorithms.hpp"

template std::vector<colossus::bench::priced_algorithm>
colossus::bench::every_priced_algorithm<colossus::algorithms::all>();
