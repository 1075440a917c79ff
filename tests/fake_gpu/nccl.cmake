# SPDX-License-Identifier: Apache-2.0
# The fake libnccl.so.2 on the fake CUDA runtime, one of an old version, and what is tested with them: the fake itself,
# the transport, and mistakes in the transport. Its types are those of NCCL 2.28.

if(NOT TARGET fake_cudart OR NOT TARGET NCCL::nccl OR NCCL_VERSION VERSION_LESS 2.28)
  foreach(test IN ITEMS nccl transport mistakes)
    colossus_skipped_test(fake_gpu/${test} "without CUDA and NCCL 2.28")
  endforeach()
  return()
endif()

file(GLOB fake_nccl_sources CONFIGURE_DEPENDS nccl/*.cpp)
list(FILTER fake_nccl_sources EXCLUDE REGEX "/old.cpp$")
add_library(fake_nccl SHARED ${fake_nccl_sources})
add_library(fake_nccl_old SHARED nccl/old.cpp)
set_target_properties(fake_nccl PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${fake_gpu_folder}")
set_target_properties(fake_nccl_old PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${fake_gpu_folder}/old")
foreach(library IN ITEMS fake_nccl fake_nccl_old)
  set_target_properties(${library} PROPERTIES OUTPUT_NAME nccl SOVERSION 2)
  target_include_directories(${library} SYSTEM PRIVATE "${NCCL_INCLUDE_DIR}" ${CUDAToolkit_INCLUDE_DIRS})
  colossus_label_target(${library} fake_gpu)
endforeach()
target_link_libraries(fake_nccl PRIVATE colossus::headers fake_cudart)

# Many ranks on two cores: short delays between operations, and little patience with those that wait in vain.
set(fake_nccl_environment ${fake_gpu_environment} FAKE_GPU_DEVICES=8 FAKE_GPU_DELAY_US=20 FAKE_GPU_DEADLOCK_MS=2000)

fake_gpu_test(nccl SOURCES nccl.test.cpp nccl_findings.test.cpp LIBRARIES colossus::bench_nccl ENVIRONMENT ${fake_nccl_environment})
fake_gpu_program(fake_gpu-nccl)
add_dependencies(fake_gpu-nccl fake_nccl)

if(TARGET nccl-kernels)
  fake_gpu_test(transport SOURCES transport.test.cpp $<TARGET_OBJECTS:nccl-kernels> LIBRARIES colossus::bench_nccl
                DEFINITIONS COLOSSUS_TEST_KERNELS ENVIRONMENT ${fake_nccl_environment} TIMEOUT 300)
  fake_gpu_program(fake_gpu-transport)
  add_dependencies(fake_gpu-transport fake_nccl)
  # The very program on the real libraries.
  add_test(NAME gpu/transport COMMAND fake_gpu-transport)
  set_tests_properties(gpu/transport PROPERTIES LABELS gpu TIMEOUT 300
    SKIP_REGULAR_EXPRESSION "needs [0-9]+ GPUs, finds 0"
    ENVIRONMENT "LD_LIBRARY_PATH=$<TARGET_FILE_DIR:CUDA::cudart>:$<TARGET_FILE_DIR:NCCL::nccl>:$ENV{LD_LIBRARY_PATH}")
else()
  colossus_skipped_test(fake_gpu/transport "without colossus-nccl's kernels")
endif()

find_package(Python3 COMPONENTS Interpreter QUIET)
if(Python3_FOUND)
  list(JOIN CUDAToolkit_INCLUDE_DIRS ":" toolkit)
  add_test(NAME fake_gpu/mistakes
           COMMAND Python3::Interpreter "${CMAKE_CURRENT_SOURCE_DIR}/mistakes/run" "${fake_gpu_folder}")
  set_tests_properties(fake_gpu/mistakes PROPERTIES LABELS "fake_gpu;slow" TIMEOUT 900 PROCESSORS 2
    ENVIRONMENT "CXX=${CMAKE_CXX_COMPILER};CUDA_INCLUDE=${toolkit};NCCL_INCLUDE=${NCCL_INCLUDE_DIR}")
else()
  colossus_skipped_test(fake_gpu/mistakes "without Python")
endif()
