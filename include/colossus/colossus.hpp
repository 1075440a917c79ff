// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything that needs nothing but C++20 and threads. Not here, each with the target that brings what it needs:
/// <colossus/transports/mpi.hpp> (colossus::mpi) and <colossus/topologies/from_file.hpp> (colossus::topologies).
#include <colossus/algorithms.hpp>
#include <colossus/calls.hpp>
#include <colossus/collectives.hpp>
#include <colossus/compose.hpp>
#include <colossus/cost_models.hpp>
#include <colossus/data_type.hpp>
#include <colossus/detail/completion.hpp>  // flows of unequal sizes until all have ended
#include <colossus/draw.hpp>
#include <colossus/groups.hpp>
#include <colossus/partition.hpp>
#include <colossus/placement.hpp>
#include <colossus/recorded_schedule.hpp>
#include <colossus/reduce_op.hpp>
#include <colossus/run.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>
#include <colossus/transports.hpp>
#include <colossus/verify.hpp>
#include <colossus/version.hpp>
