// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/passages.hpp: passages that stand in several texts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duplicates.hpp"
#include "farpoint/corpus/record_texts.hpp"
#include "farpoint/dedup/repeated_spans.hpp"

namespace farpoint::jobs {

/// The field maps of the sources of each population: RecordTexts needs them.
using FieldMaps = pipeline::ByPopulation<std::vector<corpus::FieldMap>>;

/// Texts in which passages are looked for: what people and models said, not the calls of tools and what they answered.
inline bool has_passages(const corpus::TextPart& part) {
  return part.role != corpus::Role::tool_call && part.role != corpus::Role::tool;
}

/// Repeated passages of this rank's records that stay, in order of id. Those of curated records count as first where
/// they take part. Collective.
std::vector<dedup::RepeatedSpan> find_passages(pipeline::PoolPass& pass, const DedupOptions& options,
                                               const FieldMaps& fields, const Duplicates& found);

/// The record without `spans`, which are its own, ascending.
std::optional<std::string> without_passages(corpus::RecordTexts& texts, std::string_view json,
                                            const corpus::FieldMap& fields, std::span<const dedup::RepeatedSpan> spans);

/// Words of the texts in which passages are looked for.
std::uint64_t passage_words(corpus::RecordTexts& texts, std::string_view json, const corpus::FieldMap& fields);

}  // namespace farpoint::jobs
