// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <new>

namespace farpoint {

namespace {
Hash128 from_xxh(XXH128_hash_t hash) {
  return {hash.high64, hash.low64};
}
}  // namespace

std::string Hash128::hex() const {
  return fmt::format("{:016x}{:016x}", high, low);
}

Hash128 hash128(std::string_view bytes) {
  return from_xxh(XXH3_128bits(bytes.data(), bytes.size()));
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t hash64(std::span<const std::byte> bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

struct Hasher::State {
  State() : xxh(XXH3_createState()) {
    if (xxh == nullptr) throw std::bad_alloc();
    XXH3_128bits_reset(xxh);
  }
  ~State() { XXH3_freeState(xxh); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  XXH3_state_t* xxh;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {}
Hasher::~Hasher() = default;

Hasher& Hasher::add(std::string_view field) {
  add(static_cast<std::uint64_t>(field.size()));
  return add_raw(field);
}

Hasher& Hasher::add(std::uint64_t field) {
  XXH3_128bits_update(state_->xxh, &field, sizeof field);
  return *this;
}

Hasher& Hasher::add(const Hash128& field) {
  return add(field.high).add(field.low);
}

Hasher& Hasher::add_raw(std::string_view bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
  return *this;
}

Hash128 Hasher::digest() const {
  return from_xxh(XXH3_128bits_digest(state_->xxh));
}

}  // namespace farpoint
