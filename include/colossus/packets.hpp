// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <cmath>

namespace colossus {

/// What packets add to the fluid that a cost model prices; neutral unless set. With a message's `rate` on links of
/// these capacities, n flows under way together, and its wait where it queues:
///
///   capacity' = capacity * (packet_bytes - header_bytes) / packet_bytes * (trunk ? spray_efficiency : 1)
///   time      = latency + bytes / rate + queue_packets * (packet_bytes - header_bytes) / rate * ln n
///
/// but no message queues for longer than it takes to send. A message queues where a link between switches on its path
/// is full and not its alone. Behind ln n: the slowest of n exponential waits is ln n times their mean. What has its
/// links to itself, a ring in rank order, pays headers only.
struct packet_effects {
  double spray_efficiency = 1;  ///< share of a trunk's capacity that packets sprayed over its links reach
  double queue_packets = 0;     ///< mean wait of a message that queues, in packets at the message's own rate
  double packet_bytes = 4096;   ///< on the wire
  double header_bytes = 0;      ///< of a packet; 0 where link efficiencies hold them, as those of topology files do
  bool operator==(const packet_effects&) const = default;

  bool none() const { return spray_efficiency == 1 && queue_packets == 0 && header_bytes == 0; }
  double payload_share() const { return (packet_bytes - header_bytes) / packet_bytes; }

  /// Bytes/s of messages that a link carries.
  template <topology T>
  double capacity(const T& machine, link_t link) const {
    const bool trunk = machine.uses(routing::adaptive, link) && !machine.uses(routing::ecmp, link);
    return machine.capacity(link) * payload_share() * (trunk ? spray_efficiency : 1.0);
  }
  /// Seconds that a message waits in queues, at its rate in bytes/s, when `flows` are under way.
  double wait_s(double rate, double flows) const {
    return queue_packets * payload_share() * packet_bytes / rate * std::log(flows);
  }
};

/// Fitted to a packet simulator (htsim with NSCC, trimming, packets of 4 KiB, fat trees of 400 Gbit/s and 500 ns a
/// link): permutations of 64 to 4,096 messages of 1 MiB and 16 MB, sprayed and on one path, all within 5%, where the
/// fluid is 5 to 34% too fast. Shorter messages are beyond what it was fitted to. Other congestion controls, hashes and
/// buffers will differ.
inline constexpr packet_effects fitted_packets{.spray_efficiency = 0.87, .queue_packets = 12};

}  // namespace colossus
