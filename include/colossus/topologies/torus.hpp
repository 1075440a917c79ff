// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/error.hpp>
#include <colossus/topology.hpp>

#include <array>
#include <cmath>
#include <vector>

namespace colossus::topologies {

/// Chips on a mesh or torus of up to six dimensions, the last running fastest; a host is a row of consecutive chips.
/// Every routing is dimension order along the shorter way round; of two equal ways the receiver's coordinate takes one.
class torus {
 public:
  struct shape {
    std::vector<std::int32_t> dims;
    std::vector<bool> wrap;  ///< by dimension; empty: all
    std::int32_t chips_per_node = 1;
    double bytes_per_s = 0;  ///< of a link, one way, efficiency included
    double hop_latency_s = 0;
    double power_w = std::nan("");
  };

  explicit torus(shape s) : shape_{std::move(s)} {
    expects(!shape_.dims.empty() && shape_.dims.size() <= 6, "/dims: expected 1 to 6 dimensions", failure::input);
    if (shape_.wrap.empty()) shape_.wrap.assign(shape_.dims.size(), true);
    expects(shape_.wrap.size() == shape_.dims.size(), "/wrap: expected one value per dimension", failure::input);
    for (std::size_t d = 0; d < shape_.dims.size(); ++d) {
      chips_ *= shape_.dims[d];
      expects(chips_ < (1 << 26), "/dims: more than 2^26 chips", failure::input);
      sizes_.emplace_back(static_cast<std::uint32_t>(shape_.dims[d]));
      farthest_ += shape_.wrap[d] ? shape_.dims[d] / 2 : shape_.dims[d] - 1;
    }
    expects(
        chips_ % shape_.chips_per_node == 0,
        "/dims: " + std::to_string(chips_) + " chips are not whole nodes of " + std::to_string(shape_.chips_per_node),
        failure::input);
  }

  const shape& as_built() const { return shape_; }
  const std::vector<std::int32_t>& dims() const { return shape_.dims; }
  gpu_t gpus() const { return static_cast<gpu_t>(chips_); }
  std::int32_t nodes() const { return gpus() / shape_.chips_per_node; }
  std::int32_t gpus_per_node() const { return shape_.chips_per_node; }
  std::int32_t gpus_per_domain() const { return shape_.chips_per_node; }
  std::int32_t pods() const { return 1; }
  std::int32_t node_of(gpu_t gpu) const { return gpu / shape_.chips_per_node; }
  std::int32_t pod_of(gpu_t) const { return 0; }
  double power_w() const { return shape_.power_w; }

  /// Two per chip and dimension: onward and back. On a mesh those that would leave it are never used.
  link_t links() const { return static_cast<link_t>(chips_) * 2 * static_cast<link_t>(shape_.dims.size()); }
  double capacity(link_t) const { return shape_.bytes_per_s; }
  int kind(link_t) const { return 0; }
  std::span<const std::string> kinds() const {
    static const std::array<std::string, 1> names{"torus link"};
    return names;
  }
  bool uses(routing, link_t link) const;
  std::string link_name(link_t link) const {
    const link_t per_chip = 2 * static_cast<link_t>(shape_.dims.size()), port = link % per_chip;
    return "chip " + std::to_string(link / per_chip) + " dimension " + std::to_string(port / 2) +
           (port % 2 ? " back" : " onward");
  }

  int distances() const { return farthest_ + 1; }
  int distance(gpu_t a, gpu_t b) const {
    int hops = 0;
    walk(a, b, [&](std::size_t, std::uint32_t, int count, bool) { hops += count; });
    return hops;
  }
  std::string distance_name(int distance) const {
    return distance == 0 ? "same GPU" : std::to_string(distance) + (distance == 1 ? " hop" : " hops");
  }
  double distance_latency_s(int distance) const { return distance * shape_.hop_latency_s; }
  double latency_s(gpu_t a, gpu_t b) const { return distance_latency_s(distance(a, b)); }
  /// Across the middle of the longest dimension.
  double bisection() const {
    std::size_t longest = 0;
    for (std::size_t d = 1; d < shape_.dims.size(); ++d)
      if (shape_.dims[d] > shape_.dims[longest]) longest = d;
    const double cut = static_cast<double>(chips_) / shape_.dims[longest];
    return cut * (shape_.wrap[longest] && shape_.dims[longest] > 2 ? 2 : 1) * shape_.bytes_per_s;
  }

  template <class Visit>
  void route(gpu_t a, gpu_t b, routing, std::uint64_t, Visit&& visit) const {
    const link_t per_chip = 2 * static_cast<link_t>(shape_.dims.size());
    link_t chip = static_cast<link_t>(a);
    walk(a, b, [&](std::size_t d, std::uint32_t stride, int hops, bool back) {
      const link_t size = sizes_[d].value();
      link_t at = sizes_[d].remainder(chip / stride);
      for (int hop = 0; hop < hops; ++hop) {
        visit(chip * per_chip + static_cast<link_t>(2 * d + back));
        const link_t next = back ? (at ? at - 1 : size - 1) : (at + 1 < size ? at + 1 : 0);
        chip += (next - at) * stride, at = next;
      }
    });
  }

 private:
  /// Visits (dimension, stride, hops, back) for each dimension in which the two differ, the last first.
  template <class Visit>
  void walk(gpu_t a, gpu_t b, Visit&& visit) const {
    std::uint32_t from = static_cast<std::uint32_t>(a), to = static_cast<std::uint32_t>(b), stride = 1;
    for (std::size_t d = sizes_.size(); d-- > 0;) {
      const auto size = static_cast<int>(sizes_[d].value());
      const auto x = static_cast<int>(sizes_[d].remainder(from)), y = static_cast<int>(sizes_[d].remainder(to));
      const int onward = y >= x ? y - x : y - x + size, backward = size - onward;
      const bool back = shape_.wrap[d] ? (onward > backward || (onward == backward && y % 2)) : y < x;
      if (x != y) visit(d, stride, back ? backward : onward, back);
      from = sizes_[d].quotient(from), to = sizes_[d].quotient(to), stride *= sizes_[d].value();
    }
  }

  shape shape_;
  std::int64_t chips_ = 1;
  int farthest_ = 0;
  std::vector<detail::divider> sizes_;
};

/// False for links that would leave a mesh.
inline bool torus::uses(routing, link_t link) const {
  const link_t per_chip = 2 * static_cast<link_t>(shape_.dims.size()), port = link % per_chip, d = port / 2;
  link_t at = link / per_chip;
  for (std::size_t i = sizes_.size() - 1; i > d; --i) at /= sizes_[i].value();
  at %= sizes_[d].value();
  if (sizes_[d].value() == 1) return false;
  return shape_.wrap[d] || (port % 2 ? at > 0 : at + 1 < sizes_[d].value());
}
static_assert(topology<torus>);

}  // namespace colossus::topologies
