# SPDX-License-Identifier: Apache-2.0
# The report, written as a user writes it and opened in a browser. What is missing for that skips its tests by name.
find_program(COLOSSUS_PYTHON NAMES python3)
foreach(test IN ITEMS page files)
  if(COLOSSUS_PYTHON)
    add_test(NAME report/${test} COMMAND ${COLOSSUS_PYTHON} "${CMAKE_CURRENT_LIST_DIR}/${test}.py")
    set_tests_properties(report/${test} PROPERTIES LABELS report SKIP_REGULAR_EXPRESSION "skipped: " TIMEOUT 300
                         ENVIRONMENT "COLOSSUS_PROGRAMS=${PROJECT_BINARY_DIR}/bin;PYTHONDONTWRITEBYTECODE=1")
  else()
    colossus_skipped_test(report/${test} "without python3")
  endif()
endforeach()
