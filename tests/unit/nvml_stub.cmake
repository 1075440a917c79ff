# SPDX-License-Identifier: Apache-2.0
# A stand-in for libnvidia-ml.so.1: the tests that read it open it by its path.
if(TARGET unit-nvml)
  add_library(nvml_stub MODULE unit/nvml_stub.cpp)
  target_link_libraries(nvml_stub PRIVATE colossus::bench)
  foreach(test IN ITEMS unit-nvml unit-self_test)
    target_compile_definitions(${test} PRIVATE COLOSSUS_NVML_STUB="$<TARGET_FILE:nvml_stub>")
    target_link_libraries(${test} PRIVATE ${CMAKE_DL_LIBS})
    add_dependencies(${test} nvml_stub)
  endforeach()
endif()
