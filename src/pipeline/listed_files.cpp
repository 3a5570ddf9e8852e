// SPDX-License-Identifier: Apache-2.0
#include "listed_files.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace farpoint::pipeline {

namespace {

[[noreturn]] void refuse(std::string_view what) {
  throw store::DamagedFile(
      fmt::format("a shard of the ingest {}; delete stages/00-ingest of the run's folder and run again", what));
}

}  // namespace

ListedFiles::ListedFiles(const store::ShardFile& ingest) {
  const auto column = ingest.read("files");
  const auto& texts = column.as<store::Strings>();
  if (texts.size() == 0) refuse("lists no files");
  try {
    for (const auto& file : nlohmann::json::parse(texts[0])) files_.push_back({file.at("path"), file.at("source")});
  } catch (const nlohmann::json::exception& error) {
    refuse(fmt::format("lists its files wrongly ({})", error.what()));
  }
}

const ListedFile& ListedFiles::at(std::size_t number) const {
  if (number >= files_.size()) refuse(fmt::format("has a record of file {}, and lists {}", number, files_.size()));
  return files_[number];
}

}  // namespace farpoint::pipeline
