// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <map>

#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/corpus/npy.hpp"
#include "farpoint/pipeline/runner.hpp"

namespace farpoint::pipeline {

namespace {

/// corpus::InputFile on its way to the other ranks.
struct SentFile {
  std::string path, source;
  std::uint64_t spec = 0, bytes = 0;
  int format = 0, compression = 0;

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& path& source& spec& bytes& format& compression;
  }
};

SentFile to_sent(const corpus::InputFile& file) {
  return {file.path.string(),
          file.source,
          file.spec,
          file.bytes,
          static_cast<int>(file.format),
          static_cast<int>(file.compression)};
}

corpus::InputFile from_sent(const SentFile& file) {
  return {file.path,
          file.source,
          static_cast<std::size_t>(file.spec),
          static_cast<corpus::Format>(file.format),
          static_cast<corpus::Compression>(file.compression),
          file.bytes};
}

/// By column: the length of its rows, and the first file of it.
using Widths = std::map<std::string, std::pair<std::size_t, std::string>>;

/// A vector file that cannot be used, or does not fit the others of its column, should not wait until its records' turn
/// comes.
void check_vectors(const corpus::InputFile& file, const std::string& column, Widths& widths) {
  const auto width = corpus::NpyFile(file.path, file.compression).width();
  const auto path = file.path.string();
  if (width == 0) {
    throw UsageError(
        fmt::format("{}: vectors are an array of rank 2, not 1 (a column of numbers that belongs to the pool's records "
                    "is added by the job 'attach')",
                    path));
  }
  const auto& [known, first] = widths.try_emplace(column, width, path).first->second;
  if (known == width) return;
  throw UsageError(
      fmt::format("{}: rows of {} numbers, but {} has rows of {}; vectors of one column ('{}') must come "
                  "from one model",
                  path, width, first, known, column));
}

}  // namespace

CorpusFiles resolve_corpus(comm::Communicator& comm, const Config& config) {
  CorpusFiles files;
  ByPopulation<std::vector<SentFile>> sent;
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    Widths widths;
    for (const auto population : populations) {
      const auto p = index_of(population);
      const auto& specs = sources_of(config.corpus, population);
      const auto found = corpus::resolve(specs, config.folder);
      for (const auto& file : found) {
        if (file.format == corpus::Format::npy) check_vectors(file, specs.at(file.spec).as, widths);
        sent[p].push_back(to_sent(file));
      }
    }
  });
  for (std::size_t p = 0; p < sent.size(); ++p) {
    comm::broadcast_object(comm, sent[p], 0);
    for (const auto& file : sent[p]) files[p].push_back(from_sent(file));
  }
  return files;
}

}  // namespace farpoint::pipeline
