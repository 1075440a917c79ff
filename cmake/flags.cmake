# SPDX-License-Identifier: Apache-2.0
# Flags of our own programs and tests; the library's targets pass none on.

add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # false alarms in std::string: https://gcc.gnu.org/PR105651
endif()
if(COLOSSUS_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()
if(COLOSSUS_SANITIZE)
  add_compile_options(-fsanitize=${COLOSSUS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${COLOSSUS_SANITIZE})
endif()
