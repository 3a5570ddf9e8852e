// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/store/column.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::store {

Strings strings(std::initializer_list<std::string_view> texts);

/// One column of each type and shape, with the values that are easily lost: empty and odd texts, extremes, NaN-free so
/// that columns compare equal.
std::vector<Column> sample_columns();
Attributes sample_attributes();

/// A folder of its own that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  /// Names of what is in it, sorted.
  std::vector<std::string> content() const;

 private:
  std::filesystem::path path_;
};

}  // namespace farpoint::store
