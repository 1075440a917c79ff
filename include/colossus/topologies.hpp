// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/clos.hpp>
#include <colossus/topologies/nodes_of.hpp>
#include <colossus/topologies/none.hpp>
#include <colossus/topologies/parts.hpp>
#include <colossus/topologies/single_switch.hpp>
#include <colossus/topologies/torus.hpp>
#include <colossus/topology.hpp>
