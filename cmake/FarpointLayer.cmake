# SPDX-License-Identifier: Apache-2.0

# farpoint_layer(NAME SOURCES ... [USES layer ...] [LIBRARIES lib ...])
#   One static library `farpoint_NAME`. USES names the layers whose headers it may include (public);
#   LIBRARIES are third-party and private. What a public header needs (fmt, Boost.Serialization) is linked by hand.
function(farpoint_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "farpoint_layer(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  add_library(farpoint_${name} STATIC ${arg_SOURCES})
  list(TRANSFORM arg_USES PREPEND farpoint_)
  target_link_libraries(farpoint_${name} PUBLIC farpoint_flags ${arg_USES} PRIVATE ${arg_LIBRARIES})
endfunction()
