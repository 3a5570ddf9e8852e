// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/string.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "bench_corpus.hpp"
#include "bench_report.hpp"
#include "commands.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/runner.hpp"
#include "jobs.hpp"

namespace farpoint::cli {

namespace {

namespace fs = std::filesystem;

// Small shards, so that tens of ranks have work in a corpus that one rank is done with in seconds.
constexpr std::uint64_t shard_records = 256;

/// Rank 0's: gone at the end, whatever ends the command.
class ScratchFolder {
 public:
  explicit ScratchFolder(const fs::path& parent) {
    auto name = (parent / "farpoint-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw UsageError(fmt::format("{}: no folder can be made there: {}; name another one with --folder",
                                   parent.string(), std::strerror(errno)));
    }
    path_ = fs::absolute(name);
  }
  ~ScratchFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
    if (error) log::warning("{}: cannot be removed: {}", path_.string(), error.message());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The jobs that need no model: what a machine, its file system and its network are like shows in them.
std::string configuration(std::uint64_t records) {
  return fmt::format(R"(
corpus: {{shard_records: {}, pool: [{{path: corpus.jsonl}}]}}
pipeline:
  - clean: {{unicode: nfc, white_space: tidy, pii: mask, min_words: 3, repetition: {{max_top_ngram_fraction: 0.5}}}}
  - dedup: {{near: {{threshold: 0.8}}}}
  - embed: {{as: emb}}
  - select: {{method: k-center, vectors: emb, budget: {{records: {}}}}}
)",
                     shard_records, std::max<std::uint64_t>(records / 100, 1));
}

/// Into a folder of its own: clearing the last one would count as reading the corpus.
pipeline::RunSummary run_once(comm::Communicator& comm, const fs::path& folder, std::uint64_t records,
                              std::uint64_t repeat) {
  pipeline::Config config;
  pipeline::Plan plan;
  comm::agree(comm, [&] {
    config = pipeline::read_config(pipeline::parse_yaml(configuration(records), "farpoint bench"), folder);
    config.run.output = (folder / fmt::format("run-{}", repeat)).string();
    plan = pipeline::make_plan(config, jobs::all_jobs());
  });
  auto files = pipeline::resolve_corpus(comm, config);
  return pipeline::run_pipeline(comm, config, plan, std::move(files), {});
}

/// Rank 0's: what cannot be compared or written is known before the work.
std::optional<BenchReport> report_before(const BenchArguments& arguments) {
  if (arguments.against.empty()) return std::nullopt;
  auto before = read_report(arguments.against);
  if (before.records != arguments.records) {
    throw UsageError(fmt::format("{} measured {} records: rates compare only at the same number; give --records {}",
                                 arguments.against, before.records, before.records));
  }
  return before;
}

}  // namespace

int bench(comm::Communicator& comm, const BenchArguments& arguments) {
  std::optional<BenchReport> before;
  std::optional<ScratchFolder> scratch;
  BenchReport report;
  std::string folder;
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    before = report_before(arguments);
    scratch.emplace(arguments.folder);
    folder = scratch->path().string();
    write_bench_corpus(scratch->path() / "corpus.jsonl", arguments.records);
    report = describe_machine();
    report.records = arguments.records;
  });
  comm::broadcast_object(comm, folder, 0);
  for (std::uint64_t repeat = 0; repeat < arguments.repeats; ++repeat) {
    report.add(run_once(comm, folder, arguments.records, repeat));
  }
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    fmt::print("{}", arguments.json ? to_json(report) : to_table(report, before ? &*before : nullptr));
    if (!arguments.save.empty()) write_file(arguments.save, to_json(report));
  });
  return 0;
}

}  // namespace farpoint::cli
