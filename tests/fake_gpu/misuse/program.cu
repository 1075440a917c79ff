// SPDX-License-Identifier: Apache-2.0
// Small programs for the fake CUDA runtime: `program NAME` runs one of them. The first are correct; each other makes
// one mistake. Exit status 0: it came to its end and its data was right; 1: wrong data; 3: an error of the runtime.
#include "program.cuh"

#include <cstdio>
#include <cstring>

namespace misuse {
namespace {

void expect(cudaError_t error, cudaError_t wanted, const char* what) {
  if (error == wanted) return;
  std::printf("%s gives %s instead of %s\n", what, cudaGetErrorName(error), cudaGetErrorName(wanted));
  std::exit(3);
}

}  // namespace

void check(cudaError_t error, const char* what) { expect(error, cudaSuccess, what); }
void refused(cudaError_t error, cudaError_t wanted, const char* what) { expect(error, wanted, what); }

}  // namespace misuse

int main(int argc, char** argv) {
  for (const misuse::named& one : misuse::programs()) {
    if (argc == 2 && std::strcmp(argv[1], one.name) == 0) return one.run() ? 0 : 1;
  }
  for (const misuse::named& one : misuse::programs()) std::printf("%s\n", one.name);
  return 2;
}
