// SPDX-License-Identifier: Apache-2.0
#include "pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "affinities.hpp"
#include "canonical_batch.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "stopwatch.hpp"

namespace farpoint::select {

namespace {

/// What a rank says before its candidates.
struct Header {
  Key left_out;
  std::uint64_t candidates = 0;
};

}  // namespace

Pool Pool::of_first(comm::Communicator& comm, RowBounds& rows, const Screening& screening, std::size_t share,
                    KCenterCosts& costs) {
  Pool pool(screening, rows.vectors().dimension());
  // One more than are shown: the best of the rest.
  pool.own_ = rows.top(share + 1);
  Header mine;
  if (pool.own_.size() > share) {
    mine.left_out = pool.own_.back().key;
    pool.own_.pop_back();
  }
  mine.candidates = pool.own_.size();
  rows.make_exact(pool.own_);

  // Of one size on all ranks, so that one call does.
  const Stopwatch watch(costs.message_seconds);
  const std::size_t size = sizeof(Header) + share * pool.member_bytes();
  auto message = pool.pack(rows, sizeof(Header), share);
  std::memcpy(message.data(), &mine, sizeof(Header));
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::byte> all(ranks * size);
  comm.all_gather_bytes(message, all, std::vector<std::uint64_t>(ranks, size));
  pool.reserve(ranks * share);
  for (std::size_t rank = 0; rank < ranks; ++rank) {
    const auto part = std::span<const std::byte>(all).subspan(rank * size, size);
    Header header;
    std::memcpy(&header, part.data(), sizeof(Header));
    if (header.left_out.before(pool.left_out_)) pool.left_out_ = header.left_out;
    if (rank == static_cast<std::size_t>(comm.rank())) {
      pool.own_places_.resize(header.candidates);
      std::iota(pool.own_places_.begin(), pool.own_places_.end(), pool.members_.size());
    }
    pool.unpack(part.subspan(sizeof(Header), header.candidates * pool.member_bytes()));
  }
  pool.prepare();
  return pool;
}

Pool Pool::of_ids(comm::Communicator& comm, RowBounds& rows, const Screening& screening,
                  std::span<const std::uint64_t> ids, bool make_exact, KCenterCosts& costs) {
  Pool pool(screening, rows.vectors().dimension());
  pool.own_ = rows.find(ids);
  if (make_exact) rows.make_exact(pool.own_);
  const Stopwatch watch(costs.message_seconds);
  const auto all = comm::all_gather<std::byte>(comm, pool.pack(rows, 0, pool.own_.size())).data;
  pool.reserve(ids.size());
  // Each member belongs where its id stands in the list.
  std::unordered_map<std::uint64_t, const std::byte*> found;
  for (std::size_t at = 0; at < all.size(); at += pool.member_bytes()) {
    Member member;
    std::memcpy(&member, all.data() + at, sizeof(Member));
    found.emplace(member.id, all.data() + at);
  }
  std::unordered_map<std::uint64_t, std::size_t> places;
  for (std::size_t place = 0; place < ids.size(); ++place) {
    const auto member = found.find(ids[place]);
    if (member == found.end()) {
      throw comm::AgreedError(fmt::format("the record {} is not among the candidates", ids[place]));
    }
    places.emplace(ids[place], place);
    pool.unpack(std::span(member->second, pool.member_bytes()));
  }
  for (const Candidate& candidate : pool.own_) pool.own_places_.push_back(places.at(candidate.key.id));
  pool.prepare();
  return pool;
}

std::vector<std::byte> Pool::pack(const RowBounds& rows, std::size_t header, std::size_t share) const {
  std::vector<std::uint32_t> numbers(own_.size());
  std::transform(own_.begin(), own_.end(), numbers.begin(), [](const Candidate& candidate) { return candidate.row; });
  RowBlock block(rows.vectors(), own_.size());
  const auto vectors = block.load(numbers);
  const auto bounds = rows.bounds_of(own_);
  std::vector<std::byte> message(header + share * member_bytes());
  std::byte* next = message.data() + header;
  for (std::size_t i = 0; i < own_.size(); ++i) {
    const std::size_t row = numbers[i];
    Member member;
    member.value = bounds[i];
    member.weight = rows.weight(row);
    member.id = rows.id(row);
    member.tokens = rows.charges().token_count(row);
    member.label = rows.charges().label(row);
    member.centres = rows.centre_count();
    std::memcpy(next, &member, sizeof(Member));
    std::memcpy(next + sizeof(Member), vectors[i], dimension_ * sizeof(float));
    next += member_bytes();
  }
  return message;
}

void Pool::reserve(std::size_t members) {
  members_.reserve(members);
  vectors_.reserve(members * dimension_);
}

void Pool::unpack(std::span<const std::byte> message) {
  for (std::size_t at = 0; at < message.size(); at += member_bytes()) {
    std::memcpy(&members_.emplace_back(), message.data() + at, sizeof(Member));
    const std::size_t end = vectors_.size();
    vectors_.resize(end + dimension_);
    std::memcpy(vectors_.data() + end, message.data() + at + sizeof(Member), dimension_ * sizeof(float));
  }
}

void Pool::prepare() {
  norms_.resize(size());
  products_.resize(size());
  is_chosen_.assign(size(), 0);
  active_.resize(size());
  std::iota(active_.begin(), active_.end(), std::size_t{0});
  for (std::size_t place = 0; place < size(); ++place) norms_[place] = screening_norm(vector(place));
}

void Pool::set_chosen(std::size_t place) {
  is_chosen_[place] = 1;
  std::erase(active_, place);
}

std::span<const float> Pool::vector(std::size_t place) const {
  return std::span(vectors_).subspan(place * dimension_, dimension_);
}

std::size_t Pool::best(const Ledger* ledger) const {
  const bool any_label = ledger == nullptr || ledger->is_full() || ledger->limits().labels.empty();
  std::size_t first = nobody;
  for (const std::size_t place : active_) {
    if (!(any_label || ledger->is_open(label(place)))) continue;
    if (first == nobody || key(place).before(key(first))) first = place;
  }
  return first;
}

void Pool::apply(std::size_t place, std::size_t centres) {
  const auto centre = vector(place);
  const float penalty = screening_.penalty(norms_[place]);
  rows_.clear();
  for (const std::size_t q : active_) rows_.push_back(vector(q).data());
  products_with(centre, rows_, products_);
  near_.clear();
  for (std::size_t i = 0; i < active_.size(); ++i) {
    const std::size_t q = active_[i];
    members_[q].centres = static_cast<std::uint32_t>(centres);
    const float affinity = screening_.scale() * products_[i] - penalty;
    if (!(screening_.lower(norms_[q], norms_[place], affinity) > members_[q].value)) near_.push_back(q);
  }
  // Side by side: one sum in its order waits for each of its additions.
  std::array<const float*, canonical_lanes> rows;
  for (std::size_t begin = 0; begin < near_.size(); begin += canonical_lanes) {
    const std::size_t count = std::min(canonical_lanes, near_.size() - begin);
    for (std::size_t lane = 0; lane < canonical_lanes; ++lane) {
      rows[lane] = vector(near_[begin + (lane < count ? lane : 0)]).data();
    }
    const auto values = canonical_batch(screening_.metric(), centre, rows);
    for (std::size_t lane = 0; lane < count; ++lane) {
      double& value = members_[near_[begin + lane]].value;
      value = std::min(value, values[lane]);
    }
  }
  std::erase_if(active_, [&](std::size_t q) { return !is_certified(q); });
}

void Pool::settle(RowBounds& rows) const {
  std::vector<Outcome> outcomes(own_.size());
  for (std::size_t i = 0; i < own_.size(); ++i) {
    const std::size_t place = own_places_[i];
    const Member& member = members_[place];
    outcomes[i] = {own_[i].row, is_chosen_[place] != 0, member.value, member.centres};
  }
  rows.settle(outcomes);
}

}  // namespace farpoint::select
