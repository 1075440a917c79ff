// SPDX-License-Identifier: Apache-2.0
// The kernels of colossus-nccl on the fake runtime, for each type and reduction: their PTX interpreted, and, run once
// more with FAKE_GPU_KERNELS, the bodies that the host's compiler made of the same sources. The same answers are
// expected.
#include <colossus/bench/gpu_kernels.hpp>
#include <colossus/data_type.hpp>
#include <colossus/reduce_op.hpp>

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace colossus;

#define SUCCEEDS(call) ASSERT_EQ(call, cudaSuccess) << #call

/// Device memory with a copy of it on the host.
template <class T>
struct buffer {
  explicit buffer(std::size_t size, std::size_t shift) : host(size) {
    EXPECT_EQ(cudaMalloc(&memory, (size + shift) * sizeof(T)), cudaSuccess);
    data = static_cast<T*>(memory) + shift;
  }
  ~buffer() { cudaFree(memory); }
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;
  void upload() {
    EXPECT_EQ(cudaMemcpy(data, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice), cudaSuccess);
  }
  void download() {
    EXPECT_EQ(cudaMemcpy(host.data(), data, host.size() * sizeof(T), cudaMemcpyDeviceToHost), cudaSuccess);
  }
  void* memory = nullptr;
  T* data = nullptr;
  std::vector<T> host;
};

template <class F>
void for_each_kind(F f) {
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) {
    for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) {
      SCOPED_TRACE(std::string{data_type<T>::name} + " " + std::string{Op::name});
      f.template operator()<T, Op>();
    });
  });
}

template <class T>
bool same(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

/// How far buffers begin behind a boundary of 16 bytes, in elements.
struct shifts {
  std::size_t own, from, onto;
};

/// Two segments in one launch, of odd lengths.
template <class T, class Op>
void combine_shifted(const shifts& shift, std::uint32_t mode) {
  const std::size_t size = 16 / sizeof(T) * 70 + 5;
  buffer<T> own{size, shift.own}, from{size, shift.from}, onto{size, shift.onto};
  for (std::size_t i = 0; i < size; ++i) {
    own.host[i] = bench::known_value<T, Op>(1, static_cast<std::int64_t>(i));
    from.host[i] = bench::known_value<T, Op>(2, static_cast<std::int64_t>(i));
  }
  own.upload(), from.upload();
  transports::segment_batch batch{};
  batch.size = 2;
  const std::size_t half = size / 2;
  batch.segments[0] = {own.data, from.data, onto.data, half, mode};
  batch.segments[1] = {own.data + half, from.data + half, onto.data + half, size - half, mode};
  SUCCEEDS(bench::kernels_of(data_type<T>::name, Op::name).combine(batch, size - half, nullptr));
  SUCCEEDS(cudaDeviceSynchronize());
  onto.download();
  for (std::size_t i = 0; i < size; ++i) {
    const T wanted = mode == 0   ? from.host[i]
                     : mode == 1 ? Op{}(own.host[i], from.host[i])
                                 : Op{}(from.host[i], own.host[i]);
    ASSERT_TRUE(same(onto.host[i], wanted)) << "element " << i << " mode " << mode;
  }
}

TEST(kernels, combine_as_the_host_does) {
  for_each_kind([]<class T, class Op>() {
    combine_shifted<T, Op>({0, 0, 0}, 1);
    combine_shifted<T, Op>({1, 1, 1}, 2);
    combine_shifted<T, Op>({0, 1, 2}, 1);
    combine_shifted<T, Op>({3, 1, 1}, 0);
  });
}

TEST(kernels, fill_with_known_data) {
  for_each_kind([]<class T, class Op>() {
    buffer<T> data{777, 1};
    SUCCEEDS(bench::kernels_of(data_type<T>::name, Op::name).fill(data.data, 777, 5, nullptr));
    SUCCEEDS(cudaDeviceSynchronize());
    data.download();
    for (std::size_t i = 0; i < data.host.size(); ++i) {
      ASSERT_TRUE(same(data.host[i], bench::known_value<T, Op>(5, static_cast<std::int64_t>(i)))) << i;
    }
  });
}

/// The verdict on an input of rank 5 of which some elements were changed.
template <class T, class Op>
bench::gpu_verdict verdict_on(const std::vector<std::size_t>& changed) {
  buffer<T> data{777, 1};
  for (std::size_t i = 0; i < data.host.size(); ++i)
    data.host[i] = bench::known_value<T, Op>(5, static_cast<std::int64_t>(i));
  for (const std::size_t i : changed) reinterpret_cast<unsigned char&>(data.host[i]) ^= 1;
  data.upload();
  buffer<bench::gpu_verdict> verdict{1, 0};
  verdict.host[0] = {0, bench::no_element};
  verdict.upload();
  bench::gpu_check job;
  job.data = data.data;
  job.size = 777;
  job.place.rank = 5;
  job.input = true;
  job.verdict = verdict.data;
  EXPECT_EQ(bench::kernels_of(data_type<T>::name, Op::name).check(job, nullptr), cudaSuccess);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  verdict.download();
  return verdict.host[0];
}

TEST(kernels, count_what_is_wrong_and_find_the_first) {
  for_each_kind([]<class T, class Op>() {
    const auto none = verdict_on<T, Op>({}), some = verdict_on<T, Op>({500, 123, 776});
    EXPECT_EQ(none.wrong, 0u);
    EXPECT_EQ(none.first, bench::no_element);
    EXPECT_EQ(some.wrong, 3u);
    EXPECT_EQ(some.first, 123u);
  });
}

/// The gate on its own stream.
struct gate {
  gate() {
    EXPECT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
    void* memory = nullptr;
    EXPECT_EQ(cudaHostAlloc(&memory, sizeof(bench::gate_words), cudaHostAllocMapped), cudaSuccess);
    words = ::new (memory) bench::gate_words{};
  }
  ~gate() {
    cudaStreamDestroy(stream);
    cudaFreeHost(words);
  }
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  cudaStream_t stream{};
  bench::gate_words* words = nullptr;
};

TEST(kernels, are_held_by_the_gate_until_the_host_opens_it) {
  const gate g;
  SUCCEEDS(bench::launch_gate(g.words, 1, 20'000'000'000, g.stream));
  SUCCEEDS(bench::launch_nothing(g.stream));
  std::this_thread::sleep_for(std::chrono::milliseconds{30});
  EXPECT_EQ(cudaStreamQuery(g.stream), cudaErrorNotReady);
  EXPECT_EQ(cudaGetLastError(), cudaErrorNotReady);  // or the next launch would be blamed
  std::atomic_ref<unsigned>{g.words->opened}.store(1);
  SUCCEEDS(cudaStreamSynchronize(g.stream));
  EXPECT_EQ(g.words->timed_out, 0u);
}

TEST(kernels, find_that_the_gate_opens_itself_at_its_deadline) {
  const gate g;
  SUCCEEDS(bench::launch_gate(g.words, 1, 20'000'000, g.stream));
  SUCCEEDS(cudaStreamSynchronize(g.stream));
  EXPECT_EQ(g.words->timed_out, 1u);
}

}  // namespace
