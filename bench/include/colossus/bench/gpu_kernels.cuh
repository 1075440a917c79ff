// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/gpu_kernels.hpp>
#include <colossus/data_type.hpp>

#if !defined(__CUDA_ARCH__)
#include <chrono>
#include <thread>
#endif

/// The kernels of colossus-nccl but for the reduction, which is the library's. No shared memory and no barrier: each
/// thread is on its own, so that the bodies run on a host as well, one thread after the other.
namespace colossus::bench {

/// Puts known data into `size` elements.
template <class T, class Op>
__global__ void fill_known(T* data, std::int64_t size, rank_t rank) {
  const std::int64_t threads = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += threads)
    data[i] = known_value<T, Op>(rank, i);
}

/// Counts the elements that are not what they should be, and finds the first. `Exact` says which tables a reduction is
/// compared with.
template <class T, class Op, bool Exact>
__global__ void check_known(gpu_check job) {
  const T* const data = static_cast<const T*>(job.data);
  const std::int64_t threads = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < job.size; i += threads) {
    const T got = data[i];
    bool right = false;
    if (job.input) right = got == known_value<T, Op>(job.place.rank, i);
    else if (!job.place.reduces) right = got == moved_value<T, Op>(job.place, i);
    else if constexpr (Exact) right = got == static_cast<const T*>(job.exact)[job.place.reduced_index(i)];
    else {
      const std::int64_t at = job.place.reduced_index(i);
      right = is_near(static_cast<double>(got), job.wide[at], job.bounds[at]);
    }
    if (!right) {
      atomicAdd(&job.verdict->wrong, 1ull);
      atomicMin(&job.verdict->first, static_cast<unsigned long long>(i));
    }
  }
}

/// Waits until gate `number` is open, or until so many nanoseconds have passed, and says so then. One thread.
template <class Words>
__global__ void wait_at_gate(Words* words, unsigned number, unsigned long long deadline_ns) {
  const volatile unsigned* const opened = &words->opened;
#if defined(__CUDA_ARCH__)
  unsigned long long begin, now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(begin));
  while (*opened < number) {
    __nanosleep(100);
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    if (now - begin <= deadline_ns) continue;
    *const_cast<volatile unsigned*>(&words->timed_out) = number;
    __threadfence_system();
    return;
  }
#else
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds{deadline_ns};
  while (*opened < number) {
    std::this_thread::yield();
    if (std::chrono::steady_clock::now() <= end) continue;
    *const_cast<volatile unsigned*>(&words->timed_out) = number;
    return;
  }
#endif
}

/// Does nothing.
template <class = void>
__global__ void do_nothing() {}

}  // namespace colossus::bench
