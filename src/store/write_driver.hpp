// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hdf5_handle.hpp"

namespace farpoint::store {

/// Where the bytes of a new HDF5 file go, and the first error met there.
struct WriteTarget {
  int descriptor = -1;
  /// errno; 0 while all is well. Once it is set nothing more is written: set it to give a file up.
  int error = 0;
};

/// An HDF5 file driver that writes to a descriptor and never reports a failure to HDF5, but keeps it in the target.
/// HDF5's own drivers cannot be used for writing: after a failed write (a full disk) HDF5 1.10 leaves identifiers of
/// freed objects behind and the process dies of a segmentation fault when it exits.
DriverHandle register_write_driver();

/// Files created with these access properties write to `target`, whatever their name; it must outlive them.
void use_write_driver(const PropertiesHandle& access, const DriverHandle& driver, WriteTarget& target);

}  // namespace farpoint::store
