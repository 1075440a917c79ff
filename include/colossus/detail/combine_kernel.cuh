// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/data_type.hpp>
#include <colossus/detail/nccl_segments.hpp>
#include <colossus/reduce_op.hpp>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <type_traits>

namespace colossus::detail {

/// How a kernel holds an element, and what it computes in: 16-bit floats in float, as on the CPU.
template <class T>
struct on_gpu {
  using stored = T;
  static __device__ T wide(T x) { return x; }
  static __device__ T narrow(T x) { return x; }
};
template <>
struct on_gpu<float16> {
  using stored = __half;
  static __device__ float wide(__half x) { return __half2float(x); }
  static __device__ __half narrow(float x) { return __float2half_rn(x); }
};
template <>
struct on_gpu<bfloat16> {
  using stored = __nv_bfloat16;
  static __device__ float wide(__nv_bfloat16 x) { return __bfloat162float(x); }
  static __device__ __nv_bfloat16 narrow(float x) { return __float2bfloat16_rn(x); }
};

inline constexpr unsigned combine_threads = 512;
/// Loads of each operand that a thread has under way: fewer where unpacking bytes takes the registers.
template <class T>
inline constexpr int loads_in_flight = sizeof(T) == 1 ? 2 : 4;

/// As many elements as 16 bytes hold: loaded and stored at once.
template <class T>
struct alignas(16) pack {
  T element[16 / sizeof(T)];
};

/// onto[i] = own[i] op from[i] for one element, or one pack of them.
template <class T, class Op>
__device__ void combine_into(typename on_gpu<T>::stored& own, const typename on_gpu<T>::stored& from,
                             std::uint32_t mode) {
  if (mode == 0) own = from;
  else if (mode == 1) own = on_gpu<T>::narrow(Op{}(on_gpu<T>::wide(own), on_gpu<T>::wide(from)));
  else own = on_gpu<T>::narrow(Op{}(on_gpu<T>::wide(from), on_gpu<T>::wide(own)));
}
template <class T, class Op>
__device__ void combine_into(pack<typename on_gpu<T>::stored>& own, const pack<typename on_gpu<T>::stored>& from,
                             std::uint32_t mode) {
#pragma unroll
  for (unsigned i = 0; i < 16 / sizeof(T); ++i) combine_into<T, Op>(own.element[i], from.element[i], mode);
}

/// The units [first, last) of a segment, shared by all blocks of a grid's row, several loads at a time. `onto` may be
/// `own` or `from`: each unit is read before it is written, by the same thread.
template <class T, class Op, class Unit>
__device__ void combine_units(const Unit* own, const Unit* from, Unit* onto, std::uint64_t count, std::uint32_t mode) {
  constexpr int in_flight = loads_in_flight<T>;
  const std::uint64_t threads = std::uint64_t{gridDim.x} * blockDim.x;
  std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  for (; i + (in_flight - 1) * threads < count; i += in_flight * threads) {
    Unit a[in_flight], b[in_flight];
#pragma unroll
    for (int k = 0; k < in_flight; ++k) {
      b[k] = from[i + k * threads];
      a[k] = mode == 0 ? b[k] : own[i + k * threads];
    }
#pragma unroll
    for (int k = 0; k < in_flight; ++k) {
      combine_into<T, Op>(a[k], b[k], mode);
      onto[i + k * threads] = a[k];
    }
  }
  for (; i < count; i += threads) {
    Unit b = from[i], a = mode == 0 ? b : own[i];
    combine_into<T, Op>(a, b, mode);
    onto[i] = a;
  }
}

/// Every row of the grid combines one segment: in packs of 16 bytes where its three pieces of memory are in step, but
/// for the elements before the first and behind the last whole pack; else element by element.
template <class T, class Op>
__global__ void __launch_bounds__(combine_threads)
    combine_segments(const __grid_constant__ transports::segment_batch batch) {
  using stored = typename on_gpu<T>::stored;
  const transports::segment& s = batch.segments[blockIdx.y];
  const auto* own = static_cast<const stored*>(s.own);
  const auto* from = static_cast<const stored*>(s.from);
  auto* onto = static_cast<stored*>(s.onto);
  const std::uint64_t count = s.count;
  const std::uint32_t mode = s.mode;
  constexpr std::uint64_t per_pack = 16 / sizeof(stored);
  const auto start = reinterpret_cast<std::uintptr_t>(onto) % 16;
  const bool in_step = start == reinterpret_cast<std::uintptr_t>(from) % 16 &&
                       (mode == 0 || start == reinterpret_cast<std::uintptr_t>(own) % 16) &&
                       start % sizeof(stored) == 0;
  if (!in_step) return combine_units<T, Op>(own, from, onto, count, mode);
  const std::uint64_t to_boundary = start == 0 ? 0 : (16 - start) / sizeof(stored);
  const std::uint64_t head = to_boundary < count ? to_boundary : count;
  const std::uint64_t packs = (count - head) / per_pack, tail = head + packs * per_pack;
  if (head > 0) combine_units<T, Op>(own, from, onto, head, mode);
  using unit = pack<stored>;
  combine_units<T, Op>(reinterpret_cast<const unit*>(own + head), reinterpret_cast<const unit*>(from + head),
                       reinterpret_cast<unit*>(onto + head), packs, mode);
  if (tail < count) combine_units<T, Op>(own + tail, from + tail, onto + tail, count - tail, mode);
}

/// Launches `combine_segments`: a `transports::combiner`. Every thread has one round of loads: blocks that come to an
/// end make room for the next ones, so that no multiprocessor waits for the last.
template <class T, class Op>
cudaError_t launch_combine(const transports::segment_batch& batch, std::uint64_t largest, cudaStream_t stream) {
  const std::uint64_t per_block = combine_threads * loads_in_flight<T> * 16 / sizeof(T);
  const dim3 grid{static_cast<unsigned>((largest + per_block - 1) / per_block), batch.size};
  // not <<<>>>: what is wrong with this launch, not with something before it
  void* arguments[] = {const_cast<transports::segment_batch*>(&batch)};
  return cudaLaunchKernel(combine_segments<T, Op>, grid, dim3{combine_threads}, arguments, 0, stream);
}

}  // namespace colossus::detail
