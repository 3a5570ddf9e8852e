// SPDX-License-Identifier: Apache-2.0
// The input is what a shard file says, with right checksums around it: lines of attributes (name=value), and behind a
// line `----` texts of the column `files`, one a line. This is what a run takes over from an earlier one.
#include "farpoint/pipeline/stage.hpp"
#include "farpoint/pipeline/stage_data.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "farpoint/pipeline/text_sizes.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::pipeline;

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    lines.push_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
  }
  return lines;
}

store::Attributes attributes_of(std::string_view text) {
  store::Attributes attributes;
  for (const auto line : lines_of(text)) {
    const auto equals = line.find('=');
    if (equals == line.npos || equals == 0) continue;
    attributes["x" + std::string(line.substr(0, equals))] = line.substr(equals + 1);
    attributes[std::string(line.substr(0, equals))] = line.substr(equals + 1);
  }
  return attributes;
}

/// Texts, and numbers that are as long as these or as the input says.
std::vector<store::Column> columns_of(std::string_view text) {
  store::Strings files;
  std::vector<std::uint32_t> file;
  std::vector<std::uint64_t> keys;
  for (const auto line : lines_of(text)) {
    files.push_back(line);
    file.push_back(static_cast<std::uint32_t>(line.size() % 3));
    keys.push_back(line.size());
  }
  std::vector<store::Column> columns{{"files", files}, {"file", file}, {"keys/pool", keys, 0}};
  if (keys.size() % 3 == 0 && !keys.empty()) columns.back().width = 3;
  return columns;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const auto parts = fuzz::parts_of(fuzz::text_of(data, size));
  const auto path = scratch.path() / "done.h5";
  fuzz::expect_read_or_refused([&] {
    store::write_shard(path, attributes_of(parts[0]), columns_of(parts.size() > 1 ? parts[1] : ""));
    const auto attributes = store::intact_shard(path);
    fuzz::require(attributes.has_value(), "a shard that was written is damaged");
    fuzz::expect_read_or_refused([&] { Tally::from_attributes(*attributes).to_attributes(); });
    fuzz::expect_read_or_refused([&] { recorded_shards(scratch.path()); });
    fuzz::expect_read_or_refused([&] { source_names(store::ShardFile(path)); });
  });
  return 0;
}
