# SPDX-License-Identifier: Apache-2.0
# results/reference against the simulator of today: a test for each file that it made, by its command in
# results/README.md, and one for the rest.
if(NOT TARGET colossus-simulate)
  colossus_skipped_test(reference/rows "without colossus-simulate")
  return()
endif()
colossus_test(reference/reference LIBRARIES colossus::bench LABELS slow)
add_dependencies(reference-reference colossus-simulate)
target_compile_definitions(reference-reference PRIVATE COLOSSUS_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
set_tests_properties(reference/reference PROPERTIES ENVIRONMENT "GTEST_FILTER=-reference/made_again.*")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/results/README.md")
file(STRINGS "${PROJECT_SOURCE_DIR}/results/README.md" files REGEX "^. `reference/[^`]*.csv` .*`colossus-simulate ")
foreach(file IN LISTS files)
  string(REGEX REPLACE "^. `reference/([^`]*)\\.csv`.*$" "\\1" name "${file}")
  string(REPLACE "-" "_" word "${name}")
  add_test(NAME reference/${name} COMMAND reference-reference --gtest_filter=reference/made_again.*/${word})
  set_tests_properties(reference/${name} PROPERTIES TIMEOUT 300 LABELS "reference;slow")
endforeach()
