// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <algorithm>
#include <vector>

namespace colossus::detail {

/// Whether the links of a block are single links, trunks, or both at once (where nothing is bundled).
enum class bundling : std::uint8_t { single, trunk, either };

/// Links with consecutive ids that are alike: same kind, same capacity.
struct link_block {
  link_t first = 0;
  link_t count = 0;
  int kind = 0;
  double capacity = 0;  ///< bytes/s
  bundling bundled = bundling::either;
};

/// The link ids of a machine, dealt out in blocks.
class link_blocks {
 public:
  /// Adds `count` links and returns the id of the first.
  link_t add(link_t count, int kind, double capacity, bundling bundled) {
    blocks_.push_back({total_, count, kind, capacity, bundled});
    total_ += count;
    return blocks_.back().first;
  }
  link_t total() const { return total_; }
  std::size_t index(link_t link) const {
    std::size_t at = 0;
    for (std::size_t i = 1; i < blocks_.size(); ++i) at += link >= blocks_[i].first;  // few: quicker than a search
    return at;
  }
  const link_block& find(link_t link) const { return blocks_[index(link)]; }
  bool uses(routing how, link_t link) const {
    const bundling bundled = find(link).bundled;
    return bundled == bundling::either || (how == routing::adaptive) == (bundled == bundling::trunk);
  }

 private:
  std::vector<link_block> blocks_;
  link_t total_ = 0;
};

}  // namespace colossus::detail
