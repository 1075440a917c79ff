// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/topo_main.hpp>

int main(int argc, char** argv) { return colossus::bench::topo_main(argc, argv); }
