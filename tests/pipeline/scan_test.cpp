// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/pipeline/record_set.hpp"
#include "mpi_world.hpp"
#include "npy_rows.hpp"
#include "pipeline/ingest.hpp"
#include "temporary_folder.hpp"

namespace farpoint::pipeline {
namespace {

/// Two files of 5 and 7 records, shards of 4: the second shard lies in both files.
struct TwoFiles {
  TwoFiles() {
    std::string one, two = "[";
    for (int i = 0; i < 5; ++i) one += "{\"text\": \"record " + std::to_string(i) + "\"}\n\n";
    for (int i = 5; i < 12; ++i)
      two += (i > 5 ? "," : "") + std::string("{\"text\": \"record ") + std::to_string(i) + "\"}";
    write_file(folder / "1.jsonl", one);
    write_file(folder / "2.json", two + "]");
    options.pool.resize(1);
    options.pool[0].path = "*.json*";
    files = corpus::resolve(options.pool, folder.path());
  }
  RecordSet set() const { return make_record_set(Population::pool, files, scan_files(world(), files), 4); }

  const TemporaryFolder folder;  // one a rank: the files are alike
  CorpusOptions options;
  std::vector<corpus::InputFile> files;
};

TEST(RecordSet, LargestShardsDoNotOverflow) {
  RecordSet set;
  set.first_id = {0, 10};
  set.shard_records = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(set.shards(), 1U);
  EXPECT_EQ(set.range(0), std::make_pair(std::uint64_t{0}, std::uint64_t{10}));
}

TEST(RecordSet, IdsArePositions) {
  const TwoFiles corpus;
  const auto set = corpus.set();

  EXPECT_EQ(set.records(), 12U);
  EXPECT_EQ(set.first_id, (std::vector<std::uint64_t>{0, 5, 12}));
  EXPECT_EQ(set.shards(), 3U);
  const auto segments = set.segments(1);
  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(segments[0].begin, 4U);
  EXPECT_EQ(segments[0].end, 5U);
  EXPECT_EQ(segments[1].begin, 0U);
  EXPECT_EQ(segments[1].end, 3U);
  EXPECT_EQ(set.range(2), std::pair(std::uint64_t{8}, std::uint64_t{12}));
}

TEST(RecordSet, FingerprintsFollowTheContent) {
  const TwoFiles corpus;
  const auto before = corpus.set();
  EXPECT_EQ(before.fingerprint(0), corpus.set().fingerprint(0));
  EXPECT_NE(before.fingerprint(0), before.fingerprint(1));

  auto text = read_file(corpus.folder / "2.json");
  text[text.size() - 4] = '!';
  write_file(corpus.folder / "2.json", text);
  const auto after = corpus.set();

  EXPECT_EQ(before.fingerprint(0), after.fingerprint(0));
  EXPECT_NE(before.fingerprint(2), after.fingerprint(2));
}

TEST(Ingest, AShardMayLieInTwoFiles) {
  const TwoFiles corpus;
  const auto set = corpus.set();
  Ingest ingest(set, corpus.options.pool, corpus.options);

  for (const std::size_t shard : {2U, 1U, 0U}) {  // any order
    const auto content = ingest.make(shard);
    const auto& ids = content.columns.at(0).as<std::vector<std::uint64_t>>();
    const auto& texts = content.columns.at(1).as<store::Strings>();
    ASSERT_EQ(ids.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(ids[i], 4 * shard + i);
      EXPECT_EQ(texts[i], "{\"text\": \"record " + std::to_string(ids[i]) + "\"}");
    }
  }
}

/// A compressed file can only be read on: opening it for each shard would decompress it from the start each time. A
/// file that is still open can be read after it was removed.
TEST(Ingest, KeepsAFileOfVectorsOpenFromShardToShard) {
  const TemporaryFolder folder;
  const auto path = folder / "rows.npy";
  write_file(path, npy_rows(8));
  CorpusOptions options;
  options.pool.resize(1);
  options.pool[0].path = "rows.npy";
  options.pool[0].as = "emb";
  const auto files = corpus::resolve(options.pool, folder.path());
  const auto set = make_record_set(Population::pool, files, scan_files(world(), files), 4);
  Ingest ingest(set, options.pool, options);

  ingest.make(0);
  std::filesystem::remove(path);
  const auto content = ingest.make(1);

  const auto vectors = std::find_if(content.columns.begin(), content.columns.end(),
                                    [](const store::Column& column) { return column.name == "emb"; });
  EXPECT_EQ(vectors->as<std::vector<float>>(), (std::vector<float>{8, 9, 10, 11, 12, 13, 14, 15}));
}

}  // namespace
}  // namespace farpoint::pipeline
