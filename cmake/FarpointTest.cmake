# SPDX-License-Identifier: Apache-2.0

option(FARPOINT_UNITY_TESTS "Compile a test program's sources as one, which reads the headers once; one changed file then takes longer" OFF)

# All programs of tests with the label `unit`.
add_custom_target(unit_tests)

# farpoint_test(NAME SOURCES file ... [USES layer ...] [LIBRARIES lib ...] [RANKS n ...] [TIMEOUT seconds] [SEPARATE])
#   Builds tests/NAME and registers it with ctest. Without RANKS it runs once as a plain process. With RANKS the same
#   program runs once for each count n under the MPI launcher, labelled `ranks-n` (a count of 1 also goes through the
#   launcher). All tests have a timeout, so that a hang is a failure.
#   SEPARATE: sources that use the same names for different things, and are never compiled as one.
function(farpoint_test name)
  cmake_parse_arguments(arg "SEPARATE" "TIMEOUT" "SOURCES;USES;LIBRARIES;RANKS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "farpoint_test(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  if(FARPOINT_UNITY_TESTS AND NOT arg_SEPARATE)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  endif()
  list(TRANSFORM arg_USES PREPEND farpoint_)
  if(arg_RANKS)
    # The test main starts MPI and joins the ranks' results: a failure on any rank is a failure.
    target_link_libraries(${name} PRIVATE farpoint_test_main_mpi)
  else()
    target_link_libraries(${name} PRIVATE GTest::gtest_main)
  endif()
  target_link_libraries(${name} PRIVATE farpoint_flags ${arg_USES} ${arg_LIBRARIES} GTest::gmock rapidcheck)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  if(arg_RANKS AND FARPOINT_MPI)
    foreach(ranks IN LISTS arg_RANKS)
      add_test(NAME ${name}.${ranks} COMMAND ${PROJECT_SOURCE_DIR}/tests/mpirun.sh ${ranks} $<TARGET_FILE:${name}>)
      set_tests_properties(${name}.${ranks} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "mpi;ranks-${ranks}")
    endforeach()
  else()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "unit")
    add_dependencies(unit_tests ${name})
  endif()
endfunction()
