// SPDX-License-Identifier: Apache-2.0
// One process a GPU, started by torchrun, Slurm or mpirun: torchrun --no-python --nproc-per-node=8 ./torchrun
#include <colossus/bench/join.hpp>
#include <colossus/transports/nccl.cuh>

#include <cstdio>

namespace bench = colossus::bench;

struct job {  // nvcc 13 cannot make a vector of NCCL's nameless type
  ncclUniqueId id{};
};

int sum_of_ones() {
  bench::launch here = bench::find_launch(bench::environment_of_process());  // who started us, and how many
  const auto processes = bench::join(here, {.deadline = std::chrono::seconds{30}});
  bench::find_local_place(here, *processes);
  int visible = 0;
  cudaGetDeviceCount(&visible);
  if (visible == 0) return std::puts("no GPU"), 5;
  cudaSetDevice(visible > 1 ? std::max(here.local_rank, 0) : 0);

  job ours;
  if (processes->rank() == 0) ncclGetUniqueId(&ours.id);
  ours = bench::gather(*processes, ours).front();
  colossus::transports::nccl rank{ours.id, processes->size(), processes->rank(), std::chrono::seconds{60}};

  constexpr std::int64_t count = 1 << 20;
  colossus::plan<colossus::algorithms::halving_doubling, float> all_reduce{rank, count};
  const std::vector<float> ones(count, 1.0f);
  float* data = nullptr;
  void* workspace = nullptr;
  cudaStream_t stream{};
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaMalloc(&data, count * sizeof(float));
  cudaMalloc(&workspace, all_reduce.workspace_bytes());
  cudaMemcpy(data, ones.data(), count * sizeof(float), cudaMemcpyHostToDevice);
  all_reduce.connect(workspace, stream);
  all_reduce.enqueue(data, data, workspace, stream);

  float found = 0;
  cudaStreamSynchronize(stream);
  rank.rethrow_async_error();
  cudaMemcpy(&found, data + count - 1, sizeof found, cudaMemcpyDeviceToHost);
  return std::printf("rank %d of %d: %g\n", rank.rank(), rank.size(), found), found == rank.size() ? 0 : 1;
}

int main() {
  try {
    return sum_of_ones();
  } catch (const colossus::error& e) {
    return std::fprintf(stderr, "%s\n", e.what()), e.exit_status();
  }
}
