// SPDX-License-Identifier: Apache-2.0
// What somebody else's program looks like: an all-reduce over four threads.
#include <colossus/colossus.hpp>

#include <cstdio>
#include <thread>
#include <vector>

int main() {
  constexpr int ranks = 4;
  colossus::transports::threads::world world{ranks};
  std::vector<std::vector<float>> data(ranks, std::vector<float>(1000, 1.0f));
  {
    std::vector<std::jthread> threads;
    for (int rank = 0; rank < ranks; ++rank)
      threads.emplace_back([&, rank] {
        colossus::transports::threads comm{world, rank};
        colossus::all_reduce(comm, data[rank], data[rank], colossus::sum{});
      });
  }
  const bool right = data == std::vector<std::vector<float>>(ranks, std::vector<float>(1000, float{ranks}));
  std::printf("colossus %s: %s\n", colossus::version, right ? "all ranks have the sum" : "wrong data");
  return right ? 0 : 1;
}
