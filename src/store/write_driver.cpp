// SPDX-License-Identifier: Apache-2.0
#include "write_driver.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>

namespace farpoint::store {

namespace {

/// What HDF5 passes from the access properties to open(); it copies these bytes.
struct DriverInfo {
  WriteTarget* target;
};

/// HDF5 knows an open file by its first member and sees nothing of the others.
struct OpenFile {
  H5FD_t base;
  WriteTarget* target;
  haddr_t allocated;  ///< end of the addresses that HDF5 has given out
  haddr_t written;    ///< end of what was written, failed writes included
};

OpenFile& self(H5FD_t* file) {
  return *reinterpret_cast<OpenFile*>(file);
}
const OpenFile& self(const H5FD_t* file) {
  return *reinterpret_cast<const OpenFile*>(file);
}

H5FD_t* open(const char*, unsigned, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  if (info == nullptr) return nullptr;
  auto* file = new (std::nothrow) OpenFile{{}, info->target, 0, 0};  // close() ends it
  return file == nullptr ? nullptr : &file->base;
}

/// The descriptor stays open: it belongs to the target's owner, who checks its closing.
herr_t close(H5FD_t* file) {
  delete &self(file);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

haddr_t allocated(const H5FD_t* file, H5FD_mem_t) {
  return self(file).allocated;
}

herr_t set_allocated(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  self(file).allocated = end;
  return 0;
}

haddr_t written(const H5FD_t* file, H5FD_mem_t) {
  return self(file).written;
}

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* buffer) {
  auto* bytes = static_cast<char*>(buffer);
  while (size > 0) {
    const ssize_t count = ::pread(self(file).target->descriptor, bytes, size, static_cast<off_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    bytes += count;
    address += static_cast<haddr_t>(count);
    size -= static_cast<size_t>(count);
  }
  std::memset(bytes, 0, size);  // beyond the end of the file
  return 0;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, const void* buffer) {
  auto& target = *self(file).target;
  self(file).written = std::max(self(file).written, address + size);
  const auto* bytes = static_cast<const char*>(buffer);
  while (size > 0 && target.error == 0) {
    const ssize_t count = ::pwrite(target.descriptor, bytes, size, static_cast<off_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      target.error = count < 0 ? errno : ENOSPC;
      break;
    }
    bytes += count;
    address += static_cast<haddr_t>(count);
    size -= static_cast<size_t>(count);
  }
  return 0;
}

/// Gives the file the length that its superblock states: addresses at the end may have been given out unwritten.
herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
  auto& target = *self(file).target;
  self(file).written = self(file).allocated;
  if (target.error == 0 && ::ftruncate(target.descriptor, static_cast<off_t>(self(file).allocated)) != 0) {
    target.error = errno;
  }
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
  driver.name = "farpoint_write";
  driver.maxaddr = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = &open;
  driver.close = &close;
  driver.query = &query;
  driver.get_eoa = &allocated;
  driver.set_eoa = &set_allocated;
  driver.get_eof = &written;
  driver.read = &read;
  driver.write = &write;
  driver.truncate = &truncate;
  const H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(map), std::end(map), std::begin(driver.fl_map));
  return driver;
}

}  // namespace

DriverHandle register_write_driver() {
  const H5FD_class_t driver = driver_class();  // HDF5 copies it
  return {H5FDregister(&driver), "register the file driver"};
}

void use_write_driver(const PropertiesHandle& access, const DriverHandle& driver, WriteTarget& target) {
  const DriverInfo info{&target};
  checked(H5Pset_driver(access.get(), driver.get(), &info), "set the file driver");
}

}  // namespace farpoint::store
