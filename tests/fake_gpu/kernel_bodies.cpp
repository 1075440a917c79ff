// SPDX-License-Identifier: Apache-2.0
// Every kernel of colossus-nccl, compiled by the host's compiler from the kernels' own sources: FAKE_GPU_KERNELS names
// this library. One thread after the other runs a body, which is why barriers and shared memory are not for it.
#include "host_device_words.hpp"

#include <colossus/bench/gpu_kernels.cuh>
#include <colossus/detail/combine_kernel.cuh>

#include "fake_gpu.hpp"

#include <dlfcn.h>

#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace colossus;

template <class... Parameters>
constexpr std::size_t sizes_of[] = {sizeof(Parameters)..., 0};

template <auto Kernel, class... Parameters, std::size_t... I>
void run_all(void** arguments, dim3 grid, dim3 block, std::index_sequence<I...>) {
  gridDim = {grid.x, grid.y, grid.z};
  blockDim = {block.x, block.y, block.z};
  for (unsigned y = 0; y < grid.y; ++y) {
    for (unsigned x = 0; x < grid.x; ++x) {
      blockIdx = {x, y, 0};
      for (unsigned thread = 0; thread < block.x; ++thread) {
        threadIdx = {thread, 0, 0};
        Kernel(*static_cast<Parameters*>(arguments[I])...);
      }
    }
  }
}

using touches = std::size_t (*)(void**, dim3, dim3, fakegpu::range*, std::size_t);

template <auto Kernel, class... Parameters>
fakegpu::kernel_body body_of(void (*kernel)(Parameters...), touches what) {
  Dl_info symbol{};
  ::dladdr(reinterpret_cast<void*>(kernel), &symbol);
  const auto run = [](void** arguments, dim3 grid, dim3 block) {
    run_all<Kernel, Parameters...>(arguments, grid, block, std::index_sequence_for<Parameters...>{});
  };
  return {symbol.dli_sname, sizeof...(Parameters), sizes_of<Parameters...>, run, what};
}
#define BODY(touches, ...) body_of<&__VA_ARGS__>(&__VA_ARGS__, touches)

fakegpu::range bytes_of(const void* start, std::uint64_t bytes, bool write, bool strong = false) {
  const auto lo = reinterpret_cast<std::uintptr_t>(start);
  return {lo, lo + bytes, write, strong};
}

/// Fills `ranges`, as far as they fit.
class list {
 public:
  list(fakegpu::range* ranges, std::size_t room) : ranges_{ranges}, room_{room} {}
  void add(const fakegpu::range& one) {
    if (size_ < room_ && one.lo != one.hi) ranges_[size_] = one;
    if (one.lo != one.hi) ++size_;
  }
  std::size_t size() const { return size_; }

 private:
  fakegpu::range* ranges_;
  std::size_t room_, size_ = 0;
};

template <class T>
std::size_t combined(void** arguments, dim3 grid, dim3, fakegpu::range* ranges, std::size_t room) {
  const auto& batch = *static_cast<const transports::segment_batch*>(arguments[0]);
  list all{ranges, room};
  for (unsigned n = 0; n < grid.y; ++n) {
    const transports::segment& s = batch.segments[n];
    const std::uint64_t bytes = s.count * sizeof(T);
    all.add(bytes_of(s.from, bytes, false));
    if (s.mode != 0) all.add(bytes_of(s.own, bytes, false));
    all.add(bytes_of(s.onto, bytes, true));
  }
  return all.size();
}
template <class T>
std::size_t filled(void** arguments, dim3, dim3, fakegpu::range* ranges, std::size_t room) {
  list all{ranges, room};
  const auto size = static_cast<std::uint64_t>(*static_cast<std::int64_t*>(arguments[1]));
  all.add(bytes_of(*static_cast<void**>(arguments[0]), size * sizeof(T), true));
  return all.size();
}
template <class T>
std::size_t checked(void** arguments, dim3, dim3, fakegpu::range* ranges, std::size_t room) {
  const auto& job = *static_cast<const bench::gpu_check*>(arguments[0]);
  list all{ranges, room};
  all.add(bytes_of(job.data, static_cast<std::uint64_t>(job.size) * sizeof(T), false));
  all.add(bytes_of(job.verdict, sizeof *job.verdict, true, true));
  return all.size();
}

template <class Op>
using data_of = std::conditional_t<std::is_same_v<Op, prod>, prod, sum>;

template <class T, class Op>
void add_bodies(std::vector<fakegpu::kernel_body>& all) {
  all.push_back(BODY(combined<T>, detail::combine_segments<T, Op>));
  all.push_back(BODY(filled<T>, bench::fill_known<T, data_of<Op>>));
  all.push_back(BODY(checked<T>, bench::check_known<T, data_of<Op>, bench::reduces_exactly<T, Op>>));
}

std::vector<fakegpu::kernel_body> make_bodies() {
  std::vector<fakegpu::kernel_body> all;
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) {
    for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) { add_bodies<T, Op>(all); });
  });
  all.push_back(BODY(nullptr, bench::wait_at_gate<bench::gate_words>));
  all.push_back(BODY(nullptr, bench::do_nothing<>));
  return all;
}

}  // namespace

extern "C" fakegpu::kernel_bodies fakegpu_bodies() {
  static const std::vector<fakegpu::kernel_body> all = make_bodies();
  return {all.data(), all.size()};
}
