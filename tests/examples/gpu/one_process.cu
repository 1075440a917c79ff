// SPDX-License-Identifier: Apache-2.0
// One process, all GPUs: sums a vector over them with our ring.
#include <colossus/transports/nccl.cuh>

#include <cstdio>

int main() {
  const std::vector<float> ones(1 << 20, 1.0f);
  std::vector<float> sums(ones.size());
  int gpus = 0;
  cudaGetDeviceCount(&gpus);
  std::vector<ncclComm_t> comms(gpus);
  if (gpus == 0 || ncclCommInitAll(comms.data(), gpus, nullptr) != ncclSuccess) return std::puts("no GPUs for NCCL"), 5;
  std::vector<colossus::transports::nccl> ranks(comms.begin(), comms.end());  // they stay yours
  std::vector<colossus::plan<colossus::algorithms::ring, float>> plans;       // or double_tree, hierarchical<>, ...
  for (auto& rank : ranks) plans.emplace_back(rank, ones.size());
  std::vector<colossus::transports::nccl_call> calls;
  for (int g = 0; g < gpus; ++g) {
    float *data = nullptr, *workspace = nullptr;
    cudaStream_t stream{};
    cudaSetDevice(g);
    cudaStreamCreate(&stream);
    cudaMalloc(&data, ones.size() * sizeof(float));
    cudaMalloc(&workspace, plans[g].workspace_bytes());
    cudaMemcpy(data, ones.data(), ones.size() * sizeof(float), cudaMemcpyHostToDevice);
    calls.push_back(plans[g].call(data, data, workspace, stream));  // in place
  }
  colossus::transports::connect(calls);  // once: every pair that the plans use
  colossus::transports::enqueue(calls);  // as often as wanted; all GPUs of this process in one call
  for (const auto& call : calls) {
    cudaStreamSynchronize(call.stream);
    cudaMemcpy(sums.data(), call.out, sums.size() * sizeof(float), cudaMemcpyDeviceToHost);
    if (sums != std::vector<float>(sums.size(), gpus)) return std::puts("a sum is wrong"), 1;
  }
  return std::printf("%d GPUs: all sums are right\n", gpus), 0;
}
