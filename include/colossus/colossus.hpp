// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything that needs nothing but C++20 and threads. Not here, each with the target that brings its dependency:
/// <colossus/transports/mpi.hpp> (colossus::mpi), <colossus/topologies/from_file.hpp> (colossus::topologies).
#include <colossus/algorithm.hpp>
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/collective.hpp>
#include <colossus/collectives/all_reduce.hpp>
#include <colossus/error.hpp>
#include <colossus/problem.hpp>
#include <colossus/schedule.hpp>
#include <colossus/split.hpp>
#include <colossus/step.hpp>
#include <colossus/type_list.hpp>
#include <colossus/version.hpp>
