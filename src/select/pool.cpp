// SPDX-License-Identifier: Apache-2.0
#include "pool.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "affinities.hpp"

namespace farpoint::select {

namespace {

/// What a rank shows of its rows, so that the message stays small with many ranks: all that can be in the pool when
/// there is one rank, four times its fair share when there are many.
std::size_t shown_rows(std::size_t pool_size, std::size_t ranks) {
  constexpr std::size_t least_shown = 32;
  const std::size_t fair_share = (pool_size + ranks - 1) / ranks;
  return std::min(pool_size, std::max(4 * fair_share, least_shown));
}

struct RankedKey {
  Key key;
  std::size_t rank = 0;
};

}  // namespace

Pool::Pool(comm::Communicator& comm, RowBounds& rows, const Screening& screening, std::size_t dimension,
           std::size_t size)
    : screening_(screening), dimension_(dimension) {
  // One more than are shown as candidates: the best of the rest.
  own_ = rows.top(shown_rows(size, static_cast<std::size_t>(comm.size())) + 1);
  const auto counts = agree(comm, size);
  const auto rank = static_cast<std::size_t>(comm.rank());
  own_.resize(counts[rank]);
  own_begin_ = std::accumulate(counts.begin(), counts.begin() + comm.rank(), std::size_t{0});
  rows.make_exact(own_);
  exchange(comm, rows, counts);
}

std::vector<std::uint64_t> Pool::agree(comm::Communicator& comm, std::size_t size) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  const std::size_t shown = shown_rows(size, ranks);
  std::vector<Key> mine(shown + 1);
  std::transform(own_.begin(), own_.end(), mine.begin(), [](const Candidate& candidate) { return candidate.key; });
  std::vector<Key> all(ranks * mine.size());
  comm.all_gather_bytes(std::as_bytes(std::span(mine)), std::as_writable_bytes(std::span(all)),
                        std::vector<std::uint64_t>(ranks, mine.size() * sizeof(Key)));

  std::vector<RankedKey> candidates;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_spare = i % mine.size() == shown;
    if (is_spare && all[i].before(left_out_)) left_out_ = all[i];
    if (!is_spare && all[i].before(Key{})) candidates.push_back({all[i], i / mine.size()});
  }
  const std::size_t kept = std::min(size, candidates.size());
  if (kept < candidates.size()) {
    const auto rest = candidates.begin() + static_cast<std::ptrdiff_t>(kept);
    std::nth_element(candidates.begin(), rest, candidates.end(),
                     [](const RankedKey& a, const RankedKey& b) { return a.key.before(b.key); });
    if (rest->key.before(left_out_)) left_out_ = rest->key;
  }
  std::vector<std::uint64_t> counts(ranks, 0);
  for (std::size_t i = 0; i < kept; ++i) ++counts[candidates[i].rank];
  return counts;
}

void Pool::exchange(comm::Communicator& comm, const RowBounds& rows, std::span<const std::uint64_t> counts) {
  const std::size_t vector_bytes = dimension_ * sizeof(float);
  std::vector<std::byte> mine(own_.size() * (sizeof(Key) + vector_bytes));
  std::vector<std::uint32_t> numbers(own_.size());
  std::transform(own_.begin(), own_.end(), numbers.begin(), [](const Candidate& candidate) { return candidate.row; });
  RowBlock block(rows.vectors(), own_.size());
  const auto vectors = block.load(numbers);
  std::byte* next = mine.data();
  for (std::size_t i = 0; i < own_.size(); ++i) {
    std::memcpy(next, &own_[i].key, sizeof(Key));
    std::memcpy(next + sizeof(Key), vectors[i], vector_bytes);
    next += sizeof(Key) + vector_bytes;
  }
  std::vector<std::uint64_t> sizes(counts.begin(), counts.end());
  for (auto& bytes : sizes) bytes *= sizeof(Key) + vector_bytes;
  std::vector<std::byte> all(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}));
  comm.all_gather_bytes(mine, all, sizes);
  unpack(all);
}

void Pool::unpack(std::span<const std::byte> message) {
  const std::size_t vector_bytes = dimension_ * sizeof(float);
  const std::size_t count = message.size() / (sizeof(Key) + vector_bytes);
  keys_.resize(count);
  vectors_.resize(count * dimension_);
  norms_.resize(count);
  products_.resize(count);
  for (std::size_t place = 0; place < count; ++place) {
    const std::byte* const entry = message.data() + place * (sizeof(Key) + vector_bytes);
    std::memcpy(&keys_[place], entry, sizeof(Key));
    std::memcpy(vectors_.data() + place * dimension_, entry + sizeof(Key), vector_bytes);
    norms_[place] = screening_norm(vector(place));
  }
}

std::span<const float> Pool::vector(std::size_t place) const {
  return std::span(vectors_).subspan(place * dimension_, dimension_);
}

bool Pool::is_chosen(std::size_t place) const {
  return keys_[place].value == Key{}.value;
}

void Pool::set_chosen(std::size_t place) {
  keys_[place].value = Key{}.value;
}

std::size_t Pool::best() const {
  const auto before = [](const Key& a, const Key& b) { return a.before(b); };
  return static_cast<std::size_t>(std::min_element(keys_.begin(), keys_.end(), before) - keys_.begin());
}

void Pool::apply(std::size_t place) {
  const auto centre = vector(place);
  const float penalty = screening_.penalty(norms_[place]);
  products_with(centre, vectors_, products_);
  for (std::size_t q = 0; q < keys_.size(); ++q) {
    if (is_chosen(q)) continue;
    double& value = keys_[q].value;
    const float affinity = screening_.scale() * products_[q] - penalty;
    if (screening_.lower(norms_[q], norms_[place], affinity) > value) continue;
    value = std::min(value, canonical(screening_.metric(), vector(q), centre));
  }
}

void Pool::settle(RowBounds& rows) const {
  for (std::size_t i = 0; i < own_.size(); ++i) {
    const std::size_t place = own_begin_ + i;
    if (is_chosen(place))
      rows.set_chosen(own_[i].row);
    else
      rows.set_exact(own_[i].row, keys_[place].value);
  }
}

}  // namespace farpoint::select
