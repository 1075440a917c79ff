// SPDX-License-Identifier: Apache-2.0
#pragma once

/// For functions that kernels call as well: nothing to compilers other than CUDA's.
#if defined(__CUDACC__)
#define COLOSSUS_HOST_DEVICE __host__ __device__
#else
#define COLOSSUS_HOST_DEVICE
#endif
