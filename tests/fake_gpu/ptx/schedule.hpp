// SPDX-License-Identifier: Apache-2.0
// The machine's scheduler. Threads that may wait for each other run in short, random slices, and now and then a block
// is starved; others run one after the other. Waiting counts as steps, so that every run ends.
#pragma once

#include "machine.hpp"

#include <unistd.h>

namespace ptx {

inline bool machine::waits(const thread& t) const {
  if (t.waits == wait::none) return false;
  const std::uint64_t epoch = t.waits == wait::lanes ? t.in->warps[t.number / 32].epoch
                                                     : t.in->barriers[t.of->code->code[t.pc].modifier & 15].epoch;
  return epoch == t.epoch;
}

inline void machine::run_slice(thread& t) {
  if (t.registers.empty()) begin(t);
  const auto& code = t.of->code->code;
  std::uint64_t slice = waits_ ? 1 + random_() % 24 : 20'000;
  for (; slice > 0 && !t.done; --slice) {
    ++steps_;
    if (waits(t)) {
      ++idle_;
      return;
    }
    const instruction& i = code[t.pc];
    const bool skipped = i.predicate != no_slot && ((t.registers[i.predicate] & 1) != 0) == i.negated;
    if (!skipped) i.run(*this, t, i);
    if (t.waits == wait::none) ++t.pc;
    if (yielded_) break;
  }
  unfinished_ = !t.done;
  if (!std::exchange(yielded_, false)) idle_ = 0;
  else ++idle_;
}

/// The thread that runs next, as a position in `live_`.
inline std::size_t machine::choose() {
  if (!waits_) return std::exchange(unfinished_, false) ? random_() % live_.size() : live_.size() - 1;
  if (steps_ >= thaw_) {
    frozen_ = random_() % 3 != 0 ? nullptr : threads_[live_[random_() % live_.size()]].in;
    thaw_ = steps_ + random_() % 8000;
  }
  for (int tries = 0; tries < 4; ++tries) {
    const std::size_t position = random_() % live_.size();
    if (threads_[live_[position]].in != frozen_) return position;
    ++steps_;
  }
  return random_() % live_.size();
}

/// When all threads only wait: lets the host and other streams go on, and looks at the clock.
inline void machine::check_progress() {
  if (steps_ > settings_.most_steps)
    throw trap{"it does not end within " + std::to_string(steps_) + " steps" + where_all_wait()};
  const bool all_idle = idle_ > 2 * live_.size() + 2;
  if (!all_idle && steps_ < next_look_) return;
  next_look_ = steps_ + 1'000'000;
  if (std::chrono::steady_clock::now() - began_ > settings_.longest) {
    throw trap{"it does not end within " + std::to_string(settings_.longest.count()) + " ms" + where_all_wait()};
  }
  if (!all_idle) return;
  idle_ = 0;
  if (!where_all_wait().empty()) throw trap{"it never ends" + where_all_wait()};
  ::usleep(20);
}

/// Where the threads wait for each other in vain; empty if one of them can go on.
inline std::string machine::where_all_wait() const {
  for (const std::size_t id : live_) {
    if (!waits(threads_[id])) return {};
  }
  const thread& one = threads_[live_.front()];
  return ": all " + std::to_string(live_.size()) + " threads wait, one of them at '" + one.of->code->lines[one.pc] +
         "'";
}

inline void machine::retire(std::size_t position) {
  thread& t = threads_[live_[position]];
  t.registers = {};
  t.local = {};
  live_[position] = live_.back();
  live_.pop_back();
  if (t.in->alive == 0) {
    --resident_;
    admit();
  }
}

inline void machine::end(thread& t) {
  t.done = true;
  progress();
  block& in = *t.in;
  in.warps[t.number / 32].alive &= ~(1u << t.number % 32);
  --in.alive;
  for (std::uint32_t id = 0; id < in.barriers.size(); ++id) {
    rendezvous& barrier = in.barriers[id];
    if (barrier.arrived == 0 || barrier.expected != 0 || barrier.arrived != in.alive) continue;
    barrier.complete();
    if (settings_.races) races_.complete(in, id);
  }
}

inline void machine::run() {
  began_ = std::chrono::steady_clock::now();
  admit();
  while (!live_.empty()) {
    const std::size_t position = choose();
    run_slice(threads_[live_[position]]);
    if (threads_[live_[position]].done) retire(position);
    check_progress();
  }
}

}  // namespace ptx
