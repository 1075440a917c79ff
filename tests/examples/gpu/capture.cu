// SPDX-License-Identifier: Apache-2.0
// A program that has streams of its own: a kernel, an all-reduce of ours and another kernel, captured once, replayed.
#include <colossus/transports/nccl.cuh>

#include <cstdio>

__global__ void scale(float* data, std::int64_t count, float by) {
  const std::int64_t i = blockIdx.x * std::int64_t{blockDim.x} + threadIdx.x;
  if (i < count) data[i] *= by;
}

int main() {
  constexpr std::int64_t count = 4096;
  constexpr int replays = 3;
  ncclComm_t theirs{};  // your communicator, of any number of ranks: here of one
  const int device = 0;
  if (cudaSetDevice(device) != cudaSuccess) return std::puts("no GPU"), 5;
  if (ncclCommInitAll(&theirs, 1, &device) != ncclSuccess) return std::puts("no communicator"), 4;
  cudaStream_t stream{};
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  const std::vector<float> ones(count, 1.0f);
  float* data = nullptr;
  cudaMalloc(&data, count * sizeof(float));
  cudaMemcpy(data, ones.data(), count * sizeof(float), cudaMemcpyHostToDevice);

  colossus::transports::nccl rank{theirs};  // borrows it
  colossus::plan<colossus::algorithms::ring, float> all_reduce{rank, count};
  void* workspace = nullptr;
  cudaMalloc(&workspace, all_reduce.workspace_bytes() + 16);
  all_reduce.connect(workspace, stream);  // before the capture: nothing may be connected inside

  cudaGraph_t graph{};
  cudaGraphExec_t ready{};
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
  scale<<<count / 256, 256, 0, stream>>>(data, count, 2.0f);
  all_reduce.enqueue(data, data, workspace, stream);
  scale<<<count / 256, 256, 0, stream>>>(data, count, 0.5f * 3);
  cudaStreamEndCapture(stream, &graph);
  cudaGraphInstantiate(&ready, graph, 0);
  for (int i = 0; i < replays; ++i) cudaGraphLaunch(ready, stream);

  float found = 0;
  cudaStreamSynchronize(stream);
  cudaMemcpy(&found, data, sizeof found, cudaMemcpyDeviceToHost);
  return std::printf("%d replays: %g (27 is right)\n", replays, found), found == 27 ? 0 : 1;
}
