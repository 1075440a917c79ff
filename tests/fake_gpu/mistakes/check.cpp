// SPDX-License-Identifier: Apache-2.0
// What a mistake in the transport must not get past: a few algorithms on three fake ranks. Small, because it is
// compiled once for each mistake. Says which of its tests fails, and ends with status 1; findings of the fakes end it
// with 97.
#include "transport/trial.hpp"

#include <cstdint>
#include <cstdio>
#include <exception>

using namespace transport_test;

namespace {

/// x -> high * x + low, modulo 2^16, composed in the order of ranks: associative, not commutative.
struct composed {
  static constexpr std::string_view name = "composed";
  std::uint32_t operator()(std::uint32_t a, std::uint32_t b) const {
    const std::uint32_t high = (a >> 16) * (b >> 16), low = (a & 0xffff) * (b >> 16) + (b & 0xffff);
    return high << 16 | (low & 0xffff);
  }
};

std::uint32_t element(rank_t rank, std::size_t index) {
  return static_cast<std::uint32_t>((2 * rank + 3) << 16 | (index * 7 + static_cast<std::size_t>(rank) * 5) % 65536);
}

data_kind ordered_kind() {
  return {"uint32",
          composed::name,
          4,
          transport_test::detail::combine_on_host<std::uint32_t, composed>,
          [](rank_t rank, std::span<std::byte> in) {
            for (std::size_t i = 0; i < in.size() / 4; ++i) {
              const std::uint32_t value = element(rank, i);
              std::memcpy(in.data() + 4 * i, &value, 4);
            }
          },
          [](const rank_data& of, std::span<const std::byte> out, std::span<const std::byte>) {
            for (std::size_t i = 0; i < out.size() / 4; ++i) {
              std::uint32_t all = element(0, i), got = 0;
              for (rank_t r = 1; r < of.ranks; ++r) all = composed{}(all, element(r, i));
              std::memcpy(&got, out.data() + 4 * i, 4);
              if (got != all) return "element " + std::to_string(i) + " is out of the order of ranks";
            }
            return std::string{};
          }};
}

using some_algorithms = type_list<algorithms::ring, algorithms::double_tree, algorithms::ring_reduce_scatter,
                                  algorithms::direct_all_to_all, algorithms::direct_send_recv>;

void expect(const std::string& wrong, const std::string& where) {
  if (!wrong.empty()) throw std::runtime_error{where + ": " + wrong};
}

void on_streams(local_ranks& ranks, const tested_algorithm& algorithm, const trial_case& what) {
  const auto one = trial_of(ranks, algorithm, what);
  if (one == nullptr) return;
  one->connect();
  one->fill();
  one->enqueue();
  ranks.wait();
  expect(one->wrong(), describe(algorithm, what, ranks.size()));
}

void in_graphs(local_ranks& ranks, const tested_algorithm& algorithm, const trial_case& what) {
  const auto one = trial_of(ranks, algorithm, what);
  if (one == nullptr) return;
  one->connect();
  const auto graphs = one->capture();
  for (const bool known : {true, false, true}) {
    known ? one->fill() : one->zero();
    one->replay(graphs);
    expect(known ? one->wrong() : one->is_zero() ? "" : "old data", describe(algorithm, what, ranks.size()));
  }
}

template <class Visit>
void for_some(local_ranks& ranks, Visit&& visit) {
  for_each_case(tested_in<some_algorithms>(), ranks.size(), {1009}, awkward_plans(), kind_of<float, sum>(),
                [&](const auto& algorithm, const auto& what) { visit(ranks, algorithm, what); });
}

void graphs_give_the_right_data(local_ranks& ranks) { for_some(ranks, in_graphs); }
void streams_give_the_right_data(local_ranks& ranks) { for_some(ranks, on_streams); }

/// Without a wait of the host between them, as in a program's loop.
void operations_in_a_row_are_ordered(local_ranks& ranks) {
  const auto& layout = bench::layout_of("all_reduce");
  trial one{ranks, tested<algorithms::ring>(), {&layout, 1009, kind_of<float, sum>(), {.slices = 2}, false}};
  one.connect();
  one.fill();
  for (int i = 0; i < 8; ++i) one.enqueue();
  ranks.wait();
  expect(one.wrong(), "the last of eight");
}

/// Where each partner is the next block of ranks, in a power of two of them, an algorithm keeps their order.
void reductions_keep_the_order_of_ranks(local_ranks&) {
  local_ranks ranks{4};
  for_each_case(tested_in<type_list<algorithms::recursive_doubling>>(), ranks.size(), {100}, {{}}, ordered_kind(),
                [&](const auto& algorithm, const auto& what) { on_streams(ranks, algorithm, what); });
}

/// Their groups reach the stream some time after they were ended.
void communicators_that_do_not_block_serve(local_ranks&) {
  local_ranks ranks{3, false};
  const auto& layout = bench::layout_of("all_reduce");
  on_streams(ranks, tested<algorithms::ring>(), {&layout, 1009, kind_of<float, sum>(), {.slices = 2}, false});
}

constexpr struct {
  const char* name;
  void (*run)(local_ranks&);
} tests[] = {{"graphs_give_the_right_data", graphs_give_the_right_data},
             {"streams_give_the_right_data", streams_give_the_right_data},
             {"operations_in_a_row_are_ordered", operations_in_a_row_are_ordered},
             {"communicators_that_do_not_block_serve", communicators_that_do_not_block_serve},
             {"reductions_keep_the_order_of_ranks", reductions_keep_the_order_of_ranks}};

}  // namespace

int main() {
  local_ranks ranks{3};
  for (const auto& test : tests) try {
      test.run(ranks);
    } catch (const std::exception& wrong) {
      std::fprintf(stderr, "%s: %s\n", test.name, wrong.what());
      std::_Exit(1);
    }
  return 0;
}
