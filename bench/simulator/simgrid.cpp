// SPDX-License-Identifier: Apache-2.0
#include "permutation.hpp"

#include <colossus/detail/completion.hpp>

#include <simgrid/s4u.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

// The simulator beside SimGrid: the same hosts, the same routes, the same bytes, each until the last flow has ended.
// SimGrid is set to plain max-min sharing (CM02 without latency, TCP window, cross-traffic or correction factors), and
// one actor starts all flows, which is the quickest way it has. Fails where a flow's end differs by 0.1%.

namespace colossus::bench {
namespace {

namespace s4u = simgrid::s4u;

/// Seconds of this process, which has one thread at work: what others do on the machine does not count.
double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct outcome {
  std::vector<double> ends;  // seconds of simulated time, by flow
  double run_s = 0;
};

outcome with_colossus(const permutation& pattern, const std::vector<double>& bytes) {
  const double start = now();
  detail::contention flows;
  detail::completion completion;
  pattern.describe(flows);
  const auto ends = completion.ends(flows, bytes);
  return {{ends.begin(), ends.end()}, now() - start};
}

/// Routes are explicit, one for each pair of hosts that talk; the platform has the links that they use and no others.
class platform {
 public:
  explicit platform(permutation& pattern) : pattern_{pattern}, links_(pattern.machine().links(), nullptr) {
    const double start = now();
    zone_ = s4u::create_full_zone("machine");
    for (gpu_t gpu = 0; gpu < pattern.machine().gpus(); ++gpu)
      hosts_.push_back(zone_->create_host(std::to_string(gpu), 1e9));
    for (std::size_t flow = 0; flow < pattern.flows(); ++flow) add_route(flow);
    zone_->seal();
    build_s = now() - start;
  }

  outcome run(const std::vector<double>& bytes) {
    outcome out{std::vector<double>(bytes.size(), 0), 0};
    s4u::Actor::create("driver", hosts_[0], [&] {
      std::vector<s4u::CommPtr> comms(bytes.size());
      for (std::size_t flow = 0; flow < comms.size(); ++flow)
        if (bytes[flow] > 0)
          comms[flow] = s4u::Comm::sendto_async(host(pattern_.from(flow)), host(pattern_.to(flow)),
                                                static_cast<std::uint64_t>(bytes[flow]));
      for (std::size_t flow = 0; flow < comms.size(); ++flow)
        if (comms[flow]) {
          comms[flow]->wait();
          out.ends[flow] = comms[flow]->get_finish_time();
        }
    });
    const double start = now();
    s4u::Engine::get_instance()->run();
    out.run_s = now() - start;
    return out;
  }

  double build_s = 0;

 private:
  s4u::Host* host(gpu_t gpu) const { return hosts_[static_cast<std::size_t>(gpu)]; }
  void add_route(std::size_t flow) {
    std::vector<s4u::LinkInRoute> route;
    pattern_.route(flow, [&](link_t at) {
      s4u::Link*& link = links_[at];
      if (!link) {
        link = zone_->create_link("link" + std::to_string(at), pattern_.machine().capacity(at));
        link->set_latency(0)->seal();
      }
      route.emplace_back(link);
    });
    if (pattern_.is_new(flow))
      zone_->add_route(host(pattern_.from(flow))->get_netpoint(), host(pattern_.to(flow))->get_netpoint(), nullptr,
                       nullptr, route, false);
  }

  permutation& pattern_;
  s4u::NetZone* zone_ = nullptr;
  std::vector<s4u::Host*> hosts_;
  std::vector<s4u::Link*> links_;
};

int compare(gpu_t gpus, bool equal, int peers) {
  permutation pattern{gpus, topologies::cross_rail::fabric, 1, peers};
  std::vector<double> bytes = pattern.random_sizes();
  for (std::size_t flow = 0; flow < bytes.size(); ++flow)
    bytes[flow] = !pattern.is_new(flow) ? 0 : equal ? 1 << 20 : std::round(bytes[flow]);
  const outcome ours = with_colossus(pattern, bytes);
  platform other{pattern};
  const outcome theirs = other.run(bytes);
  double most = 0;
  for (std::size_t flow = 0; flow < bytes.size(); ++flow)
    if (bytes[flow] > 0) most = std::max(most, std::abs(theirs.ends[flow] / ours.ends[flow] - 1));
  std::printf("%d hosts, %zu flows of %s sizes: SimGrid %.4g s (platform %.3g s), colossus %.4g ms with its routing: ",
              gpus, pattern.flows(), equal ? "equal" : "random", theirs.run_s, other.build_s, ours.run_s * 1e3);
  std::printf("%.0f times; ends differ by %.2g at most%s\n", theirs.run_s / ours.run_s, most,
              most < 1e-3 ? "" : ": MORE THAN 0.1%");
  return most < 1e-3 ? 0 : 1;
}

}  // namespace
}  // namespace colossus::bench

/// colossus-bench-simgrid HOSTS equal|random [PEERS]: one comparison; SimGrid has one platform a process.
int main(int argc, char** argv) {
  simgrid::s4u::Engine engine{&argc, argv};
  const int hosts = argc > 2 ? std::atoi(argv[1]) : 0, peers = argc > 3 ? std::atoi(argv[3]) : 1;
  if (hosts < 8 || peers < 1 || (std::strcmp(argv[2], "equal") != 0 && std::strcmp(argv[2], "random") != 0)) {
    std::fprintf(stderr, "usage: colossus-bench-simgrid HOSTS equal|random [PEERS], such as 1024 random\n");
    return 2;
  }
  simgrid::s4u::Engine::set_config("network/model:CM02");
  for (const char* setting : {"network/TCP-gamma:0", "network/crosstraffic:0", "network/bandwidth-factor:1",
                              "network/latency-factor:1", "network/weight-S:0"})
    simgrid::s4u::Engine::set_config(setting);
  return colossus::bench::compare(hosts, std::strcmp(argv[2], "equal") == 0, peers);
}
