// SPDX-License-Identifier: Apache-2.0
// The kernels that fill and check, as functions of the host: they find what the CPU's check finds. CUDA's own meaning
// of the words below is defined away.
#include <cuda_runtime_api.h>

#undef __global__
#define __global__

namespace {

thread_local uint3 threadIdx, blockIdx;
thread_local dim3 blockDim, gridDim;
template <class T>
void atomicAdd(T* to, T value) {
  *to += value;
}
template <class T>
void atomicMin(T* to, T value) {
  *to = value < *to ? value : *to;
}

}  // namespace

#include <colossus/bench/check_data.hpp>
#include <colossus/bench/gpu_kernels.cuh>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

/// Every thread of a grid of 3 blocks, one after the other.
template <class F>
void launch(F&& kernel) {
  gridDim = dim3{3};
  blockDim = dim3{32};
  for (blockIdx.x = 0; blockIdx.x < gridDim.x; ++blockIdx.x)
    for (threadIdx.x = 0; threadIdx.x < blockDim.x; ++threadIdx.x) kernel();
}

template <class Op>
using data_of = std::conditional_t<std::is_same_v<Op, prod>, prod, sum>;

/// One rank's output, made right and then spoilt, checked both ways.
template <class T, class Op>
struct trial {
  trial(std::string_view name, rank_t at) : layout{layout_of(name)}, rank{at}, known{layout, ranks, count, root} {}
  static constexpr rank_t ranks = 3, root = 1;
  static constexpr std::int64_t count = 50;

  std::vector<T> right() const {
    std::vector<T> out;
    const data_place place = known.at(rank);
    for (std::int64_t i = 0; i < layout.out_elements(count, ranks); ++i)
      out.push_back(layout.reduces ? known.reductions()[static_cast<std::size_t>(place.reduced_index(i))]
                                   : moved_value<T, Op>(place, i));
    return out;
  }

  gpu_verdict check(const std::vector<T>& data, bool input) const {
    gpu_verdict found{0, no_element};
    const gpu_check job{.data = data.data(),
                        .size = std::ssize(data),
                        .place = known.at(rank),
                        .input = input,
                        .exact = known.reductions().data(),
                        .wide = known.wide_reductions().data(),
                        .bounds = known.bounds().data(),
                        .verdict = &found};
    launch([&] { check_known<T, data_of<Op>, reduces_exactly<T, Op>>(job); });
    return found;
  }

  void expect_agreement() const {
    if (!known.at(rank).has_result()) return;
    std::vector<T> out = right();
    EXPECT_EQ(check(out, false).wrong, 0u);
    for (const std::size_t i : {std::size_t{41}, std::size_t{7}}) out[i] = static_cast<T>(out[i] + static_cast<T>(3));
    out[9] =
        std::numeric_limits<T>::has_quiet_NaN ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(out[9] + T{1});
    const gpu_verdict found = check(out, false);
    const data_verdict expected = known.check(rank, out);
    EXPECT_EQ(static_cast<std::int64_t>(found.wrong), expected.wrong) << layout.collective;
    EXPECT_EQ(found.first, 7u) << layout.collective;
    EXPECT_EQ(known.describe_output(rank, 7, out[7]), expected.first);
  }

  const data_layout& layout;
  rank_t rank;
  known_data<T, Op> known;
};

TEST(gpu_kernels, find_what_the_check_on_the_cpu_finds) {
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) {
    for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) {
      for (const data_layout& layout : data_layouts)
        for (rank_t rank = 0; rank < 3; ++rank) trial<T, Op>{layout.collective, rank}.expect_agreement();
    });
  });
}

TEST(gpu_kernels, fill_what_the_cpu_fills_and_find_an_input_that_changed) {
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) {
    for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) {
      std::vector<T> host(300), gpu(300);
      known_data<T, Op>::fill(2, host);
      launch([&] { fill_known<T, data_of<Op>>(gpu.data(), std::ssize(gpu), 2); });
      EXPECT_EQ(std::memcmp(host.data(), gpu.data(), host.size() * sizeof(T)), 0);
      const trial<T, Op> t{"all_reduce", 2};
      EXPECT_EQ(t.check(gpu, true).wrong, 0u);
      gpu[299] = static_cast<T>(gpu[299] + T{1});
      EXPECT_EQ(t.check(gpu, true).first, 299u);
    });
  });
}

TEST(gpu_kernels, a_gate_opens_at_its_number_or_at_its_deadline) {
  gate_words words;
  words.opened = 3;
  wait_at_gate(&words, 3, 1'000'000'000'000);
  EXPECT_EQ(words.timed_out, 0u);
  wait_at_gate(&words, 4, 1000);
  EXPECT_EQ(words.timed_out, 4u);
}

}  // namespace
}  // namespace colossus::bench
