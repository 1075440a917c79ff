// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/across_groups.hpp>
#include <colossus/compose/dealt.hpp>
#include <colossus/compose/folded.hpp>
#include <colossus/compose/lanes.hpp>
#include <colossus/compose/repeated.hpp>
#include <colossus/compose/reversed.hpp>
#include <colossus/compose/rooted.hpp>
#include <colossus/compose/then.hpp>
#include <colossus/compose/within_groups.hpp>
