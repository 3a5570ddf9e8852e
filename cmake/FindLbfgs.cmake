# SPDX-License-Identifier: Apache-2.0
# FindLbfgs: libLBFGS, limited-memory BFGS in C (Debian's liblbfgs-dev; MIT licence). Gives Lbfgs::lbfgs.
find_path(Lbfgs_INCLUDE_DIR lbfgs.h)
find_library(Lbfgs_LIBRARY lbfgs)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Lbfgs REQUIRED_VARS Lbfgs_LIBRARY Lbfgs_INCLUDE_DIR)
if(Lbfgs_FOUND AND NOT TARGET Lbfgs::lbfgs)
  add_library(Lbfgs::lbfgs UNKNOWN IMPORTED)
  set_target_properties(Lbfgs::lbfgs PROPERTIES IMPORTED_LOCATION "${Lbfgs_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Lbfgs_INCLUDE_DIR}")
endif()
mark_as_advanced(Lbfgs_INCLUDE_DIR Lbfgs_LIBRARY)
