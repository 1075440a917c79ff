// SPDX-License-Identifier: Apache-2.0
// A process of a run that needs no GPU: joins the others, gathers once, and then does what it is told to.
//   member [--late RANK | --dies RANK | --aborts RANK]    of that rank alone; the deadline is 1 s
#include <colossus/bench/join.hpp>
#include <colossus/bench/program.hpp>

#include <thread>

namespace {

using namespace colossus::bench;

int run(int argc, char** argv) {
  launch l = find_launch(environment_of_process());
  const auto all = join(l, {.deadline = std::chrono::milliseconds{1000}});
  find_local_place(l, *all);
  std::string line = all->way() + " " + std::to_string(l.local_rank) + " of " + std::to_string(l.local_size) + ":";
  for (const int value : gather(*all, 10 * all->rank())) line += " " + std::to_string(value);
  std::cout << line + '\n' << std::flush;
  const std::string what = argc == 3 ? argv[1] : "";
  if (argc == 3 && to_number<int>(std::string_view{argv[2]}) == all->rank()) {
    if (what == "--late") std::this_thread::sleep_for(std::chrono::seconds{4});
    if (what == "--dies") std::_Exit(9);
    if (what == "--aborts") return all->abort("no more memory"), 0;
  }
  barrier(*all);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // What ends one process would have mpirun end all others at once: only what they say themselves is of interest.
  if (const int status = guarded("member", [&] { return run(argc, argv); }); status != 0)
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
  return 0;
}
