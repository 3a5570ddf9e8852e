// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

#include <utility>

#include "hdf5_error.hpp"

namespace farpoint::store {

/// Owns one HDF5 identifier.
template <herr_t (*Close)(hid_t)>
class Handle {
 public:
  Handle() = default;
  /// `id` as an HDF5 call returned it; throws Hdf5Error saying `action` when that call failed.
  Handle(hid_t id, std::string_view action) : id_(checked(id, action)) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) Close(id_);
  }

  hid_t get() const { return id_; }

  /// Closing writes what HDF5 still holds, so it can fail. The identifier is gone in any case: a second attempt on it
  /// would crash inside HDF5.
  void close(std::string_view action) { checked(Close(std::exchange(id_, H5I_INVALID_HID)), action); }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

using AttributeHandle = Handle<H5Aclose>;
using DatasetHandle = Handle<H5Dclose>;
using DriverHandle = Handle<H5FDunregister>;
using FileHandle = Handle<H5Fclose>;
using GroupHandle = Handle<H5Gclose>;
using ObjectHandle = Handle<H5Oclose>;
using PropertiesHandle = Handle<H5Pclose>;
using SpaceHandle = Handle<H5Sclose>;
using TypeHandle = Handle<H5Tclose>;

}  // namespace farpoint::store
