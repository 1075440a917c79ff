// SPDX-License-Identifier: Apache-2.0
// Two units that include everything link: what is defined in a header is inline. And they agree on what they share.
#include "everything.hpp"

const void* seen_by_second_unit();

int main() { return colossus::version == seen_by_second_unit() ? 0 : 1; }
