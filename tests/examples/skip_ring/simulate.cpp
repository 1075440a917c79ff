// SPDX-License-Identifier: Apache-2.0
#include "skip_ring.hpp"

#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/bench/simulate_main.hpp>

using list =
    colossus::type_list<colossus::algorithms::ring, mine::skip_ring>;  // or append<algorithms::all, mine::skip_ring>

int main(int argc, char** argv) { return colossus::bench::simulate_main<list>(argc, argv); }
