# SPDX-License-Identifier: Apache-2.0
# The install tree is the same on every machine: headers, topologies, and a package whose parts beyond colossus::headers
# exist for those who name them: find_package(colossus COMPONENTS topologies mpi nccl bench bench_mpi bench_nccl).

include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/colossus")
foreach(name IN ITEMS headers topologies mpi nccl bench bench_mpi bench_nccl)
  install(TARGETS colossus_${name} EXPORT colossus-${name} FILE_SET HEADERS FILE_SET kernels)
  install(EXPORT colossus-${name} NAMESPACE colossus:: DESTINATION ${package_dir})
endforeach()
install(DIRECTORY topologies DESTINATION "${CMAKE_INSTALL_DATADIR}/colossus" FILES_MATCHING PATTERN *.json)

configure_package_config_file(cmake/colossus-config.cmake.in "${PROJECT_BINARY_DIR}/colossus-config.cmake"
                              INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/colossus-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/colossus-config.cmake" "${PROJECT_BINARY_DIR}/colossus-config-version.cmake"
              cmake/FindNCCL.cmake DESTINATION ${package_dir})
