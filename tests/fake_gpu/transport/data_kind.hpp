// SPDX-License-Identifier: Apache-2.0
// An element type and a reduction whose types are forgotten: what a trial needs of them.
#pragma once

#include <colossus/bench/check_data.hpp>
#include <colossus/detail/nccl_segments.hpp>

#include <dlfcn.h>

#include <fake_gpu.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace transport_test {

using namespace colossus;

/// Whether this process runs on the fakes.
inline bool on_fakes() { return ::dlsym(RTLD_DEFAULT, "fakegpu_is_fake") != nullptr; }

namespace detail {

template <class T, class Op>
void combine_now(void* data) {
  const auto& batch = *static_cast<const transports::segment_batch*>(data);
  for (std::uint32_t s = 0; s < batch.size; ++s) {
    const transports::segment& one = batch.segments[s];
    const auto* own = static_cast<const T*>(one.own);
    const auto* from = static_cast<const T*>(one.from);
    for (std::uint64_t i = 0; i < one.count; ++i)
      static_cast<T*>(one.onto)[i] = one.mode == 0   ? from[i]
                                     : one.mode == 1 ? Op{}(own[i], from[i])
                                                     : Op{}(from[i], own[i]);
  }
}

/// The reduction kernel's work done by this program on the fake device, in stream order: for what is about the order of
/// things, and not about the kernel.
template <class T, class Op>
cudaError_t combine_on_host(const transports::segment_batch& batch, std::uint64_t, cudaStream_t stream) {
  static const auto submit = reinterpret_cast<decltype(&fakegpu_submit)>(::dlsym(RTLD_DEFAULT, "fakegpu_submit"));
  std::vector<fakegpu::range> ranges;
  for (std::uint32_t s = 0; s < batch.size; ++s) {
    const transports::segment& one = batch.segments[s];
    const auto add = [&](const void* at, bool write) {
      const auto lo = reinterpret_cast<std::uintptr_t>(at);
      ranges.push_back({lo, lo + one.count * sizeof(T), write});
    };
    add(one.from, false);
    if (one.mode != 0) add(one.own, false);
    add(one.onto, true);
  }
  return submit(stream, "combine", ranges.data(), ranges.size(), combine_now<T, Op>,
                new transports::segment_batch{batch},
                [](void* data) { delete static_cast<transports::segment_batch*>(data); });
}

}  // namespace detail

/// The data of one rank of a trial.
struct rank_data {
  const bench::data_layout* layout;
  rank_t ranks, rank, root;
  std::int64_t count;
};

struct data_kind {
  std::string_view type, reduction;
  std::size_t size;  ///< bytes of an element
  transports::combiner combine;
  void (*fill)(rank_t rank, std::span<std::byte> in);
  /// The first wrong element of the output or of the input, where that must be unchanged.
  std::string (*wrong)(const rank_data& of, std::span<const std::byte> out, std::span<const std::byte> in);
};

template <class T, class Op>
data_kind kind_of() {
  return {data_type<T>::name,
          Op::name,
          sizeof(T),
          detail::combine_on_host<T, Op>,
          [](rank_t rank, std::span<std::byte> in) {
            bench::known_data<T, Op>::fill(rank, {reinterpret_cast<T*>(in.data()), in.size() / sizeof(T)});
          },
          [](const rank_data& of, std::span<const std::byte> out, std::span<const std::byte> in) {
            const bench::known_data<T, Op> known{*of.layout, of.ranks, of.count, of.root};
            const auto verdict = known.check(of.rank, {reinterpret_cast<const T*>(out.data()), out.size() / sizeof(T)});
            if (!verdict) return verdict.first;
            return known.check_input(of.rank, {reinterpret_cast<const T*>(in.data()), in.size() / sizeof(T)}).first;
          }};
}

/// The kind of the given names.
inline data_kind kind_of(std::string_view type, std::string_view reduction) {
  data_kind found{};
  with_data_type(type, [&]<class T>(std::type_identity<T>) {
    with_reduce_op(reduction, [&]<class Op>(std::type_identity<Op>) { found = kind_of<T, Op>(); });
  });
  return found;
}

}  // namespace transport_test
