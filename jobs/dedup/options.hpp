// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/options.hpp: everything that users may set of deduplication.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../select/options.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"

namespace farpoint::jobs {

enum class Against { none, curated };
enum class SpanAction { remove, report };

/// `true`, or a map of its keys.
struct ExactOptions {
  bool is_on = false;
  bool normalize = false;
  static pipeline::Fields<ExactOptions> fields();
};

struct NearOptions {
  std::optional<double> threshold;
  std::uint64_t shingle = 5;
  std::uint64_t permutations = 128;
  std::uint64_t max_comparisons = 1000;
  static pipeline::Fields<NearOptions> fields();
};

struct SubstringOptions {
  std::optional<std::uint64_t> tokens;
  SpanAction action = SpanAction::remove;
  std::string as = "repeated";
  static pipeline::Fields<SubstringOptions> fields();
};

struct SemanticOptions {
  std::optional<double> threshold;
  std::string vectors;
  Index index;
  static pipeline::Fields<SemanticOptions> fields();
};

struct OnePassOptions {
  std::optional<double> threshold;
  std::string vectors;
  static pipeline::Fields<OnePassOptions> fields();
};

struct DecontaminateOptions {
  std::vector<corpus::SourceSpec> sources;
  std::uint64_t ngram = 13;
  std::uint64_t min_words = 8;
  double max_fraction = 0;
  static pipeline::Fields<DecontaminateOptions> fields();
};

struct DedupOptions {
  std::string as = "duplicate_of";
  corpus::TextView text = corpus::TextView::full;
  ExactOptions exact;
  NearOptions near;
  SemanticOptions semantic;
  OnePassOptions one_pass;
  SubstringOptions substring;
  DecontaminateOptions decontaminate;
  Against against = Against::none;
  std::string keep = "lowest-id";
  std::optional<Bytes> memory_limit;
  double checkpoint_seconds = 20;

  static pipeline::Fields<DedupOptions> fields();

  bool compares_texts() const { return exact.is_on || near.threshold; }
  bool compares_vectors() const { return semantic.threshold || one_pass.threshold; }
  bool keeps_longest() const { return keep == "longest"; }
  /// The column by which one of a cluster is kept; empty: none.
  std::string score() const { return keep == "lowest-id" || keeps_longest() ? "" : keep; }
};

/// Fills in the columns of vectors where there is only one. Throws ConfigError for what contradicts itself or what is
/// there at this point of the pipeline.
void check_options(DedupOptions& options, const pipeline::Node& where, const pipeline::JobSetup& setup);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Against> {
  static constexpr std::array<std::string_view, 2> values{"none", "curated"};
};
template <>
struct Names<jobs::SpanAction> {
  static constexpr std::array<std::string_view, 2> values{"remove", "report"};
};

/// A boolean, or the options of the method, which is then on.
template <>
struct Codec<jobs::ExactOptions> {
  static std::string type() { return "true | map"; }
  static jobs::ExactOptions decode(const Node& node, const std::string& context);
  static Node encode(const jobs::ExactOptions& value);
};

}  // namespace farpoint::pipeline
