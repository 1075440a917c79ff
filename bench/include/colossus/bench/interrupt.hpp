// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace colossus::bench {

/// Exit status of a program that was interrupted, as a shell has it.
inline constexpr int interrupted_status = 128 + SIGINT;

namespace detail {
inline volatile std::sig_atomic_t interrupt_seen = 0;
}

/// From here on the first Ctrl-C asks to end after the row in hand; the second ends at once.
inline void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { detail::interrupt_seen = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
}

inline bool interrupted() { return detail::interrupt_seen != 0; }

}  // namespace colossus::bench
