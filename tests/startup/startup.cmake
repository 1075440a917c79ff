# SPDX-License-Identifier: Apache-2.0
# How programs for GPUs start: what they say where something is amiss, and how their processes find each other. No
# device is needed. `slow`: the tests preload libraries into other programs, which sanitizers do not bear.
if(TARGET colossus-nccl)
  add_library(startup-pretend_cuda MODULE startup/stubs/pretend_cuda.cpp)
  set_target_properties(startup-pretend_cuda PROPERTIES PREFIX "" OUTPUT_NAME pretend_cuda
                        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  target_include_directories(startup-pretend_cuda SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
  target_link_libraries(startup-pretend_cuda PRIVATE ${CMAKE_DL_LIBS})
  colossus_test(startup/startup LABELS cuda slow)
  target_link_libraries(startup-startup PRIVATE ${CMAKE_DL_LIBS})
  add_dependencies(startup-startup colossus-nccl startup-pretend_cuda)
  if(TARGET fake_nccl_old)
    add_dependencies(startup-startup fake_nccl_old)
  endif()
else()
  colossus_skipped_test(startup/startup "without colossus-nccl")
endif()

if(TARGET mpi-processes AND TARGET colossus::bench)
  add_executable(startup-member startup/member.cpp)
  target_link_libraries(startup-member PRIVATE colossus::bench ${CMAKE_DL_LIBS})
  colossus_test(startup/mpirun LABELS cuda slow)
  add_dependencies(startup-mpirun startup-member mpi-processes)
else()
  colossus_skipped_test(startup/mpirun "without MPI or its module")
endif()
