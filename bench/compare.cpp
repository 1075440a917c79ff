// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/compare/main.hpp>

int main(int argc, char** argv) { return colossus::bench::compare_main(argc, argv); }
