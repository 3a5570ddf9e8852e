// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/coherence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/clean/sentences.hpp"

namespace farpoint::clean {
namespace {

const text::HashedTfidfOptions small{.dimension = 130, .buckets = 1U << 12};

std::uint64_t below(std::uint64_t end, std::uint64_t stream, std::uint64_t counter) {
  return random_bits(5, stream, counter) % end;
}

std::string word_of(std::uint64_t topic) {
  std::string word;
  for (std::uint64_t i = 0; i < 8; ++i) word += static_cast<char>('a' + below(26, topic, 50'000 + i));
  return word;
}

/// Sentences whose topic drifts: sentence i is made of the words i to i + 20 of a vocabulary.
std::vector<std::string> drifting_sentences(std::uint64_t seed, std::size_t count) {
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < count; ++i) {
    std::string sentence = "So";
    for (std::uint64_t word = 0; word < 12; ++word) {
      sentence += " " + word_of(seed * 1000 + i + below(20, seed, i * 100 + word));
    }
    sentences.push_back(sentence + ". ");
  }
  return sentences;
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += sentence;
  return text;
}

std::vector<std::string> shuffled(std::vector<std::string> sentences, std::uint64_t seed) {
  for (std::size_t i = sentences.size(); i > 1; --i) std::swap(sentences[i - 1], sentences[below(i, seed, 7'000 + i)]);
  return sentences;
}

std::vector<float> some_weights(std::size_t buckets) {
  std::vector<float> weights(buckets);
  for (std::size_t i = 0; i < buckets; ++i) weights[i] = 0.5F + static_cast<float>(below(100, 3, i)) / 100;
  return weights;
}

double reference(const std::string& text, const std::vector<float>& weights, const text::HashedTfidfOptions& options) {
  const text::HashedTfidf embedder(options, weights);
  std::vector<std::vector<float>> rows;
  auto parts = sentences(text);
  if (parts.size() > 200) parts.resize(200);
  for (const std::string_view sentence : parts) {
    std::vector<float> row(options.dimension);
    embedder.embed(sentence, row);
    if (std::any_of(row.begin(), row.end(), [](float x) { return x != 0; })) rows.push_back(row);
  }
  if (rows.size() < 2) return std::nan("");
  double sum = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    double product = 0, a = 0, b = 0;
    for (std::size_t k = 0; k < options.dimension; ++k) {
      product += double{rows[i][k]} * double{rows[i - 1][k]};
      a += double{rows[i][k]} * double{rows[i][k]};
      b += double{rows[i - 1][k]} * double{rows[i - 1][k]};
    }
    sum += product / (std::sqrt(a) * std::sqrt(b));
  }
  return sum / static_cast<double>(rows.size() - 1);
}

TEST(Coherence, is_the_mean_cosine_of_neighbours) {
  const auto weights = some_weights(small.buckets);
  const Coherence weighted(weights, small);
  const Coherence unweighted({}, small);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::string text = joined(drifting_sentences(seed, 2 + seed * 15));
    EXPECT_NEAR(weighted(text), reference(text, weights, small), 1e-12);
    EXPECT_NEAR(unweighted(text), reference(text, std::vector<float>(small.buckets, 1.0F), small), 1e-12);
  }
}

TEST(Coherence, is_one_between_copies_and_near_zero_between_strangers) {
  const Coherence coherence({});
  EXPECT_NEAR(coherence("The sky is blue. The sky is blue! The sky is blue?"), 1, 1e-12);
  EXPECT_LT(std::abs(coherence("The sky is blue. Many fish swim deep.")), 0.2);
}

TEST(Coherence, passes_over_sentences_without_words) {
  const Coherence coherence({}, small);
  EXPECT_EQ(coherence("The sky is blue.\n---\nThe sea is blue."), coherence("The sky is blue.\nThe sea is blue."));
}

TEST(Coherence, is_no_number_for_fewer_than_two_sentences) {
  const Coherence coherence({}, small);
  for (const char* text : {"", "  ", "The sky is blue.", "The sky is blue.\n---", "---\n***\n...", "\xff\xfe. \xff"}) {
    EXPECT_TRUE(std::isnan(coherence(text))) << text;
  }
}

TEST(Coherence, is_lower_when_sentences_are_shuffled) {
  const Coherence coherence({});
  double ordered_sum = 0, shuffled_sum = 0;
  int lower = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto sentences = drifting_sentences(seed, 60);
    const double ordered = coherence(joined(sentences));
    const double disordered = coherence(joined(shuffled(sentences, seed)));
    ordered_sum += ordered;
    shuffled_sum += disordered;
    lower += disordered < ordered ? 1 : 0;
  }
  EXPECT_GT(ordered_sum, 1.5 * shuffled_sum);
  EXPECT_GE(lower, 19);
}

TEST(Coherence, reads_the_first_sentences_alone) {
  const Coherence coherence({}, small);
  const auto sentences = drifting_sentences(1, 300);
  const std::vector<std::string> first(sentences.begin(), sentences.begin() + Coherence::most_sentences);
  EXPECT_EQ(coherence(joined(sentences)), coherence(joined(first)));
}

TEST(Coherence, gives_the_same_bits_on_every_thread) {
  const Coherence coherence({}, small);
  const std::string text = joined(drifting_sentences(2, 100));
  const double alone = coherence(text);
  std::vector<double> results(4);
  {
    std::vector<std::jthread> threads;
    for (double& result : results) {
      threads.emplace_back([&] {
        coherence("Something else. It comes before.");
        result = coherence(text);
      });
    }
  }
  for (const double result : results) EXPECT_EQ(result, alone);
}

TEST(Coherence, takes_hostile_texts) {
  const Coherence coherence({}, small);
  EXPECT_TRUE(std::isnan(coherence(std::string(10'000'000, 'a'))));
  EXPECT_TRUE(std::isnan(coherence(std::string(10'000'000, '.'))));
  std::string sentences;
  for (int i = 0; i < 1'000'000; ++i) sentences += "It rains. ";
  EXPECT_NEAR(coherence(sentences), 1, 1e-12);
}

TEST(Coherence, refuses_weights_of_another_number) {
  EXPECT_THROW(Coherence(std::vector<float>(5), small), Error);
  EXPECT_THROW(Coherence({}, {.dimension = 3}), UsageError);
}

}  // namespace
}  // namespace farpoint::clean
