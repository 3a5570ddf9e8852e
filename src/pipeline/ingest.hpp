// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/record_set.hpp"
#include "farpoint/pipeline/stage.hpp"

namespace farpoint::pipeline {

/// The first stage: reads the corpus into shards of `id`, `record` (JSON text), `source_index`, `file`, `line`, and the
/// vector column of npy sources. Records that cannot be used go to `rejects/`.
class Ingest {
 public:
  /// Borrowed: must outlive it. `specs` are the sources that the set's files belong to.
  Ingest(const RecordSet& set, const std::vector<corpus::SourceSpec>& specs, const CorpusOptions& options);
  ~Ingest();

  std::vector<ShardTask> tasks() const;
  /// Shards may come in any order; ascending order reads compressed files once.
  ShardContent make(std::size_t shard);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::pipeline
