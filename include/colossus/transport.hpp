// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

namespace colossus {

/// Lanes that a transport tells apart.
inline constexpr int max_lanes = 1024;

/// How long a rank waits: looks before it yields its core, and the time without progress after which it gives up.
struct patience {
  int spins = 4;
  std::chrono::milliseconds deadline{30'000};
};

/// A message out and a message in that are under way: `to` and `from` become `nobody` as each half ends.
template <class R>
concept exchange_request = std::default_initializable<R> && std::movable<R> && requires(const R pending) {
  { pending.to } -> std::convertible_to<rank_t>;
  { pending.from } -> std::convertible_to<rank_t>;
};

/// Moves bytes for one rank: a message out, a message in, or both at once, in order within a lane and a pair of ranks.
/// Neither message is empty and no peer is the rank itself: `run` sees to that.
template <class T>
concept exchanger = exchange_request<typename T::request> &&
    requires(T t, const T self, int lane, rank_t peer, std::span<const std::byte> out, std::span<std::byte> in,
             typename T::request& pending, std::string_view why) {
  { self.rank() } -> std::same_as<rank_t>;
  { self.size() } -> std::same_as<rank_t>;
  { self.waits() } -> std::same_as<patience>;
  { t.start(lane, peer, out, peer, in) } -> std::same_as<typename T::request>;  // `nobody` for the half that is absent
  { t.test(pending) } -> std::same_as<bool>;  // moves it on; true once both halves have ended
  { t.cancel(pending) }
  noexcept;  // after an error: nothing touches the caller's memory any more, if it can be helped
  { t.fail(why) }
  noexcept;  // this rank gives up: tells the others where that is possible
  {
    t.buffer(lane, std::size_t{})
    } -> std::same_as<std::span<std::byte>>;  // scratch memory by slot, kept and only ever grown
};

/// Something that runs whole programs of one rank at once (a GPU). `run` will pick it where there is one.
template <class T, class Program>
concept executor = requires(T t, const Program& program) {
  { t.rank() } -> std::same_as<rank_t>;
  { t.size() } -> std::same_as<rank_t>;
  t.execute(program);
};

}  // namespace colossus
