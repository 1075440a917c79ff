// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/transports/threads.hpp>

// transports/mpi.hpp needs MPI and is included by name, with the target colossus::mpi.
