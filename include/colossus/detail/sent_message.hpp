// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <functional>

namespace colossus::detail {

/// A message as it went: seconds at which it began to leave, was out, and was in.
struct sent_message {
  rank_t from = nobody, to = nobody;
  int lane = 0;
  round_t round = 0;
  double share = 0;  // of all data
  double begun = 0, out = 0, in = 0;
};

/// Is told of every message, in any order but those of a rank and lane one after the other. Empty: nobody looks.
using message_watch = std::function<void(const sent_message&)>;

}  // namespace colossus::detail
