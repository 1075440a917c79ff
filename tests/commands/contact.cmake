# SPDX-License-Identifier: Apache-2.0
# commands/contact: the self-test, pairs and first_contact, on the fakes and without a driver.
if(TARGET colossus-nccl)
  add_library(faulty_nccl MODULE commands/faulty_nccl.cpp)
  target_link_libraries(faulty_nccl PRIVATE colossus::nccl ${CMAKE_DL_LIBS})
  set_target_properties(faulty_nccl PROPERTIES PREFIX "" SKIP_BUILD_RPATH ON)
  colossus_test(commands/contact LABELS slow)
  target_compile_definitions(commands-contact PRIVATE "COLOSSUS_FAULTY_NCCL=\"$<TARGET_FILE:faulty_nccl>\""
                             "COLOSSUS_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  add_dependencies(commands-contact colossus-nccl faulty_nccl)
  if(TARGET fake_nccl)
    add_dependencies(commands-contact fake_nccl)
    set_property(TEST commands/contact APPEND PROPERTY LABELS fake_gpu)
    colossus_label_target(commands-contact fake_gpu)
  endif()
endif()
