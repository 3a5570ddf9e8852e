// SPDX-License-Identifier: Apache-2.0
#include "faiss_search.hpp"

#include <algorithm>

#include <faiss/utils/distances.h>

#ifdef FARPOINT_FAISS_GPU
#include <faiss/gpu/GpuDistance.h>
#include <faiss/gpu/StandardGpuResources.h>
#include <fmt/format.h>

#include "farpoint/base/error.hpp"
#endif

namespace farpoint::select {

namespace {

void search_on_cpu(Metric metric, std::size_t dimension, std::span<const float> queries, std::span<const float> rows,
                   std::size_t k, std::span<float> values, std::span<std::int64_t> places) {
  const std::size_t count = queries.size() / dimension;
  const std::size_t row_count = rows.size() / dimension;
  if (metric == Metric::cosine) {
    faiss::knn_inner_product(queries.data(), rows.data(), dimension, count, row_count, k, values.data(), places.data());
  } else {
    faiss::knn_L2sqr(queries.data(), rows.data(), dimension, count, row_count, k, values.data(), places.data());
  }
}

#ifdef FARPOINT_FAISS_GPU

constexpr std::size_t most_on_gpu = 2048;  // FAISS' k-selection

/// cuVS, where FAISS has it, promises no bound on the error of its products.
template <typename Params>
void without_cuvs(Params& params) {
  if constexpr (requires { params.use_cuvs; }) params.use_cuvs = false;
  if constexpr (requires { params.use_raft; }) params.use_raft = false;
}

/// The rows need not stay on the GPU, so they may be more than its memory holds.
void search_on_gpu(Metric metric, std::size_t dimension, std::span<const float> queries, std::span<const float> rows,
                   std::size_t k, std::span<float> values, std::span<std::int64_t> places) {
  static faiss::gpu::StandardGpuResources resources;
  faiss::gpu::GpuDistanceParams params;
  params.metric = metric == Metric::cosine ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2;
  params.k = static_cast<int>(k);
  params.dims = static_cast<int>(dimension);
  params.vectors = rows.data();
  params.numVectors = static_cast<decltype(params.numVectors)>(rows.size() / dimension);
  params.queries = queries.data();
  params.numQueries = static_cast<decltype(params.numQueries)>(queries.size() / dimension);
  params.outDistances = values.data();
  params.outIndices = places.data();
  without_cuvs(params);
  try {
    faiss::gpu::bfKnn(&resources, params);
  } catch (const std::exception& error) {
    throw Error(fmt::format("FAISS on the GPU: {}; a build with -DFAISS_GPU=OFF searches on the CPU", error.what()));
  }
}

#endif

}  // namespace

void faiss_nearest(Metric metric, std::size_t dimension, std::span<const float> queries, std::span<const float> rows,
                   std::size_t k, std::span<float> values, std::span<std::int64_t> places) {
#ifdef FARPOINT_FAISS_GPU
  if (k <= most_on_gpu) return search_on_gpu(metric, dimension, queries, rows, k, values, places);
#endif
  search_on_cpu(metric, dimension, queries, rows, k, values, places);
}

FaissBounds::FaissBounds(Metric metric, std::size_t dimension) : metric_(metric) {
  const double roundings = static_cast<double>(dimension + 8);
  const double gamma = roundings * 0x1p-24 / (1 - roundings * 0x1p-24);
  slack_ = metric == Metric::l2 ? 2 * gamma : gamma / 2;
  floor_ = 2 * roundings * 0x1p-120 + (metric == Metric::cosine ? 0x1p-50 : 0.0);
}

double FaissBounds::left_out(float query_norm, float longest, float last, double most) const {
  double row_norm = longest;
  // A row c at most sqrt(most) from x has |c| <= |x| + sqrt(most), so |c|^2 <= 2 |x|^2 + 2 most; longer ones are
  // farther than that anyway. The last factor is for the roundings of the square roots and sums.
  if (metric_ == Metric::l2) {
    row_norm = std::min(row_norm, 2 * (static_cast<double>(query_norm) + most) * (1 + 0x1p-20));
  }
  return lower(query_norm, row_norm, last);
}

}  // namespace farpoint::select
