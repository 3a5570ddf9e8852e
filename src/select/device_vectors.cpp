// SPDX-License-Identifier: Apache-2.0
#include "device_vectors.hpp"

#include <cmath>

#include "farpoint/base/half_float.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::select {

Storage storage_of(const Vectors& vectors) {
  if (vectors.in_memory()) return Storage::float32;
  const auto* const stored = dynamic_cast<const StoredRows*>(&vectors.reader());
  return stored == nullptr ? Storage::float32 : stored->storage();
}

DeviceRows::DeviceRows(Accelerator& accelerator, const Vectors& vectors)
    : storage_(storage_of(vectors)),
      dimension_(static_cast<std::uint32_t>(vectors.dimension())),
      wide_(accelerator, storage_ == Storage::float32 ? vectors.numbers() : 0),
      narrow_(accelerator, storage_ == Storage::float32 ? 0 : vectors.numbers()),
      norms_(accelerator, vectors.size()) {
  upload(vectors);
}

void DeviceRows::upload(const Vectors& vectors) {
  constexpr std::size_t batch = 8192;  // bounds the memory
  constexpr std::size_t grain = 64;
  std::vector<RowBlock> blocks(thread_count(), RowBlock(vectors, grain));
  std::vector<float> norms(std::min(batch, vectors.size())), wide(norms.size() * dimension_);
  std::vector<std::uint16_t> narrow(storage_ == Storage::float32 ? 0 : wide.size());
  for (std::size_t first = 0; first < vectors.size(); first += batch) {
    const std::size_t count = std::min(batch, vectors.size() - first);
    parallel_for(count, grain, [&](std::size_t thread, std::size_t begin, std::size_t end) {
      const auto rows = blocks[thread].load_range(first + begin, end - begin);
      for (std::size_t i = begin; i < end; ++i) {
        const std::span row(rows[i - begin], dimension_);
        norms[i] = screening_norm(row);
        if (storage_ == Storage::float32) {
          std::copy(row.begin(), row.end(), wide.begin() + static_cast<std::ptrdiff_t>(i * dimension_));
        } else {  // exactly as they were stored
          std::transform(row.begin(), row.end(), narrow.begin() + static_cast<std::ptrdiff_t>(i * dimension_),
                         storage_ == Storage::float16 ? float_to_half : float_to_bfloat16);
        }
      }
    });
    norms_.write(first, std::span<const float>(norms).first(count));
    if (storage_ == Storage::float32)
      wide_.write(first * dimension_, std::span<const float>(wide).first(count * dimension_));
    else
      narrow_.write(first * dimension_, std::span<const std::uint16_t>(narrow).first(count * dimension_));
  }
}

RowsView DeviceRows::view() const {
  if (storage_ == Storage::float32) return {wide_.data(), storage_, dimension_};
  return {narrow_.data(), storage_, dimension_};
}

DeviceCentres::DeviceCentres(Accelerator& accelerator, const Centres& centres, std::size_t expected)
    : centres_(centres),
      rows_(accelerator, expected * centres.dimension()),
      norms_(accelerator, expected),
      penalties_(accelerator, expected),
      hopeful_penalties_(accelerator, expected),
      longest_(accelerator, expected),
      labels_(accelerator, expected) {}

void DeviceCentres::update() {
  const std::size_t count = centres_.count();
  if (count == known_) return;
  const auto norms = centres_.norms(0);
  std::vector<float> penalties, hopeful_penalties;
  for (std::size_t c = known_; c < count; ++c) {
    penalties.push_back(centres_.penalty(c));
    hopeful_penalties.push_back(centres_.hopeful_penalty(c));
  }
  std::vector<float> longest(norms.begin(), norms.end());
  for (std::size_t c = count - 1; c-- > 0;) longest[c] = std::max(longest[c], longest[c + 1]);
  rows_.write(known_ * centres_.dimension(), std::span(centres_.row(known_), (count - known_) * centres_.dimension()));
  norms_.write(known_, norms.subspan(known_));
  penalties_.write(known_, penalties);
  hopeful_penalties_.write(known_, hopeful_penalties);
  longest_.write(longest);
  known_ = count;
}

void DeviceCentres::update_labels() {
  std::vector<std::uint64_t> labels(centres_.count());
  for (std::size_t c = 0; c < labels.size(); ++c) labels[c] = centres_.label(c);
  labels_.write(labels);
}

CentresView DeviceCentres::view() const {
  return {rows_.data(),
          norms_.data(),
          penalties_.data(),
          hopeful_penalties_.data(),
          longest_.data(),
          labels_.data(),
          static_cast<std::uint32_t>(known_)};
}

bool DeviceCentres::has_infinite_norm() const {
  const auto norms = centres_.norms(0);
  return std::any_of(norms.begin(), norms.end(), [](float norm) { return std::isinf(norm); });
}

}  // namespace farpoint::select
