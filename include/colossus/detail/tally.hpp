// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace colossus::detail {

/// What the simulator did on this thread since it began: whoever does some of it adds to `tallied`.
struct tally {
  std::int64_t flows = 0;     ///< routed
  std::int64_t solves = 0;    ///< of max-min rates
  std::int64_t passes = 0;    ///< of these solves over the flows or links that were still open
  std::int64_t messages = 0;  ///< followed one by one: by the discrete events, or by a replay of a pipeline
  std::int64_t events = 0;    ///< taken from a queue
};

inline thread_local constinit tally tallied;

}  // namespace colossus::detail
