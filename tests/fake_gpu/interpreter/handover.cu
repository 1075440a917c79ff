// SPDX-License-Identifier: Apache-2.0
// Two blocks hand messages over through a slot of memory, a flag and a credit, as collectives do. Each mutant but the
// first leaves out one thing on which the others rely.
#include <cstdint>

enum mutant {
  none,
  no_barrier_before_flag,
  no_barrier_after_flag,
  relaxed_flag,
  relaxed_wait,
  flag_of_block_scope,
  no_credit,
  relaxed_credit,
  fences,
  no_fence
};

__device__ unsigned load(const unsigned* at, bool acquires) {
  unsigned value;
  if (acquires) asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(at) : "memory");
  else asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(at) : "memory");
  return value;
}
template <bool Releases, bool Block>
__device__ void store(unsigned* at, unsigned value) {
  if (!Releases) asm volatile("st.relaxed.gpu.global.u32 [%0], %1;" ::"l"(at), "r"(value) : "memory");
  else if (Block) asm volatile("st.release.cta.global.u32 [%0], %1;" ::"l"(at), "r"(value) : "memory");
  else asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(at), "r"(value) : "memory");
}

struct channel {
  unsigned* slot;
  unsigned* flag;
  unsigned* credit;
  unsigned* sums;
};

template <int Mutant>
__device__ void send(const channel& c, unsigned rounds) {
  constexpr bool fenced = Mutant == fences || Mutant == no_fence;
  for (unsigned round = 0; round < rounds; ++round) {
    if (threadIdx.x == 0 && Mutant != no_credit) {
      while (load(c.credit, true) < round) __nanosleep(20);
    }
    __syncthreads();
    c.slot[threadIdx.x] = round * 100 + threadIdx.x;
    if (Mutant != no_barrier_before_flag) __syncthreads();
    if (threadIdx.x != 0) continue;
    if (Mutant == fences) __threadfence();
    store<Mutant != relaxed_flag && !fenced, Mutant == flag_of_block_scope>(c.flag, round + 1);
  }
}
template <int Mutant>
__device__ void receive(const channel& c, unsigned rounds) {
  unsigned sum = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    if (threadIdx.x == 0) {
      while (load(c.flag, Mutant != relaxed_wait && Mutant != fences) < round + 1) __nanosleep(20);
      if (Mutant == fences) __threadfence();
    }
    if (Mutant != no_barrier_after_flag) __syncthreads();
    sum += c.slot[threadIdx.x];
    __syncthreads();
    if (threadIdx.x == 0) store<Mutant != relaxed_credit, false>(c.credit, round + 1);
  }
  c.sums[threadIdx.x] = sum;
}

template <int Mutant>
__global__ void hand_over(channel c, unsigned rounds) {
  if (blockIdx.x == 0) send<Mutant>(c, rounds);
  else receive<Mutant>(c, rounds);
}

template __global__ void hand_over<none>(channel, unsigned);
template __global__ void hand_over<no_barrier_before_flag>(channel, unsigned);
template __global__ void hand_over<no_barrier_after_flag>(channel, unsigned);
template __global__ void hand_over<relaxed_flag>(channel, unsigned);
template __global__ void hand_over<relaxed_wait>(channel, unsigned);
template __global__ void hand_over<flag_of_block_scope>(channel, unsigned);
template __global__ void hand_over<no_credit>(channel, unsigned);
template __global__ void hand_over<relaxed_credit>(channel, unsigned);
template __global__ void hand_over<fences>(channel, unsigned);
template __global__ void hand_over<no_fence>(channel, unsigned);

/// Words that carry data and a sequence number at once, without a flag: they never race, and yet one may be
/// overwritten before it is read. `Credit`: the sender learns by a release that its reader is done; else by a
/// relaxed store.
template <bool Credit>
__global__ void hand_over_words(channel c, unsigned rounds) {
  auto* const words = reinterpret_cast<volatile std::uint64_t*>(c.slot);
  const unsigned me = threadIdx.x;
  unsigned sum = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    if (blockIdx.x == 0) {
      if (me == 0)
        while (load(c.credit, true) < round) __nanosleep(20);
      __syncthreads();
      words[me] = std::uint64_t{round + 1} << 32 | (round * 100 + me);
    } else {
      std::uint64_t word;
      while ((word = words[me]) >> 32 != round + 1) __nanosleep(20);
      sum += static_cast<unsigned>(word);
      __syncthreads();
      if (me == 0) store<Credit, false>(c.credit, round + 1);
    }
  }
  if (blockIdx.x == 1) c.sums[me] = sum;
}
template __global__ void hand_over_words<true>(channel, unsigned);
template __global__ void hand_over_words<false>(channel, unsigned);

/// The same with 16 bytes a thread, of which the last four are the sequence number: no hardware promises that they come
/// together. `Whole`: every 8 bytes have their own.
template <bool Whole>
__global__ void hand_over_16_bytes(channel c, unsigned rounds) {
  auto* const words = reinterpret_cast<uint4*>(c.slot) + threadIdx.x;
  unsigned sum = 0;
  for (unsigned round = 1; round <= rounds; ++round) {
    if (blockIdx.x == 0) {
      if (threadIdx.x == 0)
        while (load(c.credit, true) < round - 1) __nanosleep(20);
      __syncthreads();
      asm volatile("st.volatile.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(words), "r"(round),
                   "r"(Whole ? round : 7 * round), "r"(round), "r"(round)
                   : "memory");
    } else {
      unsigned x, y, z, w;
      do {
        __nanosleep(20);
        asm volatile("ld.volatile.global.v4.u32 {%0, %1, %2, %3}, [%4];"
                     : "=r"(x), "=r"(y), "=r"(z), "=r"(w)
                     : "l"(words)
                     : "memory");
      } while (Whole ? x != round || y != round || z != round || w != round : w != round);
      sum += Whole ? 7 * y : y;
      __syncthreads();
      if (threadIdx.x == 0) store<true, false>(c.credit, round);
    }
  }
  if (blockIdx.x == 1) c.sums[threadIdx.x] = sum;
}
template __global__ void hand_over_16_bytes<true>(channel, unsigned);
template __global__ void hand_over_16_bytes<false>(channel, unsigned);
