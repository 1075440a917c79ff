# SPDX-License-Identifier: Apache-2.0
# Flags of our own programs and tests; the library's targets pass none on.

set(warnings -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(false_alarms -Wno-restrict)  # in std::string: https://gcc.gnu.org/PR105651
endif()
add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:${warnings};${false_alarms}>")
list(JOIN false_alarms , false_alarms)
add_compile_options("$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,${false_alarms}>")
if(COLOSSUS_WARNINGS_AS_ERRORS)
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-Werror> "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Werror all-warnings>")
endif()
if(COLOSSUS_SANITIZE)
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=${COLOSSUS_SANITIZE}>
                      $<$<COMPILE_LANGUAGE:C,CXX>:-fno-sanitize-recover=all>
                      $<$<COMPILE_LANGUAGE:C,CXX>:-fno-omit-frame-pointer>)
  add_link_options(-fsanitize=${COLOSSUS_SANITIZE})
endif()
