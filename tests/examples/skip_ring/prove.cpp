// SPDX-License-Identifier: Apache-2.0
#include "skip_ring.hpp"

#include <colossus/bench/prove.hpp>

#include <iostream>

static_assert(colossus::verify<mine::skip_ring>({.ranks = 8}));

int main() { return colossus::bench::prove_main<colossus::type_list<mine::skip_ring>>(std::cout); }
