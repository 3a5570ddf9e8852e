// SPDX-License-Identifier: Apache-2.0
#include "new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "hdf5_call.hpp"

namespace farpoint::store {

namespace fs = std::filesystem;

namespace {

FileHandle create_file(const fs::path& path, const DriverHandle& driver, WriteTarget& target) {
  const auto access = file_access();
  // The first release whose metadata carries checksums; all newer ones read it.
  checked(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18), "set the file format's release");
  use_write_driver(access, driver, target);
  const auto properties = creation(H5P_FILE_CREATE);
  return {H5Fcreate(path.c_str(), H5F_ACC_TRUNC, properties.get(), access.get()), "create an HDF5 file"};
}

}  // namespace

NewFile::NewFile(fs::path path) : path_(std::move(path)), temporary_(temporary_name(path_)) {
  silence_hdf5();
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) fail(fmt::format("cannot create its folder: {}", error.message()));
  target_.descriptor = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (target_.descriptor < 0) fail(fmt::format("cannot create {}: {}", temporary_.string(), std::strerror(errno)));
  try {
    driver_ = register_write_driver();
    file_ = create_file(temporary_, driver_, target_);
  } catch (const Hdf5Error& failure) {
    give_up();
    fail(failure.what());
  }
}

NewFile::~NewFile() {
  if (target_.descriptor >= 0) give_up();
}

void NewFile::commit() {
  write([&](hid_t) { file_.close("finish the file"); });
  const int result = ::close(std::exchange(target_.descriptor, -1));
  try {
    // Network file systems report a full disk no earlier than here.
    if (result != 0) fail(fmt::format("cannot write: {}", std::strerror(errno)));
    commit_file(temporary_, path_);
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove(temporary_, ignored);
    throw;
  }
}

void NewFile::give_up() {
  if (target_.error == 0) target_.error = ECANCELED;
  file_ = FileHandle();
  ::close(std::exchange(target_.descriptor, -1));
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void NewFile::check_target() const {
  if (target_.error != 0) fail(fmt::format("cannot write: {}", std::strerror(target_.error)));
}

void NewFile::fail(std::string_view reason) const {
  throw Error(fmt::format("{}: {}", path_.string(), reason));
}

}  // namespace farpoint::store
