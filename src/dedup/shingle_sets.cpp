// SPDX-License-Identifier: Apache-2.0
#include "shingle_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::dedup {

namespace {

/// Texts that wait for each other, so that all threads find work: some MB, which may lie in one of them.
class WaitingTexts {
 public:
  bool full() const { return bytes_.size() >= (std::size_t{8} << 20); }
  void add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
  }
  /// The sets of the texts, in their order; none waits then.
  std::vector<std::vector<std::uint64_t>> take_sets(const Shingler& shingler) {
    std::vector<std::vector<std::uint64_t>> sets(ends_.size());
    constexpr std::size_t grain = 8;
    parallel_for(sets.size(), grain, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t first = i == 0 ? 0 : ends_[i - 1];
        shingler.shingle(std::string_view(bytes_).substr(first, ends_[i] - first), sets[i]);
      }
    });
    bytes_.clear();
    ends_.clear();
    return sets;
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace

ShingleSets::ShingleSets(const Shingler& shingler, std::vector<std::uint64_t> ids, TextSource& texts,
                         const std::filesystem::path& folder)
    : ids_(std::move(ids)), ends_{0}, file_(folder) {
  ends_.reserve(ids_.size() + 1);
  WaitingTexts waiting;
  const auto write = [&] {
    for (const auto& set : waiting.take_sets(shingler)) {
      file_.append(std::as_bytes(std::span(set)));
      ends_.push_back(ends_.back() + set.size());
    }
  };
  texts.visit(ids_, [&](std::size_t, std::string_view text) {
    waiting.add(text);
    if (waiting.full()) write();
  });
  write();
  if (ends_.size() != ids_.size() + 1) {
    throw Error(fmt::format("{} texts of {} records came back for comparison", ends_.size() - 1, ids_.size()));
  }
}

std::size_t ShingleSets::index_of(std::uint64_t id) const {
  return static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
}

void ShingleSets::read(std::size_t index, std::span<std::uint64_t> set) const {
  file_.read(ends_[index] * sizeof(std::uint64_t), std::as_writable_bytes(set));
}

}  // namespace farpoint::dedup
