// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/bench/nccl_main.hpp>

int main(int argc, char** argv) { return colossus::bench::nccl_main<colossus::algorithms::all>(argc, argv); }
