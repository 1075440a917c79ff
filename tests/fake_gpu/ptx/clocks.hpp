// SPDX-License-Identifier: Apache-2.0
// What each thread of a kernel knows of the others' progress: vector clocks that threads share until one learns more.
#pragma once

#include "thread.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace ptx {

using clock = std::vector<std::uint32_t>;  // by thread; what is missing is 0
using shared_clock = std::shared_ptr<const clock>;

inline std::uint32_t at(const shared_clock& known, std::size_t id) {
  return known && id < known->size() ? (*known)[id] : 0;
}
inline void merge(clock& into, const clock& other) {
  if (into.size() < other.size()) into.resize(other.size());
  for (std::size_t id = 0; id < other.size(); ++id) into[id] = std::max(into[id], other[id]);
}
inline shared_clock merged(const shared_clock& a, const shared_clock& b) {
  if (!a || !b || a == b) return a ? a : b;
  clock both = *a;
  merge(both, *b);
  return std::make_shared<const clock>(std::move(both));
}

/// A clock that somebody published, and for whom.
struct publication {
  shared_clock known;
  std::uint32_t by = 0;
  scope reach = scope::system;
};

class clocks {
 public:
  void resize(std::size_t threads) { of_.resize(threads); }
  std::uint32_t now(std::size_t me) const { return of_[me].own; }
  bool knows(std::size_t me, std::size_t other, std::uint32_t time) const {
    return me == other || time <= at(of_[me].seen, other);
  }
  void learn(std::size_t me, const shared_clock& more) { of_[me].seen = merged(of_[me].seen, more); }

  /// All that `me` did and knows; what it does later is not part of it.
  shared_clock publish(std::size_t me) {
    clock all = of_[me].seen ? *of_[me].seen : clock{};
    if (all.size() <= me) all.resize(me + 1);
    all[me] = of_[me].own++;
    return std::make_shared<const clock>(std::move(all));
  }

  /// A fence publishes with later strong stores and learns from earlier strong loads.
  void fence(std::size_t me, scope reach) {
    for (const auto& seen : std::exchange(of_[me].unlearnt, {})) learn(me, seen);
    of_[me].fenced = {publish(me), static_cast<std::uint32_t>(me), reach};
  }
  const publication& fenced(std::size_t me) const { return of_[me].fenced; }
  void learn_at_fence(std::size_t me, const shared_clock& more) {
    auto& waiting = of_[me].unlearnt;
    if (std::find(waiting.begin(), waiting.end(), more) == waiting.end()) waiting.push_back(more);
  }

  void arrive(std::size_t me, const block& in, std::uint32_t barrier) {
    auto& here = gatherings_[{&in, barrier}];
    if (of_[me].seen && of_[me].seen != here.last) merge(here.all, *of_[me].seen);
    here.last = of_[me].seen;
    if (here.all.size() <= me) here.all.resize(me + 1);
    here.all[me] = of_[me].own++;
  }
  void complete(const block& in, std::uint32_t barrier) {
    auto& here = gatherings_[{&in, barrier}];
    here.complete = std::make_shared<const clock>(std::exchange(here.all, {}));
    here.last = nullptr;
  }
  /// What it knew is part of what was gathered.
  void leave(std::size_t me, const block& in, std::uint32_t barrier) {
    of_[me].seen = gatherings_[{&in, barrier}].complete;
  }

 private:
  struct own_clock {
    std::uint32_t own = 1;
    shared_clock seen;
    publication fenced;
    std::vector<shared_clock> unlearnt;
  };
  struct gathering {
    clock all;
    shared_clock last, complete;
  };
  std::vector<own_clock> of_;
  std::map<std::pair<const block*, std::uint32_t>, gathering> gatherings_;
};

}  // namespace ptx
