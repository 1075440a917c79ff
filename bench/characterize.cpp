// SPDX-License-Identifier: Apache-2.0
#include "priced_algorithms.hpp"

#include <colossus/bench/characterize_main.hpp>

int main(int argc, char** argv) { return colossus::bench::characterize_main<colossus::algorithms::all>(argc, argv); }
