// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/corpus/convert.hpp"

namespace farpoint::corpus {

struct ExportWriter::Implementation {
  Implementation(const std::filesystem::path& path, bool is_array) : file(path), array(is_array) {}

  AtomicFile file;
  bool array = false;
  bool empty = true;
};

ExportWriter::ExportWriter(const std::filesystem::path& path, const std::filesystem::path& named_as) {
  if (compression_of(named_as) != Compression::none) {
    throw UsageError(
        fmt::format("{}: exports are plain text, which a name in {} would deny; leave the ending out and "
                    "compress the file afterwards",
                    named_as.string(), named_as.extension().string()));
  }
  implementation_ = std::make_unique<Implementation>(path, named_as.extension() == ".json");
}

ExportWriter::~ExportWriter() = default;

void ExportWriter::write(std::string_view line) {
  auto& [file, array, empty] = *implementation_;
  if (array) file.write(empty ? "[\n" : ",\n");
  file.write(line);
  if (!array) file.write("\n");
  empty = false;
}

void ExportWriter::commit() {
  auto& [file, array, empty] = *implementation_;
  if (array) file.write(empty ? "[]\n" : "\n]\n");
  file.commit();
}

}  // namespace farpoint::corpus
