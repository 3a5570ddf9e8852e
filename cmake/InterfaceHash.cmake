# SPDX-License-Identifier: Apache-2.0
# cmake -DHEADERS=file;... -DALSO=text -DLAYER=models -DNAME=model_library_interface -DOUTPUT=file -P InterfaceHash.cmake
#   A header with farpoint::LAYER::NAME, a hash of these headers and of `ALSO`, by which a library that is loaded at run time and the program
#   that loads it tell whether they were built from the same sources.
set(text "${ALSO}")
foreach(header IN LISTS HEADERS)
  file(SHA256 ${header} hash)
  string(APPEND text " ${hash}")
endforeach()
string(SHA256 hash "${text}")
file(WRITE ${OUTPUT} "// Made by cmake/InterfaceHash.cmake.
#pragma once

namespace farpoint::${LAYER} {

inline constexpr char ${NAME}[] = \"${hash}\";

}  // namespace farpoint::${LAYER}
")
