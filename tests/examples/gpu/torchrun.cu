// SPDX-License-Identifier: Apache-2.0
// One process a GPU, started by torchrun, Slurm or mpirun: torchrun --no-python --nproc-per-node=8 ./torchrun
#include <colossus/bench/cuda_ready.hpp>
#include <colossus/bench/devices_of.hpp>
#include <colossus/bench/join.hpp>
#include <colossus/bench/nccl_world.hpp>
#include <colossus/transports/nccl.cuh>

#include <cstdio>

int main() try {
  namespace bench = colossus::bench;
  bench::launch here = bench::find_launch(bench::environment_of_process());  // who started us, and how many
  const auto processes = bench::join(here, {.deadline = std::chrono::seconds{30}});
  bench::find_local_place(here, *processes);
  const auto devices = bench::devices_of(here, bench::expect_cuda(), 1);
  bench::choose_device(devices);
  auto ranks = bench::form_nccl_world(*processes, devices, std::chrono::seconds{20});  // or says who is missing
  auto& rank = ranks.front();
  const std::vector<float> ones(1 << 20, 1.0f);
  float *data = nullptr, *workspace = nullptr, found = 0;
  colossus::plan<colossus::algorithms::halving_doubling, float> all_reduce{rank, 1 << 20};
  cudaMalloc(&data, ones.size() * sizeof(float));
  cudaMalloc(&workspace, all_reduce.workspace_bytes());
  cudaMemcpy(data, ones.data(), ones.size() * sizeof(float), cudaMemcpyHostToDevice);
  all_reduce.connect(workspace, nullptr);  // the null stream: any other will do
  all_reduce.enqueue(data, data, workspace, nullptr);
  cudaStreamSynchronize(nullptr);
  rank.rethrow_async_error();
  cudaMemcpy(&found, data, sizeof found, cudaMemcpyDeviceToHost);
  return std::printf("rank %d of %d: %g\n", here.rank, here.size, found), found == here.size ? 0 : 1;
} catch (const colossus::error& e) {
  return std::fprintf(stderr, "%s\n", e.what()), e.exit_status();
}
