// SPDX-License-Identifier: Apache-2.0
#include "everything.hpp"

const void* seen_by_second_unit() { return colossus::version; }
