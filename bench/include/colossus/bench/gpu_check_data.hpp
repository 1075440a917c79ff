// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/check_data.hpp>
#include <colossus/bench/gpu_kernels.hpp>
#include <colossus/bench/operation.hpp>
#include <colossus/detail/cuda_handles.hpp>

#include <functional>

namespace colossus::bench {

/// What a check on the GPU needs from the host: the tables of reductions, and words for a wrong element, as on the CPU.
struct known_tables {
  std::vector<std::byte> exact;
  std::vector<double> wide, bounds;
  std::function<std::string(rank_t, bool input, std::int64_t index, const std::byte* got)> describe;
};

/// Bytes that the tables of any collective take on a GPU.
inline constexpr std::int64_t table_bytes = 2 * data_period * static_cast<std::int64_t>(sizeof(double));

inline known_tables tables_of(const element_kind& kind, const data_layout& layout, rank_t ranks, std::int64_t count,
                              rank_t root) {
  known_tables tables;
  with_data_type(kind.type, [&]<class T>(std::type_identity<T>) {
    with_reduce_op(kind.reduction, [&]<class Op>(std::type_identity<Op>) {
      const auto known = std::make_shared<const known_data<T, Op>>(layout, ranks, count, root);
      const auto bytes = std::as_bytes(known->reductions());
      if constexpr (reduces_exactly<T, Op>) tables.exact.assign(bytes.begin(), bytes.end());
      tables.wide.assign(known->wide_reductions().begin(), known->wide_reductions().end());
      tables.bounds.assign(known->bounds().begin(), known->bounds().end());
      tables.describe = [known](rank_t rank, bool input, std::int64_t index, const std::byte* got) {
        T value;
        std::memcpy(static_cast<void*>(&value), got, sizeof value);
        return input ? known->describe_input(rank, index, value) : known->describe_output(rank, index, value);
      };
    });
  });
  return tables;
}

/// The data of one rank's calls on its GPU: filled, checked, and put into words. `memory` is device memory for
/// `bytes()`. Everything is put on the stream but `verdict`, which waits.
class gpu_data {
 public:
  static constexpr std::int64_t bytes() { return 256 + table_bytes; }

  gpu_data(std::byte* memory, cudaStream_t stream) : memory_{memory}, stream_{stream} {}

  /// Known data into the input, and what is no result into the output that is not input as well.
  void prepare(const call& c, const data_layout& layout, rank_t ranks, rank_t rank, bool in_place) const {
    const std::int64_t in = layout.in_elements(c.count, ranks), out = layout.out_elements(c.count, ranks);
    const auto size = static_cast<std::int64_t>(c.kind.size);
    if (out > 0 && (!in_place || out > in))
      colossus::detail::check_cuda(cudaMemsetAsync(c.out, 0xff, static_cast<std::size_t>(out * size), stream_),
                                   "fill the output");
    colossus::detail::check_cuda(
        kernels_of(c.kind.type, c.kind.reduction).fill(const_cast<std::byte*>(c.in), in, rank, stream_),
        "launch the kernel that fills the input");
  }

  /// Copies the tables: once a configuration. They must live until the stream has done so.
  void upload(const known_tables& t) const {
    copy(tables(), t.exact.empty() ? static_cast<const void*>(t.wide.data()) : t.exact.data(),
         t.exact.empty() ? t.wide.size() * sizeof(double) : t.exact.size());
    copy(tables() + data_period * sizeof(double), t.bounds.data(), t.bounds.size() * sizeof(double));
  }

  /// Counts what is wrong in the output, and in an input that should be as it was.
  void check(const call& c, const data_layout& layout, rank_t ranks, rank_t rank, bool in_place) const {
    static constexpr gpu_verdict none[2] = {{0, no_element}, {0, no_element}};
    copy(memory_, none, sizeof none);
    const data_place place = place_of(layout, ranks, rank, c.count, c.root);
    gpu_check job{.data = c.out,
                  .size = layout.out_elements(c.count, ranks),
                  .place = place,
                  .input = false,
                  .exact = tables(),
                  .wide = reinterpret_cast<const double*>(tables()),
                  .bounds = reinterpret_cast<const double*>(tables()) + data_period,
                  .verdict = reinterpret_cast<gpu_verdict*>(memory_)};
    const auto launch = kernels_of(c.kind.type, c.kind.reduction).check;
    if (place.has_result() && job.size > 0)
      colossus::detail::check_cuda(launch(job, stream_), "launch the kernel that checks the output");
    job.data = c.in;
    job.size = layout.in_elements(c.count, ranks);
    job.input = true;
    ++job.verdict;
    if (!in_place && job.size > 0)
      colossus::detail::check_cuda(launch(job, stream_), "launch the kernel that checks the input");
  }

  /// What the check found, once the stream is through.
  data_verdict verdict(const call& c, rank_t rank, const known_tables& t) const {
    gpu_verdict found[2];
    fetch(found, memory_, sizeof found);
    const bool input = found[0].wrong == 0;
    const gpu_verdict& first = found[input ? 1 : 0];
    if (first.wrong == 0) return {};
    const auto index = static_cast<std::int64_t>(first.first);
    std::byte got[8];
    fetch(got, (input ? c.in : c.out) + index * static_cast<std::int64_t>(c.kind.size), c.kind.size);
    return {static_cast<std::int64_t>(first.wrong), t.describe(rank, input, index, got)};
  }

 private:
  std::byte* tables() const { return memory_ + 256; }
  void copy(void* to, const void* from, std::size_t size) const {
    if (size == 0) return;
    colossus::detail::check_cuda(cudaMemcpyAsync(to, from, size, cudaMemcpyHostToDevice, stream_), "copy to the GPU");
  }
  void fetch(void* to, const void* from, std::size_t size) const {
    colossus::detail::check_cuda(cudaMemcpyAsync(to, from, size, cudaMemcpyDeviceToHost, stream_), "copy from the GPU");
    colossus::detail::check_cuda(cudaStreamSynchronize(stream_), "copy from the GPU");
  }

  std::byte* memory_;
  cudaStream_t stream_;
};

}  // namespace colossus::bench
