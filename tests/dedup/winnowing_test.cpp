// SPDX-License-Identifier: Apache-2.0
#include "dedup/winnowing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "farpoint/base/random.hpp"

namespace farpoint::dedup {
namespace {

using Words = std::vector<std::uint64_t>;

std::vector<text::WrittenWord> written(const Words& words) {
  std::vector<text::WrittenWord> written;
  for (const std::uint64_t word : words) written.push_back({random_bits(7, 0, word), 0, 0});
  return written;
}

std::vector<Fingerprint> fingerprints_of(const Words& words, std::size_t n) {
  Winnowing winnowing(n);
  const auto found = winnowing.fingerprints(written(words));
  return {found.begin(), found.end()};
}

Words draw_words() {
  const auto alphabet = *rc::gen::inRange<std::uint64_t>(1, 6);
  return *rc::gen::container<Words>(rc::gen::inRange<std::uint64_t>(0, alphabet));
}

RC_GTEST_PROP(Winnowing, gives_each_window_one_fingerprint, ()) {
  const Words words = draw_words();
  const auto n = *rc::gen::inRange<std::size_t>(1, 9);
  std::size_t next = 0;
  for (const Fingerprint& fingerprint : fingerprints_of(words, n)) {
    RC_ASSERT(fingerprint.first_window == next);
    RC_ASSERT(fingerprint.end_window > next);
    next = fingerprint.end_window;
  }
  RC_ASSERT(next == (words.size() < n ? 0 : words.size() - n + 1));
}

/// What the search for repeats stands on.
RC_GTEST_PROP(Winnowing, marks_all_windows_that_occur_again, ()) {
  const Words words = draw_words();
  const auto n = *rc::gen::inRange<std::size_t>(1, 9);
  const auto fingerprints = fingerprints_of(words, n);
  std::map<Words, std::size_t> windows;
  const auto window_at = [&](std::size_t i) {
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
    return Words(begin, begin + static_cast<std::ptrdiff_t>(n));
  };
  for (std::size_t i = 0; i + n <= words.size(); ++i) ++windows[window_at(i)];

  for (const Fingerprint& fingerprint : fingerprints) {
    const auto same = std::ranges::count(fingerprints, fingerprint.hash, &Fingerprint::hash);
    for (std::size_t i = fingerprint.first_window; i < fingerprint.end_window; ++i) {
      RC_ASSERT(windows[window_at(i)] == 1 || fingerprint.tied || same > 1);
    }
  }
}

RC_GTEST_PROP(Winnowing, gives_equal_windows_equal_hashes, ()) {
  const Words words = draw_words();
  const auto n = *rc::gen::inRange<std::size_t>(1, 9);
  std::map<Words, std::uint64_t> hashes;
  for (const Fingerprint& fingerprint : fingerprints_of(words, n)) {
    for (std::size_t i = fingerprint.first_window; i < fingerprint.end_window; ++i) {
      const auto begin = words.begin() + static_cast<std::ptrdiff_t>(i);
      const Words window(begin, begin + static_cast<std::ptrdiff_t>(n));
      RC_ASSERT(hashes.emplace(window, fingerprint.hash).first->second == fingerprint.hash);
    }
  }
}

TEST(Winnowing, gives_as_many_as_the_paper_says) {
  Words words;
  for (std::uint64_t i = 0; i < 270'000; ++i) words.push_back(i);
  const auto fingerprints = fingerprints_of(words, 50);
  EXPECT_NEAR(static_cast<double>(fingerprints.size()), 270'000.0 * 2 / 27, 300);
  EXPECT_EQ(std::ranges::count(fingerprints, true, &Fingerprint::tied), 0);
}

TEST(Winnowing, gives_few_where_all_words_are_the_same) {
  const auto fingerprints = fingerprints_of(Words(26'000, 1), 50);
  EXPECT_LE(fingerprints.size(), 1000);
  EXPECT_EQ(std::ranges::count(fingerprints, false, &Fingerprint::tied), 0);
}

}  // namespace
}  // namespace farpoint::dedup
