// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace colossus::topologies {

/// What can fail in a machine.
enum class part_kind : std::uint8_t {
  link,      ///< a cable between two tiers, both directions
  switch_,   ///< with all its cables
  nic,       ///< all its ports
  nic_port,  ///< a NIC's share of one plane
  gpu,
  node,
  pod
};

/// The parts of one kind (links and switches: of one tier), numbered 0 .. count - 1.
struct part_class {
  part_kind kind = part_kind::link;
  int tier = 0;  ///< of the switch; of the switch at a link's lower end
  std::int64_t count = 0;
  std::string name;  ///< such as "leaf link", "spine switch", "NIC"
};

/// Where a part stands: ranges where it serves several. `index` counts within its pod, group or switch.
struct part_place {
  std::int32_t pod = 0, pods = 1;
  std::int32_t rail = 0, rails = 1;
  std::int32_t plane = 0, planes = 1;
  std::int32_t index = 0;
};

}  // namespace colossus::topologies
