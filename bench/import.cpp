// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/import/import_main.hpp>

int main(int argc, char** argv) { return colossus::bench::import_main(argc, argv); }
