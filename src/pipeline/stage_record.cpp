// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/stage_record.hpp"

#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>

#include "farpoint/base/activity.hpp"
#include "farpoint/pipeline/job.hpp"

namespace farpoint::pipeline {

namespace fs = std::filesystem;

namespace {

constexpr ByPopulation<std::string_view> prefixes{"shard-", "curated-", "labelled-"};
constexpr ByPopulation<const char*> columns{"keys/pool", "keys/curated", "keys/labelled"};
constexpr std::string_view ending = ".h5";

store::Column to_column(const char* name, const std::vector<Hash128>& keys) {
  std::vector<std::uint64_t> halves;
  for (const auto& key : keys) {
    halves.push_back(key.high);
    halves.push_back(key.low);
  }
  return {name, std::move(halves), 2};
}

std::vector<Hash128> from_column(const store::Column& column) {
  const auto& halves = column.as<std::vector<std::uint64_t>>();
  std::vector<Hash128> keys;
  for (std::size_t i = 0; i + 1 < halves.size(); i += 2) keys.push_back({halves[i], halves[i + 1]});
  return keys;
}

/// True for the name of a shard file that is none of the first `counts`, and for one under a temporary name.
bool is_left_over(std::string_view name, const ByPopulation<std::size_t>& counts) {
  for (std::size_t p = 0; p < prefixes.size(); ++p) {
    if (!name.starts_with(prefixes[p])) continue;
    name.remove_prefix(prefixes[p].size());
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc()) return false;
    const std::string_view rest(end, static_cast<std::size_t>(name.data() + name.size() - end));
    return rest == ".h5.tmp" || (rest == ending && number >= counts[p]);
  }
  return false;
}

void remove_left_over(const fs::path& folder, const ShardKeys& keys) {
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_left_over(entry.path().filename().string(), {keys[0].size(), keys[1].size(), keys[2].size()}))
      left.push_back(entry.path());
  }
  for (const auto& path : left) fs::remove(path);
}

}  // namespace

fs::path record_of_stage(const fs::path& folder) {
  return folder / "done.h5";
}

void record_shards(const fs::path& folder, const ShardKeys& keys) {
  if (recorded_shards(folder) != keys) {
    const std::array lists{to_column(columns[0], keys[0]), to_column(columns[1], keys[1]),
                           to_column(columns[2], keys[2])};
    store::write_shard(record_of_stage(folder), {}, lists);
  }
  remove_left_over(folder, keys);
}

std::optional<ShardKeys> recorded_shards(const fs::path& folder) {
  const auto path = record_of_stage(folder);
  if (!store::intact_shard(path)) return std::nullopt;
  const store::ShardFile record(path);
  ShardKeys keys;
  for (std::size_t p = 0; p < keys.size(); ++p) {
    // Records of older versions say nothing of the labelled records, for there were none.
    if (record.has(columns[p])) keys[p] = from_column(record.read(columns[p]));
  }
  return keys;
}

std::string content_hash(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return "";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return "";
  Hasher hasher;
  std::vector<char> buffer(1 << 20);
  const auto read = [&] {
    const ScopedActivity files(Activity::files);  // each read is a sign of life
    return std::fread(buffer.data(), 1, buffer.size(), file.get());
  };
  for (auto count = read(); count > 0; count = read()) {
    hasher.add_raw(std::string_view(buffer.data(), count));
  }
  return hasher.digest().hex();
}

std::string output_attribute(const std::string& output) {
  return "output." + output;
}

bool is_output_of(const store::Attributes& record, const RunFolder& folder, const std::string& output) {
  const auto hash = record.find(output_attribute(output));
  return hash != record.end() && !hash->second.empty() && hash->second == content_hash(folder.path / output);
}

}  // namespace farpoint::pipeline
