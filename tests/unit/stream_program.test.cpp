// SPDX-License-Identifier: Apache-2.0
// Programs for streams, done by hand on memory of the host: in any order that the tracks and their waits allow, the
// result is right, and nothing outside of the buffers and the workspace is touched.
#include <colossus/algorithms.hpp>
#include <colossus/bench/check_data.hpp>
#include <colossus/bench/data_layout.hpp>
#include <colossus/bench/element.hpp>
#include <colossus/detail/stream_plan.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace {

using namespace colossus;
using detail::stream_operation;
using kind = stream_operation::kind;

struct call_case {
  rank_t ranks;
  std::int64_t count;
  int slices;
  bool in_place;
  rank_t root;
  rank_t nodes;
  int lanes;
};

struct here {
  rank_t self, all;
  rank_t rank() const { return self; }
  rank_t size() const { return all; }
};

struct made_call {
  const std::byte* in;
  std::byte* out;
  std::int64_t count;
  bench::element_kind kind;
  rank_t root;
};

/// One rank: its program, its memory with a margin of known bytes around each buffer, and how far each track has come.
struct actor {
  static constexpr std::size_t margin = 64;
  detail::stream_program program;
  std::vector<std::byte> input, output, work, aside;
  made_call call;
  bool in_place = false;
  std::vector<bool> done;

  static std::vector<std::byte> buffer(std::int64_t bytes) {
    return std::vector<std::byte>(static_cast<std::size_t>(bytes) + 2 * margin, std::byte{0x5a});
  }
  static bool intact(const std::vector<std::byte>& b) {
    const auto sound = [](std::byte x) { return x == std::byte{0x5a}; };
    return std::all_of(b.begin(), b.begin() + margin, sound) && std::all_of(b.end() - margin, b.end(), sound);
  }

  std::byte* at(const detail::place& p) {
    EXPECT_NE(p.where, detail::area::staging);
    if (p.where == detail::area::work) return work.data() + margin + p.offset;
    if (p.where == detail::area::output) return call.out + p.offset;
    return (in_place && program.aside >= 0 ? work.data() + margin + program.aside : const_cast<std::byte*>(call.in)) +
           p.offset;
  }

  /// The first operation of a track that is not done; nothing where it waits for the other track.
  const stream_operation* next(detail::track on) const {
    for (std::size_t i = 0; i < done.size(); ++i)
      if (!done[i] && program.operations[i].on == on) {
        const int behind = program.operations[i].waits_for;
        return behind < 0 || done[static_cast<std::size_t>(behind)] ? &program.operations[i] : nullptr;
      }
    return nullptr;
  }
  void finish(const stream_operation* o) { done[static_cast<std::size_t>(o - program.operations.data())] = true; }

  void combine(const stream_operation& o) {
    for (const detail::combination& c : program.combinations(o)) {
      const auto n = static_cast<std::size_t>(c.count);
      if (c.how == on_arrival::store) std::memmove(at(c.onto), at(c.from), n * call.kind.size);
      else if (c.how == on_arrival::reduce_before) call.kind.kernel(at(c.from), at(c.own), at(c.onto), n);
      else call.kind.kernel(at(c.own), at(c.from), at(c.onto), n);
    }
  }
};

/// Does the programs of all ranks; which of the tracks that could go on goes on is drawn. `preferred`: the side track
/// as early (1) or as late (0) as can be, or anything (2).
void run_all(std::vector<actor>& all, int preferred, std::mt19937& draw) {
  const auto exchange = [&](const std::vector<actor*>& group, int turn) {
    std::vector<std::vector<std::byte>> wire;
    std::map<std::pair<rank_t, rank_t>, std::vector<std::pair<std::vector<std::byte>, std::size_t>>> sent;
    for (actor* a : group)
      for (const auto& m : a->program.sends(*a->next(detail::track::main))) {
        const std::byte* from = a->at(m.what);
        sent[{static_cast<rank_t>(a - all.data()), m.peer}].push_back({{from, from + m.bytes}, 0});
      }
    std::map<std::pair<rank_t, rank_t>, std::size_t> taken;
    for (actor* a : group)
      for (const auto& m : a->program.recvs(*a->next(detail::track::main))) {
        const std::pair pair{m.peer, static_cast<rank_t>(a - all.data())};
        ASSERT_LT(taken[pair], sent[pair].size()) << "turn " << turn << ": no message from " << m.peer;
        const auto& data = sent[pair][taken[pair]++].first;
        ASSERT_EQ(static_cast<std::int64_t>(data.size()), m.bytes);
        std::copy(data.begin(), data.end(), a->at(m.what));
        for (const auto& out : a->program.sends(*a->next(detail::track::main))) {
          const std::byte *const sent_from = a->at(out.what), *const landed = a->at(m.what);
          ASSERT_TRUE(landed + m.bytes <= sent_from || sent_from + out.bytes <= landed)
              << "lands on what is being sent";
        }
      }
    for (const auto& [pair, messages] : sent) ASSERT_EQ(messages.size(), taken[pair]) << "a message is not received";
    for (actor* a : group) a->finish(a->next(detail::track::main));
  };
  for (;;) {
    std::vector<std::pair<actor*, const stream_operation*>> main, side;
    std::vector<actor*> group;
    int turn = -1;
    bool all_done = true;
    for (actor& a : all) {
      all_done &= std::all_of(a.done.begin(), a.done.end(), [](bool d) { return d; });
      if (const auto* o = a.next(detail::track::side)) side.push_back({&a, o});
      const auto* o = a.next(detail::track::main);
      if (o && o->what != kind::exchange) main.push_back({&a, o});
      else if (o) {
        if (turn < 0 || o->turn < turn) turn = o->turn, group.clear();
        if (o->turn == turn) group.push_back(&a);
      }
    }
    if (all_done) return;
    const bool take_side =
        !side.empty() && (preferred == 1 || (main.empty() && group.empty()) || (preferred == 2 && draw() % 2 == 0));
    const bool blocked = std::any_of(all.begin(), all.end(), [&](const actor& a) {
      const auto ahead = std::find(a.done.begin(), a.done.end(), false);
      return ahead != a.done.end() && !a.next(detail::track::main) &&
             std::any_of(a.program.operations.begin() + (ahead - a.done.begin()), a.program.operations.end(),
                         [](const stream_operation& o) { return o.on == detail::track::main; });
    });
    auto& list = take_side || (blocked && main.empty() && !side.empty()) ? side : main;
    if (!list.empty()) {
      const auto [who, what] = list[draw() % list.size()];
      if (what->what == kind::combine) who->combine(*what);
      who->finish(what);
    } else {
      ASSERT_FALSE(group.empty()) << "nothing can go on";
      exchange(group, turn);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

template <class A>
void try_case(const call_case& c, std::string_view type, std::string_view op, int preferred, std::uint32_t seed) {
  const bench::data_layout& layout = bench::layout_of(A::collective::name);
  const bench::element_kind element = bench::element_kind_of(type, op);
  const auto size = static_cast<std::int64_t>(element.size);
  const problem p{.ranks = c.ranks,
                  .nodes = c.nodes,
                  .root = c.root,
                  .bytes = layout.elements(c.count, c.ranks) * size,
                  .lanes = c.lanes,
                  .chunk_bytes = 64};
  if (!supports<A>(p)) return;
  std::vector<actor> all(static_cast<std::size_t>(c.ranks));
  for (rank_t r = 0; r < c.ranks; ++r) {
    actor& a = all[static_cast<std::size_t>(r)];
    a.program = detail::stream_plan<A>(p, r, c.count, size, c.slices);
    a.done.assign(a.program.operations.size(), false);
    a.work = actor::buffer(a.program.work_bytes);
    const std::int64_t in = layout.in_elements(c.count, c.ranks) * size,
                       out = layout.out_elements(c.count, c.ranks) * size;
    a.input = actor::buffer(in);
    a.output = actor::buffer(std::max(in, out));
    a.in_place = c.in_place;
    const std::int64_t own = c.in_place ? r * c.count * size : 0;
    a.call = {.in = (c.in_place ? a.output.data() : a.input.data()) + actor::margin + (in < out ? own : 0),
              .out = a.output.data() + actor::margin + (out < in ? own : 0),
              .count = c.count,
              .kind = element,
              .root = c.root};
    bench::prepare_data(here{r, c.ranks}, layout, a.call, c.in_place);
    if (c.in_place && a.program.aside >= 0)
      std::copy_n(a.call.in, a.program.input_bytes, a.work.data() + actor::margin + a.program.aside);
  }
  std::mt19937 draw{seed};
  run_all(all, preferred, draw);
  for (rank_t r = 0; r < c.ranks && !testing::Test::HasFailure(); ++r) {
    const actor& a = all[static_cast<std::size_t>(r)];
    const auto verdict = bench::check_data(here{r, c.ranks}, layout, a.call, c.in_place);
    EXPECT_TRUE(verdict) << verdict.first;
    EXPECT_TRUE(actor::intact(a.input) && actor::intact(a.output) && actor::intact(a.work)) << "rank " << r;
  }
  EXPECT_FALSE(testing::Test::HasFailure())
      << A::collective::name << " " << A::name << ": " << c.ranks << " ranks, " << c.count << " of " << type << ", "
      << c.slices << " slices, " << (c.in_place ? "in place" : "out of place") << ", root " << c.root << ", " << c.nodes
      << " nodes, " << c.lanes << " lanes, side " << preferred << ", seed " << seed;
}

template <class List>
void try_all(List) {
  for_each_type(List{}, []<class A>(std::type_identity<A>) {
    std::mt19937 draw{7};
    for (rank_t ranks = 1; ranks <= 9; ++ranks)
      for (const std::int64_t count : {std::int64_t{0}, std::int64_t{1}, std::int64_t{ranks - 1}, std::int64_t{1009}})
        for (const int slices : {1, 2, 3})
          for (const bool in_place : {false, true})
            for (const rank_t nodes : {0, 2, 3}) {
              const call_case c{ranks,
                                count,
                                slices,
                                in_place,
                                static_cast<rank_t>(draw() % static_cast<unsigned>(ranks)),
                                nodes,
                                nodes == 3 ? 3 : 0};
              const auto seed = static_cast<std::uint32_t>(draw());
              try_case<A>(c, seed % 2 ? "int32" : "uint8", seed % 3 ? "sum" : "max", static_cast<int>(seed % 5 % 3),
                          seed);
              if (testing::Test::HasFailure()) return;
            }
  });
}

/// Two ranks swap all they have: what arrives belongs where the other message is still being read.
struct swapping {
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "swapping";
  explicit constexpr swapping(const problem&) {}
  constexpr rank_t ranks() const { return 2; }
  constexpr block_t blocks() const { return 1; }
  constexpr round_t rounds() const { return 1; }
  constexpr step at(rank_t rank, round_t) const {
    return {.send = {1 - rank, {0, 1}}, .recv = {1 - rank, {0, 1}}, .arrival = on_arrival::store};
  }
};

}  // namespace

TEST(stream_program, all_reduce_is_right_in_any_order) { try_all(algorithms::all_reduce_list{}); }
TEST(stream_program, reduce_scatter_is_right_in_any_order) { try_all(algorithms::reduce_scatter_list{}); }
TEST(stream_program, all_gather_is_right_in_any_order) { try_all(algorithms::all_gather_list{}); }
TEST(stream_program, reduce_is_right_in_any_order) { try_all(algorithms::reduce_list{}); }
TEST(stream_program, broadcast_is_right_in_any_order) { try_all(algorithms::broadcast_list{}); }
TEST(stream_program, all_to_all_is_right_in_any_order) { try_all(algorithms::all_to_all_list{}); }
TEST(stream_program, send_recv_is_right_in_any_order) { try_all(algorithms::send_recv_list{}); }

TEST(stream_program, a_ring_in_two_slices_reduces_beside_its_messages) {
  const auto p = detail::stream_plan<algorithms::ring>({.ranks = 4, .bytes = 1 << 20}, 1, 1 << 18, 4, 2);
  int beside = 0;
  for (const auto& o : p.operations) beside += o.what == kind::combine && o.on == detail::track::side;
  EXPECT_EQ(beside, 6);                                  // all of 3 rounds in two slices
  for (std::size_t i = 1; i < p.operations.size(); ++i)  // the next slice arrives while one is reduced
    if (p.operations[i].what == kind::exchange && p.operations[i - 1].what == kind::combine) {
      EXPECT_LT(p.operations[i].waits_for, static_cast<int>(i) - 1) << "operation " << i;
    }
  EXPECT_EQ(p.to, std::vector<rank_t>{2});
  EXPECT_EQ(p.from, std::vector<rank_t>{0});
  EXPECT_EQ(launches(p), 2 * 6 + 6);
}

TEST(stream_program, what_is_being_sent_is_not_overwritten) {
  const auto p = detail::stream_plan<swapping>({.ranks = 2, .bytes = 400}, 0, 100, 4, 1);
  ASSERT_EQ(p.recv_list.size(), 1u);
  EXPECT_EQ(p.recv_list[0].what.where, detail::area::work);
  ASSERT_EQ(p.combination_list.size(), 1u);
  EXPECT_EQ(p.combination_list[0].onto.where, detail::area::output);
}

TEST(stream_program, what_goes_on_beside_begins_behind_the_callers_work_and_ends_before_what_follows) {
  for_each_type(algorithms::all{}, []<class A>(std::type_identity<A>) {
    const problem p{.ranks = 4, .nodes = 2, .bytes = 1 << 20};
    const auto program = detail::stream_plan<A>(p, 1, 1 << 16, 4, 2);
    int last = -1;
    for (std::size_t i = 0; i < program.operations.size(); ++i) {
      const auto& o = program.operations[i];
      if (o.on != detail::track::side) continue;
      if (last < 0) {
        EXPECT_GE(o.waits_for, 0) << A::name;
      }
      last = static_cast<int>(i);
    }
    EXPECT_EQ(program.operations.back().what, kind::end);
    if (last >= 0) {
      EXPECT_TRUE(program.operations[static_cast<std::size_t>(last)].waited_for) << A::name;
    }
  });
}

TEST(stream_program, gathering_copies_its_own_part_once_and_nothing_else) {
  const auto p = detail::stream_plan<algorithms::doubling_all_gather>({.ranks = 8, .bytes = 8000}, 3, 250, 4, 1);
  ASSERT_EQ(p.combination_list.size(), 1u);
  EXPECT_EQ(p.combination_list[0].count, 250);
}
