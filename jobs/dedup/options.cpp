// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace farpoint::pipeline {

jobs::ExactOptions Codec<jobs::ExactOptions>::decode(const Node& node, const std::string& context) {
  if (node.kind == Node::Kind::map) {
    auto options = pipeline::decode<jobs::ExactOptions>(node, context);
    options.is_on = true;
    return options;
  }
  return {Codec<bool>::decode(node, context), false};
}

Node Codec<jobs::ExactOptions>::encode(const jobs::ExactOptions& value) {
  return value.is_on && value.normalize ? pipeline::encode(value) : Codec<bool>::encode(value.is_on);
}

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

using namespace pipeline;

Fields<ExactOptions> ExactOptions::fields() {
  return {
      option("normalize", &ExactOptions::normalize, "texts are equal that differ in case and in white space alone")};
}

Fields<NearOptions> NearOptions::fields() {
  using N = NearOptions;
  return {
      option("threshold", &N::threshold, "the least Jaccard similarity of duplicates, such as 0.8; unset: off"),
      option("shingle", &N::shingle, "words in a shingle"),
      option("permutations", &N::permutations, "MinHash values a record: more find more of the pairs"),
      option("max_comparisons", &N::max_comparisons, "with so many others at most a record is compared in one bucket")};
}

Fields<SubstringOptions> SubstringOptions::fields() {
  using S = SubstringOptions;
  return {option("tokens", &S::tokens, "words from which on a repeated passage counts, such as 50; unset: off"),
          option("action", &S::action, "remove: all but its first occurrence is cut out; report: texts stay"),
          option("as", &S::as, "the column for the share of a record's words that stand elsewhere before")};
}

Fields<SemanticOptions> SemanticOptions::fields() {
  using S = SemanticOptions;
  return {
      option("threshold", &S::threshold, "the least cosine of duplicates, such as 0.95; unset: off"),
      option("vectors", &S::vectors, "the column of vectors; unset: the only one that there is"),
      option("index", &S::index,
             "flat: every pair is compared; ivf: those in neighbouring cells of a k-means, whose recall is measured")};
}

Fields<OnePassOptions> OnePassOptions::fields() {
  using O = OnePassOptions;
  return {option("threshold", &O::threshold,
                 "a record stays when no record that stays before it has this cosine to it; unset: off"),
          option("vectors", &O::vectors, "the column of vectors; unset: the only one that there is")};
}

Fields<DecontaminateOptions> DecontaminateOptions::fields() {
  using D = DecontaminateOptions;
  return {option("sources", &D::sources, "the evaluation sets, written like corpus.pool; none: off"),
          option("ngram", &D::ngram, "words in a row that a record must not share with them (GPT-3: 13)"),
          option("min_words", &D::min_words, "shorter evaluation texts are left out; those up to `ngram` count whole"),
          option("max_fraction", &D::max_fraction, "words of a record that may lie in shared rows, of all its words")};
}

Fields<DedupOptions> DedupOptions::fields() {
  using D = DedupOptions;
  return {
      option("as", &D::as, "name of the column"),
      option("text", &D::text, "which view of the record is compared"),
      option("exact", &D::exact, "equal texts are duplicates"),
      option("near", &D::near, "texts with much the same shingles are duplicates"),
      option("semantic", &D::semantic, "records with much the same vectors are duplicates"),
      option("one_pass", &D::one_pass, "records that are near one before them are duplicates (leader clustering)"),
      option("substring", &D::substring, "passages that stand in several texts"),
      option("decontaminate", &D::decontaminate, "records that share passages with evaluation sets are removed"),
      option("against", &D::against, "curated: records that duplicate a curated one are removed, too"),
      option("keep", &D::keep, "which of a cluster stays: lowest-id, longest, or the one with the most in a column"),
      option("memory_limit", &D::memory_limit, "what a rank may need; unset: what the machine has free").speed(),
      option("checkpoint_seconds", &D::checkpoint_seconds,
             "what a method found is kept for a run that is killed when so much time has gone by since the last time")
          .speed()};
}

namespace {

std::vector<std::string> vector_columns(const JobSetup& setup) {
  std::vector<std::string> names;
  for (const auto& column : setup.columns) {
    if (column.in_pool && column.kind == ColumnSpec::Kind::vector) names.push_back(column.name);
  }
  return names;
}

/// The column of vectors of one method.
void choose_vectors(std::string& vectors, const char* method, bool with_curated, const Node& where,
                    const JobSetup& setup) {
  const auto key = fmt::format("{}.vectors", method);
  const auto names = vector_columns(setup);
  if (vectors.empty() && names.size() == 1) vectors = names.front();
  if (vectors.empty()) {
    throw ConfigError(where.place_of(method),
                      fmt::format("'dedup.{}' needs the key 'vectors': {}", method,
                                  names.empty() ? "put an 'embed' or 'attach' before it"
                                                : fmt::format("there are {}", fmt::join(names, ", "))));
  }
  for (const auto& column : setup.columns) {
    if (column.name != vectors) continue;
    if (column.kind != ColumnSpec::Kind::vector) {
      throw ConfigError(where.place_of(key),
                        fmt::format("'dedup.{}': the column '{}' does not hold vectors", key, vectors));
    }
    if (with_curated && !column.in_curated) {
      throw ConfigError(where.place_of("against"),
                        fmt::format("'dedup.against': the column '{}' exists only for the pool; use an 'embed' where "
                                    "the curated records are texts, or curated vectors with 'as: {}'",
                                    vectors, vectors));
    }
  }
}

void check_threshold(const std::optional<double>& threshold, double lowest, const char* method, const Node& where) {
  if (!threshold || (*threshold >= lowest && *threshold <= 1)) return;
  const auto key = fmt::format("{}.threshold", method);
  throw ConfigError(where.place_of(key),
                    fmt::format("'dedup.{}': a similarity lies between {} and 1, not at {}", key, lowest, *threshold));
}

void check_near(const NearOptions& near, const Node& where) {
  check_threshold(near.threshold, 0.05, "near", where);
  check_bounds(where.place_of("near.shingle"), "dedup.near.shingle", near.shingle, 1, 100);
  check_bounds(where.place_of("near.permutations"), "dedup.near.permutations", near.permutations, 16, 4096);
  check_bounds(where.place_of("near.max_comparisons"), "dedup.near.max_comparisons", near.max_comparisons, 1, 1U << 30);
}

}  // namespace

void check_options(DedupOptions& options, const Node& where, const JobSetup& setup) {
  const bool curated = options.against == Against::curated;
  check_near(options.near, where);
  if (options.checkpoint_seconds < 0) {
    throw ConfigError(where.place_of("checkpoint_seconds"), "'dedup.checkpoint_seconds' cannot be negative");
  }
  check_threshold(options.semantic.threshold, -1, "semantic", where);
  check_threshold(options.one_pass.threshold, -1, "one_pass", where);
  if (options.semantic.threshold) choose_vectors(options.semantic.vectors, "semantic", curated, where, setup);
  if (options.one_pass.threshold) choose_vectors(options.one_pass.vectors, "one_pass", curated, where, setup);
  if (options.substring.tokens) {
    check_bounds(where.place_of("substring.tokens"), "dedup.substring.tokens", *options.substring.tokens, 2, 1U << 20);
  }
  if (!options.decontaminate.sources.empty()) {
    check_bounds(where.place_of("decontaminate.ngram"), "dedup.decontaminate.ngram", options.decontaminate.ngram, 1,
                 64);
  }
  if (!options.compares_texts() && !options.compares_vectors() && !options.substring.tokens &&
      options.decontaminate.sources.empty()) {
    throw ConfigError(where.place,
                      "'dedup' has nothing to do: give it exact: true, near: {threshold: 0.8}, semantic, one_pass, "
                      "substring or decontaminate");
  }
  for (const auto& column : setup.columns) {
    if (column.name != options.score() || column.kind == ColumnSpec::Kind::scalar) continue;
    throw ConfigError(where.place_of("keep"),
                      fmt::format("'dedup.keep': the column '{}' does not hold one number a record", column.name));
  }
}

}  // namespace farpoint::jobs
