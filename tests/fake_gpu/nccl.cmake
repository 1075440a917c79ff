# SPDX-License-Identifier: Apache-2.0
# The fake libnccl.so.2 on the fake CUDA runtime (target fake_cudart), and one of an old version. Its types are those of
# NCCL 2.28: with an older nccl.h it is not built.

if(TARGET fake_cudart AND TARGET NCCL::nccl AND NCCL_VERSION VERSION_GREATER_EQUAL 2.28)
  file(GLOB fake_nccl_sources CONFIGURE_DEPENDS nccl/*.cpp)
  list(FILTER fake_nccl_sources EXCLUDE REGEX "/old.cpp$")
  add_library(fake_nccl SHARED ${fake_nccl_sources})
  add_library(fake_nccl_old SHARED nccl/old.cpp)
  set_target_properties(fake_nccl PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fake_gpu")
  set_target_properties(fake_nccl_old PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fake_gpu/old")
  foreach(library IN ITEMS fake_nccl fake_nccl_old)
    set_target_properties(${library} PROPERTIES OUTPUT_NAME nccl SOVERSION 2)
    target_include_directories(${library} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
    target_include_directories(${library} SYSTEM PRIVATE "${NCCL_INCLUDE_DIR}" ${CUDAToolkit_INCLUDE_DIRS})
  endforeach()
  target_link_libraries(fake_nccl PRIVATE colossus::headers fake_cudart)
endif()
