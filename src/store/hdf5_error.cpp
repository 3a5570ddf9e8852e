// SPDX-License-Identifier: Apache-2.0
#include "hdf5_error.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <string>

namespace farpoint::store {

namespace {

/// The innermost entry of the stack tells the cause; those above it only repeat that something failed.
herr_t take_innermost(unsigned depth, const H5E_error2_t* entry, void* cause) {
  if (depth == 0 && entry->desc != nullptr) *static_cast<std::string*>(cause) = entry->desc;
  return 0;
}

}  // namespace

void throw_hdf5_error(std::string_view action) {
  std::string cause;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, &take_innermost, &cause);
  std::replace(cause.begin(), cause.end(), '\n', ' ');
  throw Hdf5Error(fmt::format("cannot {} ({})", action, cause.empty() ? "HDF5 gives no reason" : cause));
}

void silence_hdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

}  // namespace farpoint::store
