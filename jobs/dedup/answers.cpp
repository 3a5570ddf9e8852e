// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/kept_file.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::jobs {

namespace {

using Numbers = std::vector<std::uint64_t>;

std::vector<store::Column> columns_of(const Answers& answers) {
  std::vector<std::uint8_t> by;
  for (const auto reason : answers.by) by.push_back(static_cast<std::uint8_t>(reason));
  Numbers ids, begins, ends, tokens;
  std::vector<std::uint32_t> parts;
  for (const auto& span : answers.spans) {
    ids.push_back(span.id);
    parts.push_back(span.part);
    begins.push_back(span.begin);
    ends.push_back(span.end);
    tokens.push_back(span.tokens);
  }
  std::vector<store::Column> columns;
  columns.push_back({"id", answers.ids});
  columns.push_back({"kept", answers.kept});
  columns.push_back({"by", std::move(by)});
  columns.push_back({"span/id", std::move(ids)});
  columns.push_back({"span/part", std::move(parts)});
  columns.push_back({"span/begin", std::move(begins)});
  columns.push_back({"span/end", std::move(ends)});
  columns.push_back({"span/tokens", std::move(tokens)});
  return columns;
}

}  // namespace

void Answers::add(const Duplicates& found, std::size_t row) {
  ids.push_back(found.ids[row]);
  kept.push_back(found.kept[row]);
  by.push_back(found.by[row]);
}

std::filesystem::path AnswerFiles::file(std::uint64_t shard) const {
  return folder_ / fmt::format("answers-{:05}.h5", shard);
}

void AnswerFiles::write(const Duplicates& found, const std::vector<dedup::RepeatedSpan>& spans,
                        std::uint64_t shard_records) const {
  auto span = spans.begin();
  for (std::size_t row = 0; row < found.ids.size();) {
    const auto shard = found.ids[row] / shard_records;
    Answers answers;
    for (; row < found.ids.size() && found.ids[row] / shard_records == shard; ++row) answers.add(found, row);
    for (; span != spans.end() && span->id / shard_records == shard; ++span) answers.spans.push_back(*span);
    store::write_shard(file(shard), {{"key", key_}}, columns_of(answers));
  }
}

Answers AnswerFiles::read(std::uint64_t shard) const {
  const auto path = file(shard);
  if (!pipeline::is_kept(path, key_)) {
    throw UsageError(fmt::format("{}: the file is gone, damaged or of another run; delete the folder {} and run again",
                                 path.string(), folder_.string()));
  }
  const store::ShardFile stored(path);
  Answers answers;
  answers.ids = stored.read("id").as<Numbers>();
  answers.kept = stored.read("kept").as<Numbers>();
  const auto by = stored.read("by").as<std::vector<std::uint8_t>>();
  for (const auto reason : by) answers.by.push_back(static_cast<DuplicateBy>(reason));
  const auto ids = stored.read("span/id").as<Numbers>();
  const auto parts = stored.read("span/part").as<std::vector<std::uint32_t>>();
  const auto begins = stored.read("span/begin").as<Numbers>();
  const auto ends = stored.read("span/end").as<Numbers>();
  const auto tokens = stored.read("span/tokens").as<Numbers>();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    answers.spans.push_back({ids[i], parts[i], begins[i], ends[i], tokens[i]});
  }
  return answers;
}

}  // namespace farpoint::jobs
