// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "hdf5_handle.hpp"
#include "write_driver.hpp"

namespace farpoint::store {

/// An HDF5 file under its temporary name. It gets its final name with commit(); without it nothing is left.
class NewFile {
 public:
  /// Creates missing folders. Throws Error when the file cannot be created.
  explicit NewFile(std::filesystem::path path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Calls `work(file identifier)`. Throws Error naming the file when a write failed (a full disk says so) or HDF5 did.
  template <typename Work>
  void write(Work work) {
    try {
      work(file_.get());
    } catch (const Hdf5Error& error) {
      check_target();  // a failed write is the better reason: HDF5's complaint may be its consequence
      fail(error.what());
    }
    check_target();
  }

  /// Close all handles to objects in the file first. Throws as write() does.
  void commit();

 private:
  void check_target() const;
  void give_up();
  [[noreturn]] void fail(std::string_view reason) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  WriteTarget target_;
  DriverHandle driver_;
  FileHandle file_;
};

}  // namespace farpoint::store
