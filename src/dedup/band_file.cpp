// SPDX-License-Identifier: Apache-2.0
#include "band_file.hpp"

namespace farpoint::dedup {

void BandFile::add(std::span<const std::uint64_t> hashes) {
  for (std::size_t i = 0; i < hashes.size(); i += bands()) {
    for (std::size_t band = 0; band < bands(); ++band) waiting_[band].push_back(hashes[i + band]);
    if (waiting_.front().size() == block_records) write_block();
  }
}

void BandFile::write_block() {
  for (auto& hashes : waiting_) {
    file_.append(std::as_bytes(std::span(hashes)));
    hashes.clear();
  }
  written_ += block_records;
}

void BandFile::visit(std::size_t band,
                     const std::function<void(std::size_t, std::span<const std::uint64_t>)>& visit) const {
  std::vector<std::uint64_t> block(written_ > 0 ? block_records : 0);
  for (std::uint64_t first = 0; first < written_; first += block_records) {
    const std::uint64_t offset = (first * bands() + band * block_records) * sizeof(std::uint64_t);
    file_.read(offset, std::as_writable_bytes(std::span(block)));
    visit(first, block);
  }
  visit(written_, waiting_[band]);
}

}  // namespace farpoint::dedup
