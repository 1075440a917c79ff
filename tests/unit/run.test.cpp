// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/compose.hpp>
#include <colossus/run.hpp>
#include <colossus/transports/threads.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <numeric>

namespace {
std::atomic<std::int64_t> allocations = 0;
}

[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* found = std::malloc(bytes)) return found;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  ++allocations;
  const auto line = static_cast<std::size_t>(alignment);
  if (void* found = std::aligned_alloc(line, (bytes + line - 1) / line * line)) return found;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

using namespace colossus;
using transports::on_every_rank;
using transports::threads;

/// Threads that remember what `run` asked for.
class recorder {
 public:
  struct started {
    int lane;
    rank_t to, from;
    std::span<const std::byte> out;
    std::span<std::byte> in;
  };
  using request = threads::request;

  explicit recorder(threads& inner) : inner_{&inner} {}
  rank_t rank() const { return inner_->rank(); }
  rank_t size() const { return inner_->size(); }
  patience waits() const { return inner_->waits(); }
  std::span<std::byte> buffer(int slot, std::size_t bytes) { return inner_->buffer(slot, bytes); }
  request start(int lane, rank_t to, std::span<const std::byte> out, rank_t from, std::span<std::byte> in) {
    log.push_back({lane, to, from, out, in});
    return inner_->start(lane, to, out, from, in);
  }
  bool test(request& pending) { return inner_->test(pending); }
  void cancel(request& pending) noexcept { inner_->cancel(pending); }
  void fail(std::string_view why) noexcept { inner_->fail(why); }

  std::vector<started> log;

 private:
  threads* inner_;
};

static_assert(exchanger<recorder>);

/// Runs an all-reduce of `count` ones on threads; gives each rank's log to `look` and checks the sums.
template <schedule S, class Look>
void recorded(const S& s, std::int64_t count, Look&& look) {
  threads::world world{s.ranks()};
  on_every_rank(world, [&](threads& comm) {
    recorder recording{comm};
    std::vector<int> data(static_cast<std::size_t>(count), 1);
    run(s, recording, partition{count, s.blocks()}, std::span{data}, sum{});
    EXPECT_EQ(data, std::vector<int>(data.size(), s.ranks()));
    look(recording.log);
  });
}

TEST(run, a_lane_starts_when_the_one_before_it_has_done_the_stagger) {
  static constexpr int lane_count = 3, stagger = 2;
  recorded(lanes{ring_all_reduce{4}, lane_count, stagger}, 1000, [](const std::vector<recorder::started>& log) {
    std::array<int, lane_count> starts{};
    for (const auto& one : log) {
      if (one.lane > 0 && starts[static_cast<std::size_t>(one.lane)] == 0) {
        EXPECT_GE(starts[static_cast<std::size_t>(one.lane - 1)], stagger);
      }
      ++starts[static_cast<std::size_t>(one.lane)];
    }
    EXPECT_EQ(starts, (std::array{6, 6, 6}));
  });
}

TEST(run, lanes_progress_on_their_own) {
  threads::world world{2};
  on_every_rank(world, [](threads& comm) {
    recorder recording{comm};
    std::vector<int> data(64, 1);
    const lanes both{ring_all_reduce{2}, 2, 0};
    run(both, recording, partition{64, both.blocks()}, std::span{data}, sum{});
    EXPECT_EQ(recording.log[0].lane, 0);
    EXPECT_EQ(recording.log[1].lane, 1) << "lane 1 does not wait for lane 0 to end";
  });
}

TEST(run, has_room_for_as_many_lanes_as_a_large_node_has_gpus) {
  recorded(lanes{ring_all_reduce{2}, 128, 0}, 1000, [](const std::vector<recorder::started>& log) {
    EXPECT_EQ(log.size(), 256u);
    EXPECT_EQ(log[127].lane, 127);
  });
}

TEST(run, a_message_of_nothing_is_not_sent) {
  recorded(ring_all_reduce{4}, 2, [](const std::vector<recorder::started>& log) {
    std::size_t messages = 0;
    for (const auto& one : log) {
      EXPECT_EQ(one.to == nobody, one.out.empty());
      EXPECT_EQ(one.from == nobody, one.in.empty());
      messages += one.to != nobody;
    }
    EXPECT_LT(messages, 6u);  // of 6 rounds, those that move block 2 or 3 are silent
  });
  recorded(ring_all_reduce{4}, 0, [](const std::vector<recorder::started>& log) { EXPECT_TRUE(log.empty()); });
}

TEST(run, what_arrives_never_overwrites_what_is_being_sent) {
  const std::less<const std::byte*> before;
  recorded(recursive_doubling_all_reduce{8}, 100, [&](const std::vector<recorder::started>& log) {
    EXPECT_EQ(log.size(), 3u);
    for (const auto& one : log)
      EXPECT_FALSE(before(one.in.data(), one.out.data() + one.out.size()) &&
                   before(one.out.data(), one.in.data() + one.in.size()));
  });
}

TEST(run, a_stored_message_that_meets_the_one_being_sent_is_staged) {
  struct swap_all {  // everyone swaps its only block
    constexpr rank_t ranks() const { return 2; }
    constexpr block_t blocks() const { return 1; }
    constexpr round_t rounds() const { return 1; }
    constexpr step at(rank_t rank, round_t) const { return {.send = {1 - rank, {0, 1}}, .recv = {1 - rank, {0, 1}}}; }
  };
  threads::world world{2};
  on_every_rank(world, [](threads& comm) {
    std::vector<int> data(10'000);
    std::iota(data.begin(), data.end(), 10'000 * comm.rank());
    run(swap_all{}, comm, partition{10'000, 1}, std::span{data}, sum{});
    EXPECT_EQ(data.front(), 10'000 * (1 - comm.rank()));
    EXPECT_EQ(data.back(), 10'000 * (1 - comm.rank()) + 9'999);
  });
}

/// x -> scale * x + offset: composing is associative, and minds the order.
struct affine {
  std::int64_t scale = 1, offset = 0;
  bool operator==(const affine&) const = default;
};
constexpr auto compose = [](affine first, affine second) {
  return affine{first.scale * second.scale, first.offset * second.scale + second.offset};
};

/// The same for whole ranges.
struct compose_ranges {
  void operator()(std::span<const affine> first, std::span<const affine> second, std::span<affine> out) const {
    std::ranges::transform(first, second, out.begin(), compose);
  }
};

template <schedule S, class Op>
affine composed_by(const S& s, const Op& op) {
  threads::world world{s.ranks()};
  affine at_root;
  on_every_rank(world, [&](threads& comm) {
    std::vector<affine> data(5, affine{comm.rank() + 2, comm.rank() * 7 + 1});
    run(s, comm, partition{5, s.blocks()}, std::span{data}, op);
    if (comm.rank() == 0) at_root = data.front();
  });
  return at_root;
}

TEST(run, reduces_in_the_order_that_the_schedule_says) {
  affine expected{2, 1};
  for (int rank = 1; rank < 8; ++rank) expected = compose(expected, affine{rank + 2, rank * 7 + 1});
  EXPECT_EQ(composed_by(direct_up{8}, compose), expected) << "own op arriving";
  EXPECT_EQ(composed_by(recursive_doubling_all_reduce{8}, compose), expected)
      << "arriving op own below, own op arriving above";
  EXPECT_EQ(composed_by(direct_up{8}, compose_ranges{}), expected);
  EXPECT_EQ(composed_by(recursive_doubling_all_reduce{8}, compose_ranges{}), expected);
}

TEST(run, nothing_is_allocated_after_the_first_call) {
  threads::world world{4};
  std::atomic<int> ready = 0;
  std::atomic<std::int64_t> before = 0;
  const auto meet = [&](int phase) {
    for (++ready; ready < 4 * phase;) std::this_thread::yield();
  };
  on_every_rank(world, [&](threads& comm) {
    const auto s = make<algorithms::hierarchical<>>({.ranks = 4, .nodes = 2, .bytes = 4000, .lanes = 3});
    std::vector<float> data(1000, 1.0f);
    const auto call = [&] { run(s, comm, partition{1000, s.blocks()}, std::span{data}, sum{}); };
    call();
    meet(1);
    if (comm.rank() == 0) before = allocations.load();
    meet(2);
    call();
    meet(3);
    if (comm.rank() == 0) {
      EXPECT_EQ(allocations.load(), before.load());
    }
    meet(4);
  });
}

template <class F>
std::string usage_error_of(F&& f) {
  try {
    f();
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.kind(), failure::usage);
    return thrown.what();
  }
  return "nothing was thrown";
}

TEST(run, refuses_parts_that_do_not_fit) {
  threads::world world{1};
  threads comm{world, 0};
  std::vector<int> data(12);
  const auto tried = [&](rank_t ranks, block_t blocks, std::int64_t count) {
    return usage_error_of([&] { run(ring_all_reduce{ranks}, comm, partition{count, blocks}, std::span{data}, sum{}); });
  };
  EXPECT_TRUE(tried(2, 2, 12).starts_with("run: schedule and transport differ in ranks"));
  EXPECT_TRUE(tried(1, 2, 12).starts_with("run: schedule and partition differ in blocks"));
  const lanes many{ring_all_reduce{1}, max_lanes + 1, 0};
  EXPECT_TRUE(usage_error_of([&] {
                run(many, comm, partition{12, many.blocks()}, std::span{data}, sum{});
              }).starts_with("run: a schedule has at most 1024 lanes"));
  EXPECT_TRUE(tried(1, 1, 13).starts_with("run: partition and memory differ in elements"));
}

}  // namespace
