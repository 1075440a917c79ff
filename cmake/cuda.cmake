# SPDX-License-Identifier: Apache-2.0
# nvcc for our own programs and tests: C++20, which CMake below 3.25.2 does not know of, and the architectures that this
# nvcc has. Needs CUDAToolkit.

include(CheckLanguage)

# By the environment, since check_language tries no compiler that is named already: one that is there may still not work
# with this g++, and that is no reason to build nothing.
if(NOT DEFINED CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX} AND CUDAToolkit_NVCC_EXECUTABLE)
  set(ENV{CUDACXX} "${CUDAToolkit_NVCC_EXECUTABLE}")
endif()

# Ampere, Hopper and Blackwell, as far as this nvcc knows them; the last one as PTX too, for what comes after.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES AND CUDAToolkit_NVCC_EXECUTABLE)
  execute_process(COMMAND "${CUDAToolkit_NVCC_EXECUTABLE}" --list-gpu-arch OUTPUT_VARIABLE known ERROR_QUIET)
  set(architectures "")
  foreach(one IN ITEMS 80 90 100)
    if("${known}" MATCHES "compute_${one}\n")
      list(APPEND architectures ${one})
    endif()
  endforeach()
  list(TRANSFORM architectures APPEND "-real")
  string(REGEX REPLACE "-real$" "" architectures "${architectures}")
  set(CMAKE_CUDA_ARCHITECTURES "${architectures}" CACHE STRING "GPU architectures to build for")
endif()

check_language(CUDA)
if(CMAKE_CUDA_COMPILER)
  enable_language(CUDA)
  if(NOT "cuda_std_20" IN_LIST CMAKE_CUDA_COMPILE_FEATURES)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)
else()
  colossus_missing(CUDA "no program for GPUs (no nvcc that works with this compiler: CUDACXX names one, CUDAHOSTCXX its g++)")
endif()
