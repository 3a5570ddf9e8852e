// SPDX-License-Identifier: Apache-2.0
#include "passages.hpp"

#include <algorithm>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/text/written_words.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

std::span<const dedup::RepeatedSpan> spans_of_part(std::span<const dedup::RepeatedSpan> spans, std::uint32_t part) {
  const auto [begin, end] =
      std::equal_range(spans.begin(), spans.end(), dedup::RepeatedSpan{0, part, 0, 0, 0},
                       [](const dedup::RepeatedSpan& a, const dedup::RepeatedSpan& b) { return a.part < b.part; });
  return {begin, end};
}

}  // namespace

std::vector<dedup::RepeatedSpan> find_passages(PoolPass& pass, const DedupOptions& options, const FieldMaps& fields,
                                               const Duplicates& found) {
  // Curated texts come first, so that the pool's are the repeats.
  std::uint64_t curated = 0;
  if (options.against == Against::curated) {
    pass.for_each_shard(Population::curated, [&](const Shard& shard) {
      if (!shard.ids().empty()) curated = std::max(curated, shard.ids().back() + 1);
    });
    curated = comm::all_reduce(pass.comm(), curated, comm::Reduction::max);
  }
  corpus::RecordTexts texts;
  const dedup::VisitTexts visit = [&](const auto& show) {
    std::size_t position = 0;
    const auto visit_shard = [&](const Shard& shard) {
      const auto ids = shard.ids();
      const bool in_pool = shard.population() == Population::pool;
      for (std::size_t row = 0; row < ids.size(); ++row) {
        if (in_pool && found.by[position++] != DuplicateBy::none) continue;
        const auto id = in_pool ? ids[row] + curated : ids[row];
        const auto& map = fields[index_of(shard.population())].at(shard.sources()[row]);
        texts.visit(shard.records()[row], map, [&](const corpus::TextPart& part) {
          if (has_passages(part)) show(id, static_cast<std::uint32_t>(part.number), part.text);
        });
      }
    };
    pass.for_each_shard(Population::pool, visit_shard);
    if (options.against == Against::curated) pass.for_each_shard(Population::curated, visit_shard);
  };
  dedup::SpanOptions how;
  how.tokens = *options.substring.tokens;
  auto spans = dedup::repeated_spans(pass.comm(), visit, how).spans;
  std::erase_if(spans, [&](const dedup::RepeatedSpan& span) { return span.id < curated; });
  for (auto& span : spans) span.id -= curated;
  return spans;
}

std::optional<std::string> without_passages(corpus::RecordTexts& texts, std::string_view json,
                                            const corpus::FieldMap& fields,
                                            std::span<const dedup::RepeatedSpan> spans) {
  return texts.rewrite(json, fields, [&](const corpus::TextPart& part, std::string& out) {
    const auto of_part = spans_of_part(spans, static_cast<std::uint32_t>(part.number));
    if (of_part.empty()) return false;
    out = dedup::without_spans(part.text, of_part);
    return true;
  });
}

std::uint64_t passage_words(corpus::RecordTexts& texts, std::string_view json, const corpus::FieldMap& fields) {
  std::vector<text::WrittenWord> words;
  texts.visit(json, fields, [&](const corpus::TextPart& part) {
    if (has_passages(part)) text::append_written_words(part.text, words);
  });
  return words.size();
}

}  // namespace farpoint::jobs
