// SPDX-License-Identifier: Apache-2.0
// All that libfarpoint_parquet.so shows.
#include "arrow_files.hpp"
#include "parquet_interface.hpp"

namespace {

using namespace farpoint::corpus;

constexpr ParquetLibrary library{parquet_interface, make_parquet_writer, open_parquet};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ParquetLibrary* farpoint_parquet_library();

const ParquetLibrary* farpoint_parquet_library() {
  return &library;
}
