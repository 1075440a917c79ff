// SPDX-License-Identifier: Apache-2.0
// One process, all GPUs: sums a vector over them with our ring. nvcc -std=c++20 --expt-relaxed-constexpr ... -lnccl
#include <colossus/transports/nccl.cuh>

#include <cstdio>

int main() {
  constexpr std::int64_t count = 1 << 20;
  int gpus = 0;
  if (cudaGetDeviceCount(&gpus) != cudaSuccess || gpus == 0) return std::puts("no GPU"), 5;
  std::vector<ncclComm_t> comms(gpus);
  if (ncclCommInitAll(comms.data(), gpus, nullptr) != ncclSuccess) return std::puts("no communicator"), 4;

  using all_reduce = colossus::plan<colossus::algorithms::ring, float>;       // or double_tree, hierarchical<>, ...
  std::vector<colossus::transports::nccl> ranks(comms.begin(), comms.end());  // they stay yours
  std::vector<all_reduce> plans;
  std::vector<colossus::transports::nccl_call> calls;
  for (int g = 0; g < gpus; ++g) plans.emplace_back(ranks[g], count);
  for (int g = 0; g < gpus; ++g) {
    cudaSetDevice(g);
    float* data = nullptr;
    void* workspace = nullptr;
    cudaStream_t stream{};
    cudaMalloc(&data, count * sizeof(float));
    cudaMalloc(&workspace, plans[g].workspace_bytes());
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    const std::vector<float> ones(count, 1.0f);
    cudaMemcpy(data, ones.data(), count * sizeof(float), cudaMemcpyHostToDevice);
    calls.push_back(plans[g].call(data, data, workspace, stream));  // in place
  }
  colossus::transports::connect(calls);  // once: every pair that the plans use
  colossus::transports::enqueue(calls);  // as often as wanted; all GPUs of this process in one call

  float found = 0;
  for (int g = 0; g < gpus; ++g) {
    cudaSetDevice(g);
    cudaStreamSynchronize(calls[g].stream);
    cudaMemcpy(&found, static_cast<float*>(calls[g].out) + count - 1, sizeof found, cudaMemcpyDeviceToHost);
    if (found != static_cast<float>(gpus)) return std::printf("GPU %d: %g instead of %d\n", g, found, gpus), 1;
  }
  return std::printf("%d GPUs: all sums are right\n", gpus), 0;
}
