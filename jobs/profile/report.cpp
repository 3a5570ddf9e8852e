// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

namespace farpoint::jobs {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t format_version = 1;

/// What cannot be a number, of no records, is null.
Json json_of(const Distribution& distribution) {
  constexpr std::array<std::uint64_t, 7> percents{1, 5, 25, 50, 75, 95, 99};
  const bool is_empty = distribution.count() == 0;
  const auto value = [&](auto number) { return is_empty ? Json(nullptr) : Json(number); };
  Json json;
  json["sum"] = distribution.sum();
  json["mean"] = value(distribution.mean());
  json["min"] = value(distribution.min());
  for (const auto percent : percents) json[fmt::format("p{}", percent)] = value(distribution.percentile(percent));
  json["max"] = value(distribution.max());
  json["histogram"] = Json::array();
  for (const auto& [from, records] : distribution.by_powers_of_two()) {
    json["histogram"].push_back({{"from", from}, {"records", records}});
  }
  return json;
}

Json json_of(const LanguageShare& share, const TextCounts& all) {
  const auto part = all.bytes == 0 ? 0 : static_cast<double>(share.bytes) / static_cast<double>(all.bytes);
  return {{"records", share.records}, {"bytes", share.bytes}, {"share", part}};
}

Json json_of(const Vocabulary& vocabulary) {
  Json json{{"words", vocabulary.words}, {"occurrences", vocabulary.occurrences}, {"top", Json::array()}};
  for (const auto& [word, count] : vocabulary.top) json["top"].push_back({{"word", word}, {"count", count}});
  return json;
}

Json json_of(const ProfileOptions& options, const CorpusState& state, std::size_t source) {
  const auto& texts = state.texts[source];
  Json json;
  json["records"] = texts.records;
  json["bytes"] = texts.bytes;
  json["characters"] = json_of(texts.characters);
  json["words"] = json_of(texts.words);
  json["lines"] = json_of(texts.lines);
  if (!options.tokenizer.empty()) json["tokens"] = json_of(texts.tokens);
  if (options.languages) {
    json["languages"] = Json::object();
    for (const auto& [code, share] : texts.languages) json["languages"][code] = json_of(share, texts);
    json["mixed"] = json_of(texts.mixed, texts);
  }
  if (options.vocabulary) json["vocabulary"] = json_of(state.vocabularies[source]);
  return json;
}

Json json_of(const RuleCounts& counts) {
  Json json = Json::object();
  for (const auto& [rule, count] : counts) json[rule] = count;
  return json;
}

Json json_of(const EffectCounts& counts) {
  return {{"in", counts.in},
          {"out", counts.out},
          {"removed", counts.in - counts.out},
          {"removed_by", json_of(counts.removed_by)},
          {"changed", counts.changed},
          {"changed_by", json_of(counts.changed_by)},
          {"noted_by", json_of(counts.noted_by)},
          {"duplicates", json_of(counts.duplicates)}};
}

/// {"sources": {...}, "total": {...}} behind what is there already.
template <typename Make>
void add_by_source(Json& json, const std::vector<std::string>& sources, const Make& make) {
  json["sources"] = Json::object();
  for (std::size_t source = 0; source < sources.size(); ++source) json["sources"][sources[source]] = make(source);
  json["total"] = make(sources.size());
}

}  // namespace

std::string profile_json(const ProfileOptions& options, const std::vector<std::string>& sources,
                         const std::vector<CorpusState>& states, const std::vector<StageEffects>& stages) {
  Json json;
  json["format_version"] = format_version;
  json["text"] = pipeline::Codec<corpus::TextView>::name_of(options.text);
  json["states"] = Json::array();
  for (const auto& state : states) {
    auto& entry = json["states"].emplace_back(Json{{"name", state.name}});
    add_by_source(entry, sources, [&](std::size_t source) { return json_of(options, state, source); });
  }
  json["stages"] = Json::array();
  for (const auto& stage : stages) {
    auto& entry = json["stages"].emplace_back(Json{{"name", stage.stage.name}, {"job", stage.stage.job}});
    add_by_source(entry, sources, [&](std::size_t source) { return json_of(stage.counts[source]); });
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace farpoint::jobs
