// SPDX-License-Identifier: Apache-2.0
// A program that has a stream of its own: a kernel, an all-reduce of ours and another kernel, captured once, replayed.
#include <colossus/transports/nccl.cuh>

#include <cstdio>

__global__ void scale(float* data, float by) { data[blockIdx.x * blockDim.x + threadIdx.x] *= by; }

int main() {
  const std::vector<float> ones(4096, 1.0f);
  float *data = nullptr, *workspace = nullptr, found = 0;
  ncclComm_t theirs{};  // your communicator, of any number of ranks: here of one
  cudaStream_t stream{};
  cudaGraph_t graph{};
  cudaGraphExec_t ready{};
  if (ncclCommInitAll(&theirs, 1, nullptr) != ncclSuccess) return std::puts("no GPU for NCCL"), 5;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaMalloc(&data, ones.size() * sizeof(float));
  cudaMemcpy(data, ones.data(), ones.size() * sizeof(float), cudaMemcpyHostToDevice);
  colossus::transports::nccl rank{theirs};  // borrows it
  colossus::plan<colossus::algorithms::ring, float> all_reduce{rank, 4096};
  cudaMalloc(&workspace, all_reduce.workspace_bytes());
  all_reduce.connect(workspace, stream);  // before the capture: nothing may be connected inside
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
  scale<<<16, 256, 0, stream>>>(data, 2.0f);
  all_reduce.enqueue(data, data, workspace, stream);
  scale<<<16, 256, 0, stream>>>(data, 1.5f);
  cudaStreamEndCapture(stream, &graph);
  cudaGraphInstantiate(&ready, graph, 0);
  for (int i = 0; i < 3; ++i) cudaGraphLaunch(ready, stream);
  cudaMemcpyAsync(&found, data, sizeof found, cudaMemcpyDeviceToHost, stream);
  cudaStreamSynchronize(stream);
  return std::printf("3 replays: %g (27 is right)\n", found), found == 27 ? 0 : 1;
}
