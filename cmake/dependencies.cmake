# SPDX-License-Identifier: Apache-2.0
# Looks for what is wanted and says in one line each what is not there. The setup scripts read the same names from the
# file `missing` in the build directory.

find_package(Threads REQUIRED)

set(missing "")

# Says that `name` is not there and what is left out; an error where the user asked for it.
function(colossus_missing name consequence)
  if("${COLOSSUS_${name}}" STREQUAL "ON")
    message(FATAL_ERROR " colossus: ${name} was asked for (COLOSSUS_${name}=ON) and was not found: install it, or name its place in CMAKE_PREFIX_PATH")
  endif()
  message(STATUS "colossus: ${name} was not found: ${consequence}")
  set(missing ${missing} ${name} PARENT_SCOPE)
endfunction()

if(COLOSSUS_BUILD_TESTS)
  find_package(GTest QUIET)
  if(NOT TARGET GTest::gtest_main)
    colossus_missing(GoogleTest "no tests")
  endif()
endif()

if(COLOSSUS_BUILD_BENCH)
  find_package(benchmark QUIET)
  find_package(CLI11 QUIET)
  foreach(name IN ITEMS benchmark CLI11)
    if(NOT ${name}_FOUND)
      colossus_missing(${name} "no benchmarks, no tools")
    endif()
  endforeach()
endif()

if(COLOSSUS_BUILD_BENCH OR COLOSSUS_BUILD_TESTS)
  find_package(nlohmann_json QUIET)
  if(NOT nlohmann_json_FOUND)
    colossus_missing(nlohmann_json "no topology files, no benchmarks, no tools")
  endif()
endif()

# Whether there is a compiler wrapper that knows of folders that are not there, as Debian's openmpi-bin has it without
# libopenmpi-dev: FindMPI stops at it instead of finding nothing.
function(colossus_broken_mpi result)
  set(${result} FALSE PARENT_SCOPE)
  find_program(MPI_CXX_COMPILER NAMES mpicxx HINTS ${MPI_HOME} ENV MPI_HOME ENV I_MPI_ROOT PATH_SUFFIXES bin)
  if(MPI_CXX_COMPILER)
    execute_process(COMMAND "${MPI_CXX_COMPILER}" --showme:incdirs OUTPUT_VARIABLE folders RESULT_VARIABLE status ERROR_QUIET)
    string(REGEX MATCHALL "[^ \n]+" folders "${folders}")
    foreach(folder IN LISTS folders)
      if(status EQUAL 0 AND NOT IS_DIRECTORY "${folder}")
        set(${result} TRUE PARENT_SCOPE)
      endif()
    endforeach()
  endif()
endfunction()

if(COLOSSUS_MPI)
  set(MPI_CXX_SKIP_MPICXX TRUE)  # the C++ bindings that MPI gave up in 2012
  colossus_broken_mpi(broken)
  if(NOT broken)
    find_package(MPI QUIET COMPONENTS CXX)
  endif()
  if(NOT MPI_CXX_FOUND)
    colossus_missing(MPI "no MPI transport")
  endif()
endif()

# CUDA for whoever includes us is the toolkit's libraries; its compiler is wanted for our own programs and tests alone.
if(COLOSSUS_CUDA)
  if(NOT DEFINED CUDAToolkit_ROOT AND DEFINED ENV{CUDA_HOME})
    set(CUDAToolkit_ROOT "$ENV{CUDA_HOME}")
  endif()
  find_package(CUDAToolkit 12.0 QUIET)
  if(NOT CUDAToolkit_FOUND)
    colossus_missing(CUDA "no CUDA transport (12.0 at least is needed)")
  elseif(PROJECT_IS_TOP_LEVEL)
    include(cmake/cuda.cmake)
  endif()
endif()

if(COLOSSUS_NCCL)
  list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
  find_package(NCCL 2.18 QUIET)
  if(NOT NCCL_FOUND OR NOT CUDAToolkit_FOUND)
    colossus_missing(NCCL "no NCCL transport (2.18 at least is needed, with CUDA)")
  endif()
endif()

if(PROJECT_IS_TOP_LEVEL)
  list(JOIN missing "\n" missing_lines)
  file(WRITE "${PROJECT_BINARY_DIR}/missing" "${missing_lines}\n")
endif()
