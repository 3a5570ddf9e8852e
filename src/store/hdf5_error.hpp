// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string_view>

namespace farpoint::store {

/// A call that HDF5 refused, in HDF5's own words. It stays inside this layer: the public functions catch it and throw
/// an Error that names the file.
class Hdf5Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws Hdf5Error: what was tried, and why it failed according to HDF5's error stack.
[[noreturn]] void throw_hdf5_error(std::string_view action);

/// `result` of an HDF5 call; throws when it is negative, which is how HDF5 reports failure everywhere.
template <typename Result>
Result checked(Result result, std::string_view action) {
  if (result < 0) throw_hdf5_error(action);
  return result;
}

/// Keeps HDF5 from printing its error stack to stderr: every failure is thrown. Called before a file is opened.
void silence_hdf5();

}  // namespace farpoint::store
