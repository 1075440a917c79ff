# SPDX-License-Identifier: Apache-2.0
# How a test is registered: one line in CMakeLists.txt beside this file. The folder is a label: ctest -L unit. Two more
# mean something: `threads` is built and run under the thread sanitizer by .ci/run, `slow` under no sanitizer.
# Building the target tests-<label> builds the tests of that label; tests-quick, all that are not slow.

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin/tests")

# The executable of tests/<test>.test.cpp.
function(colossus_test_executable target test libraries labels)
  add_executable(${target} ${test}.test.cpp)
  target_link_libraries(${target} PRIVATE colossus::headers ${libraries} GTest::gtest_main)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  if(NOT "conformance" IN_LIST labels)  # these take the compiler far longer than they take to run
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  colossus_label_target(${target} ${labels})
  if(NOT "slow" IN_LIST labels)
    colossus_label_target(${target} quick)
  endif()
endfunction()

# Makes `target` a part of tests-<label> for each label.
function(colossus_label_target target)
  foreach(label IN LISTS ARGN)
    if(NOT TARGET tests-${label})
      add_custom_target(tests-${label})
    endif()
    add_dependencies(tests-${label} ${target})
  endforeach()
endfunction()

# A test that cannot run here: ctest lists it by name as skipped.
function(colossus_skipped_test test why)
  add_test(NAME ${test} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${why}")
  set_tests_properties(${test} PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: ")
endfunction()

# Those of `ARGN` that are no targets here.
function(colossus_absent result)
  set(absent ${ARGN})
  foreach(library IN LISTS ARGN)
    if(TARGET ${library})
      list(REMOVE_ITEM absent ${library})
    endif()
  endforeach()
  set(${result} ${absent} PARENT_SCOPE)
endfunction()

# colossus_test(unit/partition [LIBRARIES target...] [LABELS label...] [TIMEOUT seconds=300]): a GoogleTest executable.
function(colossus_test test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LIBRARIES;LABELS")
  colossus_absent(absent ${arg_LIBRARIES})
  if(absent)
    colossus_skipped_test(${test} "without ${absent}")
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  string(REPLACE "/" "-" target ${test})
  string(REGEX REPLACE "/.*" "" kind ${test})
  set(labels ${kind} ${arg_LABELS})
  colossus_test_executable(${target} ${test} "${arg_LIBRARIES}" "${labels}")
  add_test(NAME ${test} COMMAND ${target})
  set_tests_properties(${test} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${labels}")
  if("threads" IN_LIST labels)
    set_tests_properties(${test} PROPERTIES PROCESSORS 2)
  endif()
endfunction()

# colossus_mpi_test(conformance/mpi RANKS 1 2 4 ... [as above]): the same under mpirun, once for each number of processes.
function(colossus_mpi_test test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "RANKS;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  string(REPLACE "/" "-" target ${test})
  string(REGEX REPLACE "/.*" "" kind ${test})
  set(labels ${kind} mpi ${arg_LABELS})
  set(libraries colossus::mpi ${arg_LIBRARIES})
  colossus_absent(absent ${libraries})
  if(NOT absent)
    colossus_test_executable(${target} ${test} "${libraries}" "${labels}")
  endif()
  foreach(ranks IN LISTS arg_RANKS)
    if(absent)
      colossus_skipped_test(${test}.${ranks} "without ${absent}")
      continue()
    endif()
    add_test(NAME ${test}.${ranks} COMMAND ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${ranks}
             ${MPIEXEC_PREFLAGS} $<TARGET_FILE:${target}> ${MPIEXEC_POSTFLAGS})
    set_tests_properties(${test}.${ranks} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${labels}" PROCESSORS ${ranks}
                         ENVIRONMENT "${mpi_test_environment}")
  endforeach()
endfunction()

# As root, in a container, with more processes than cores: by environment, so that other MPIs do not mind.
# Sanitizers: what Open MPI itself leaks is not ours.
set(mpi_test_environment
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
    OMPI_MCA_btl_vader_single_copy_mechanism=none
    PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
    ASAN_OPTIONS=detect_leaks=0)

# colossus_static_test(static/ring): static_asserts; compiling is passing. Proofs in the compiler need more steps than
# compilers allow by default.
function(colossus_static_test test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES")
  string(REPLACE "/" "-" target ${test})
  add_library(${target} OBJECT ${test}.test.cpp)
  target_link_libraries(${target} PRIVATE colossus::headers ${arg_LIBRARIES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  colossus_label_target(${target} static)
  target_compile_options(${target} PRIVATE
    $<$<CXX_COMPILER_ID:GNU>:-fconstexpr-ops-limit=4000000000;-fconstexpr-loop-limit=10000000>
    $<$<CXX_COMPILER_ID:Clang,AppleClang>:-fconstexpr-steps=2000000000>)
endfunction()

# colossus_compile_fail(compile_fail/schedule): each wrong program of tests/<test>.fail.cpp must be refused with the
# text beside it, and the file without any of them must compile. A section begins with
#   #if defined(NAME)  // error: text that the compiler's message contains        (or #elif)
function(colossus_compile_fail test)
  set(source "${CMAKE_CURRENT_SOURCE_DIR}/${test}.fail.cpp")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(STRINGS "${source}" sections REGEX "^#(el)?if defined\\([A-Za-z0-9_]+\\) +// error: ")
  foreach(section IN ITEMS "" ${sections})
    string(REGEX REPLACE "^#[a-z]+ defined\\(([A-Za-z0-9_]+)\\) +// error: (.*)$" "\\1" name "${section}")
    string(REGEX REPLACE "^#[a-z]+ defined\\(([A-Za-z0-9_]+)\\) +// error: (.*)$" "\\2" text "${section}")
    if(name STREQUAL "")
      set(name compiles)
    endif()
    add_test(NAME ${test}.${name} COMMAND ${CMAKE_COMMAND} "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DSOURCE=${source}"
             "-DINCLUDE=${PROJECT_SOURCE_DIR}/include" "-DSECTION=${name}" "-DTEXT=${text}"
             -P "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check.cmake")
    set_tests_properties(${test}.${name} PROPERTIES LABELS compile_fail)
  endforeach()
endfunction()
