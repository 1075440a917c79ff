// SPDX-License-Identifier: Apache-2.0
#include <colossus/calls.hpp>
#include <colossus/transports/threads.hpp>

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace {

using namespace colossus;
using transports::on_every_rank;
using transports::threads;
using list = std::vector<int>;

/// Runs `body(comm)` on three ranks.
template <class Body>
void on_three(Body&& body) {
  threads::world world{3};
  on_every_rank(world, body);
}

TEST(calls, all_reduce) {
  on_three([](threads& comm) {
    const list in{comm.rank(), 10 * comm.rank(), 1};
    list out(3);
    all_reduce(comm, in, out);
    EXPECT_EQ(out, (list{3, 30, 3}));
    all_reduce(comm, in, out, colossus::max{});
    EXPECT_EQ(out, (list{2, 20, 1}));
    all_reduce<algorithms::double_tree>(comm, in, out, [](int a, int b) { return a | b; });
    EXPECT_EQ(out, (list{3, 30, 1}));
    std::array<float, 2> own{1, 2};
    all_reduce<algorithms::ring>(comm, own, own, sum{}, {.lanes = 2});
    EXPECT_EQ(own, (std::array<float, 2>{3, 6}));
  });
}

TEST(calls, reduce_scatter) {
  on_three([](threads& comm) {
    list in(6);
    std::iota(in.begin(), in.end(), 10 * comm.rank());
    list out(2);
    reduce_scatter(comm, in, out);
    const list expected{30 + 6 * comm.rank(), 33 + 6 * comm.rank()};
    EXPECT_EQ(out, expected);
    const std::span own = std::span{in}.subspan(static_cast<std::size_t>(2 * comm.rank()), 2);
    reduce_scatter(comm, in, own);  // in place
    EXPECT_EQ(list(own.begin(), own.end()), expected);
  });
}

TEST(calls, all_gather) {
  on_three([](threads& comm) {
    const list in{comm.rank(), -comm.rank()}, expected{0, 0, 1, -1, 2, -2};
    list out(6, 99);
    all_gather(comm, in, out);
    EXPECT_EQ(out, expected);
    list both(6, 99);
    const std::span own = std::span{both}.subspan(static_cast<std::size_t>(2 * comm.rank()), 2);
    std::ranges::copy(in, own.begin());
    all_gather(comm, own, both);  // in place
    EXPECT_EQ(both, expected);
  });
}

TEST(calls, reduce_and_broadcast_ignore_the_buffer_that_is_of_no_use) {
  on_three([](threads& comm) {
    const list in{comm.rank(), 5};
    list out(comm.rank() == 2 ? 2 : 0);
    reduce(comm, in, out, sum{}, 2);
    EXPECT_EQ(out, comm.rank() == 2 ? (list{3, 15}) : list{});
    list everywhere(2);
    broadcast(comm, out, everywhere, 2);
    EXPECT_EQ(everywhere, (list{3, 15}));
  });
}

TEST(calls, the_choice_of_an_algorithm_does_not_hang_on_a_buffer_of_no_use) {
  on_three([](threads& comm) {
    list in(10), useless(comm.rank() == 0 ? 10 : 100'000);
    reduce(comm, in, useless, sum{}, 0);
    broadcast(comm, useless, in, 0);
  });
}

TEST(calls, all_to_all_and_send_recv_in_place_too) {
  on_three([](threads& comm) {
    const int r = comm.rank();
    list data{10 * r, 10 * r + 1, 10 * r + 2}, out(3);
    all_to_all(comm, data, out);
    EXPECT_EQ(out, (list{r, 10 + r, 20 + r}));
    all_to_all(comm, data, data);
    EXPECT_EQ(data, out);
    list own{r};
    send_recv(comm, own, own);
    EXPECT_EQ(own, list{(r + 2) % 3});
  });
}

TEST(calls, elements_of_any_type_that_can_be_copied) {
  struct pair {
    double a;
    int b;
    bool operator==(const pair&) const = default;
  };
  on_three([](threads& comm) {
    std::vector<pair> data(7);
    if (comm.rank() == 1) data.assign(7, {2.5, 3});
    broadcast(comm, data, data, 1);
    EXPECT_EQ(data, std::vector<pair>(7, {2.5, 3}));
  });
}

TEST(calls, large_data_takes_the_other_default) {
  on_three([](threads& comm) {
    const list in(20'001, comm.rank());
    list out(in.size());
    all_reduce(comm, in, out);
    EXPECT_EQ(out, list(in.size(), 3));
    list all(3 * in.size());
    all_gather(comm, in, all);
    EXPECT_EQ(all.back(), 2);
    reduce_scatter(comm, all, out);
    EXPECT_EQ(out.front(), 3 * comm.rank());
    broadcast(comm, in, out, 2);
    EXPECT_EQ(out, list(in.size(), 2));
    reduce(comm, in, out, sum{}, 1);
    EXPECT_EQ(out.front(), comm.rank() == 1 ? 3 : 2);
  });
}

/// The message of the usage error that a call on one rank throws.
template <class F>
std::string refused(F&& f) {
  threads::world world{1};
  threads comm{world, 0};
  try {
    f(comm);
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.kind(), failure::usage);
    return thrown.what();
  }
  return "nothing was thrown";
}

TEST(calls, sizes_that_do_not_fit_are_refused) {
  const list three(3);
  list two(2);
  EXPECT_EQ(refused([&](threads& comm) { all_reduce(comm, three, two); }),
            "all_reduce: out has 2 elements, expected as in: 3");
  EXPECT_EQ(refused([&](threads& comm) { reduce_scatter(comm, three, two); }),
            "reduce_scatter: in has 3 elements, expected ranks times out: 2");
  EXPECT_EQ(refused([&](threads& comm) { all_gather(comm, three, two); }),
            "all_gather: out has 2 elements, expected ranks times in: 3");
  EXPECT_EQ(refused([&](threads& comm) { reduce(comm, three, two); }), "reduce: out has 2 elements, expected as in: 3");
  EXPECT_EQ(refused([&](threads& comm) { broadcast(comm, three, two); }),
            "broadcast: in has 3 elements, expected as out: 2");
  EXPECT_EQ(refused([&](threads& comm) { send_recv(comm, three, two); }),
            "send_recv: out has 2 elements, expected as in: 3");
  EXPECT_EQ(refused([&](threads& comm) { all_to_all(comm, three, two); }),
            "all_to_all: out has 2 elements, expected as in: 3");
}

TEST(calls, parts_that_do_not_divide_are_refused) {
  threads::world world{2};
  threads comm{world, 0};
  list three(3);
  EXPECT_THROW(all_to_all(comm, three, three), error);
}

TEST(calls, buffers_that_overlap_in_part_are_refused) {
  list data(10);
  const std::span low = std::span{data}.first(6), high = std::span{data}.last(6);
  const std::string why = refused([&](threads& comm) { all_reduce(comm, low, high); });
  EXPECT_TRUE(why.starts_with("all_reduce: in and out overlap in part")) << why;
  EXPECT_TRUE(refused([&](threads& comm) { send_recv(comm, low, high); }).starts_with("send_recv: in and out overlap"));
}

TEST(calls, a_root_that_is_no_rank_is_refused) {
  list data(4);
  EXPECT_EQ(refused([&](threads& comm) { broadcast(comm, data, data, 1); }), "the root is one of the ranks");
}

}  // namespace
