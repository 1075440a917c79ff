// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launches.hpp>
#include <colossus/bench/measured_main.hpp>
#include <colossus/bench/pairs_main.hpp>
#include <colossus/bench/program.hpp>
#include <colossus/bench/thread_team.hpp>

namespace colossus::bench {

/// The main program of colossus-threads for the algorithms of `List`: every rank is a thread.
template <class List>
int threads_main(int argc, char** argv) {
  if (asks_for_launches(argc, argv)) return launches_main(argc, argv, tool::threads, catalogue{List{}});
  return guarded(program_of(tool::threads), [&] {
    const auto o = parse_command_line(argc, argv, tool::threads, catalogue{List{}}, std::cout);
    if (!o) return 0;
    catch_interrupts();
    const auto cores = static_cast<rank_t>(std::max(1U, std::thread::hardware_concurrency()));
    const rank_t ranks = !o->ranks.empty()               ? o->ranks.front()
                         : o->threads > 0 || o->gpus > 0 ? std::max(o->threads, 1) * std::max(o->gpus, 1)
                                                         : cores;
    thread_team team{ranks, std::chrono::milliseconds{static_cast<std::int64_t>(o->deadline_s * 1e3)}};
    if (!o->pairs.empty()) return measure_every_pair(team, *o, tool::threads);
    return run_measured<List>(team, *o, tool::threads);
  });
}

}  // namespace colossus::bench
