// SPDX-License-Identifier: Apache-2.0
// jobs/select/options.hpp: everything that users may set of a selection.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"
#include "farpoint/select/distance.hpp"
#include "farpoint/select/neighbours.hpp"
#include "farpoint/select/stored_rows.hpp"
#include "metric.hpp"

namespace farpoint::jobs {

enum class Method {
  k_center,
  repr_filter,
  one_pass,
  facility_location,
  importance,
  k_means,
  top,
  longest,
  random,
  target
};
enum class First { lowest_id, random };
enum class CuratedUse { ignore, start };

/// A number of bytes, written as one, or with a unit: 8GB, 512MiB.
struct Bytes {
  std::uint64_t count = 0;
};

struct Budget {
  std::optional<std::uint64_t> records;
  std::optional<std::uint64_t> tokens;
  std::optional<double> fraction;
  std::optional<double> radius;

  static pipeline::Fields<Budget> fields();
};

struct Quota {
  std::string by;  ///< empty: none
  std::map<std::string, std::uint64_t> max;
  std::map<std::string, std::uint64_t> min;
  std::map<std::string, double> share;
  std::optional<double> temperature;

  static pipeline::Fields<Quota> fields();
};

struct Index {
  select::IndexKind kind = select::IndexKind::flat;
  std::optional<std::uint64_t> cells;
  std::uint64_t probes = 16;

  static pipeline::Fields<Index> fields();
};

struct SelectOptions {
  Method method = Method::k_center;
  std::string vectors;
  select::Metric metric = select::Metric::cosine;
  Budget budget;
  std::string token_column;
  Quota quota;
  std::vector<std::uint64_t> must_keep;
  std::string score;
  First first = First::lowest_id;
  CuratedUse curated = CuratedUse::ignore;
  std::optional<double> threshold;
  std::optional<double> outlier_fraction;
  std::uint64_t neighbors = 16;
  Index index;
  std::optional<std::uint64_t> clusters;
  std::optional<std::uint64_t> parts;
  select::Storage storage = select::Storage::float32;
  bool assignment = true;
  std::vector<double> radii;
  std::optional<Bytes> memory_limit;
  std::uint64_t pool_size = 256;
  double checkpoint_seconds = 30;

  static pipeline::Fields<SelectOptions> fields();

  bool needs_vectors() const;
  bool needs_score() const {
    return method == Method::top || method == Method::repr_filter || method == Method::importance;
  }
  /// Methods that choose by distances alone, in any number.
  bool ends_by_itself() const { return method == Method::repr_filter || method == Method::one_pass; }
};

/// Throws ConfigError, with the place, for options that contradict each other or what is there at this point of the
/// pipeline.
void check_options(const SelectOptions& options, const pipeline::Node& where, const pipeline::JobSetup& setup);

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Method> {
  static constexpr std::array<std::string_view, 10> values{"k-center",   "repr-filter", "one-pass", "facility-location",
                                                           "importance", "k-means",     "top",      "longest",
                                                           "random",     "target"};
};
template <>
struct Names<select::Storage> {
  static constexpr std::array<std::string_view, 3> values{"float32", "float16", "bfloat16"};
};
template <>
struct Names<jobs::First> {
  static constexpr std::array<std::string_view, 2> values{"lowest-id", "random"};
};
template <>
struct Names<jobs::CuratedUse> {
  static constexpr std::array<std::string_view, 2> values{"ignore", "start"};
};
template <>
struct Names<select::IndexKind> {
  static constexpr std::array<std::string_view, 2> values{"flat", "ivf"};
};

template <>
struct Codec<jobs::Bytes> {
  static std::string type() { return "bytes, such as 8GB"; }
  static jobs::Bytes decode(const Node& node, const std::string& context);
  static Node encode(jobs::Bytes value);
};

}  // namespace farpoint::pipeline
