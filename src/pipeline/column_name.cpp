// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/column_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace farpoint::pipeline {

namespace {

/// Names of folders end at 255 bytes, and a stage's name has more in it than the column.
constexpr std::size_t longest_name = 100;

/// What the ingest and the runner write beside a job's columns.
constexpr std::array<std::string_view, 11> reserved{"id",           "record", "line",    "file",      "files", "source",
                                                    "source_index", "kept",   "rejects", "rewritten", "trace"};

std::string_view fault_of(const std::string& name) {
  if (name.empty()) return "it is empty";
  if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
    return "every shard has a column of this name";
  if (name == "." || name == "..") return "it means a folder";
  if (name.find('/') != std::string::npos) return "it holds a '/'; use a dot";
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c == 127; })) {
    return "it holds a control character";
  }
  return name.size() > longest_name ? "it has more than 100 bytes" : "";
}

}  // namespace

void check_column_name(const Place& place, const std::string& name) {
  const auto fault = fault_of(name);
  if (!fault.empty()) throw ConfigError(place, fmt::format("'{}' cannot be the name of a column: {}", name, fault));
}

}  // namespace farpoint::pipeline
