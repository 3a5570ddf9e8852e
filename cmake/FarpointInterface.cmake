# SPDX-License-Identifier: Apache-2.0

# farpoint_interface(NAME LAYER layer HEADERS file ... ALSO text)
#   For a library that is loaded at run time: what links farpoint_NAME can include NAME.hpp, which has
#   farpoint::LAYER::NAME, a hash of the headers and of `text`. By it the library and the program that loads it tell
#   whether they were built from the same sources.
function(farpoint_interface name)
  cmake_parse_arguments(arg "" "LAYER;ALSO" "HEADERS" ${ARGN})
  set(script ${PROJECT_SOURCE_DIR}/cmake/InterfaceHash.cmake)
  set(hash ${CMAKE_CURRENT_BINARY_DIR}/generated/${name}.hpp)
  add_custom_command(
    OUTPUT ${hash}
    COMMAND ${CMAKE_COMMAND} "-DHEADERS=${arg_HEADERS}" "-DALSO=${arg_ALSO}" -DLAYER=${arg_LAYER} -DNAME=${name}
            -DOUTPUT=${hash} -P ${script}
    DEPENDS ${arg_HEADERS} ${script}
    VERBATIM)
  add_custom_target(farpoint_${name}_header DEPENDS ${hash})
  add_library(farpoint_${name} INTERFACE)
  target_include_directories(farpoint_${name} INTERFACE ${CMAKE_CURRENT_BINARY_DIR}/generated)
  add_dependencies(farpoint_${name} farpoint_${name}_header)
endfunction()
