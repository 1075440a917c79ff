// SPDX-License-Identifier: Apache-2.0
// colossus-threads with a ring whose every operation takes SLOWED percent longer: what colossus-compare must find.
//   slowed-threads all_reduce ... --launches 10 --csv a.csv --versus SLOWED=3
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/bench/launches.hpp>
#include <colossus/bench/measured_main.hpp>
#include <colossus/bench/thread_team.hpp>

namespace {

using namespace colossus::bench;
using list = colossus::type_list<colossus::algorithms::ring>;

/// Threads that stay busy for a share of what each operation took before the clock stops.
class slowed_team : public thread_team {
 public:
  using runs = host_runs<slowed_team>;
  using thread_team::thread_team;

  template <class F>
  slowest_rank timed(F&& f) {
    return thread_team::timed([&](member& m) {
      const auto begun = std::chrono::steady_clock::now();
      f(m);
      const auto took = std::chrono::steady_clock::now() - begun;
      while (std::chrono::steady_clock::now() - begun < took * (1 + share_)) {}
    });
  }

 private:
  static double share() {
    const char* const percent = std::getenv("SLOWED");
    return percent ? to_number<double>(std::string_view{percent}).value_or(0) / 100 : 0;
  }
  double share_ = share();
};

}  // namespace

int main(int argc, char** argv) {
  if (asks_for_launches(argc, argv)) return launches_main(argc, argv, tool::threads, catalogue{list{}});
  return guarded("slowed-threads", [&] {
    const auto o = parse_command_line(argc, argv, tool::threads, catalogue{list{}}, std::cout);
    if (!o) return 0;
    slowed_team team{o->ranks.empty() ? 2 : o->ranks.front(), std::chrono::seconds{30}};
    return run_measured<list>(team, *o, tool::threads);
  });
}
