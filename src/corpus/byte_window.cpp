// SPDX-License-Identifier: Apache-2.0
#include "byte_window.hpp"

#include <cstring>

namespace farpoint::corpus {

namespace {

/// Fits the second-level cache, so that what was read is still there when it is looked at.
constexpr std::size_t initial_capacity = 512U << 10;

std::unique_ptr<char[]> allocate(std::size_t capacity) {
  return std::make_unique_for_overwrite<char[]>(capacity + ByteWindow::padding);
}

}  // namespace

ByteWindow::ByteWindow(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), capacity_(initial_capacity), buffer_(allocate(capacity_)) {}

bool ByteWindow::extend() {
  if (hasher_) hash_consumed();
  make_room();
  const std::size_t count = source_->read({buffer_.get() + end_, capacity_ - end_});
  end_ += count;
  return count > 0;
}

void ByteWindow::make_room() {
  const std::string_view kept = bytes();
  if (kept.size() > capacity_ / 4 * 3) {
    capacity_ *= 2;
    std::unique_ptr<char[]> larger = allocate(capacity_);
    std::memcpy(larger.get(), kept.data(), kept.size());
    buffer_ = std::move(larger);
  } else {
    std::memmove(buffer_.get(), kept.data(), kept.size());
  }
  begin_ = hashed_ = 0;
  end_ = kept.size();
}

void ByteWindow::jump(std::uint64_t offset) {
  if (offset >= offset_ && offset - offset_ <= bytes().size()) {
    consume(offset - offset_);
    return;
  }
  source_->seek(offset);
  begin_ = end_ = hashed_ = 0;
  offset_ = offset;
}

void ByteWindow::start_hash() {
  hasher_.emplace();
  hashed_ = begin_;
}

Hash128 ByteWindow::take_hash() {
  hash_consumed();
  const Hash128 hash = hasher_->digest();
  hasher_.emplace();
  return hash;
}

void ByteWindow::hash_consumed() {
  hasher_->add_raw({buffer_.get() + hashed_, begin_ - hashed_});
  hashed_ = begin_;
}

}  // namespace farpoint::corpus
