// SPDX-License-Identifier: Apache-2.0
#include "priced_algorithms.hpp"

#include <colossus/bench/compare/main.hpp>

int main(int argc, char** argv) {
  return colossus::bench::compare_main(argc, argv,
                                       colossus::bench::every_priced_algorithm<colossus::algorithms::all>());
}
