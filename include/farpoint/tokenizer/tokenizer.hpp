// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::tokenizer {

struct EncodeOptions {
  /// Whether the tokenizer's post-processor adds its tokens, such as [CLS] and [SEP]. Texts of chat templates have
  /// theirs already. Special tokens that are written out in a text are recognised either way.
  bool special_tokens = true;
  /// Most ids of a record, special tokens included; what is too long loses its end. 0: no limit.
  std::size_t max_tokens = 0;
};

/// The ids of many records, one after the other.
struct TokenLists {
  std::vector<std::uint32_t> ids;
  std::vector<std::uint32_t> type_ids;    ///< as many as ids, for pairs; none for single texts
  std::vector<std::uint64_t> offsets;     ///< [records + 1]: record i has the ids [offsets[i], offsets[i + 1])
  std::vector<std::uint8_t> truncated;    ///< [records]: 1 where max_tokens cost some ids
  std::size_t records_with_bad_utf8 = 0;  ///< in which bytes that are not UTF-8 became U+FFFD

  std::size_t size() const { return truncated.size(); }
  std::span<const std::uint32_t> operator[](std::size_t record) const {
    return std::span(ids).subspan(offsets[record], offsets[record + 1] - offsets[record]);
  }
};

/// A tokenizer of Hugging Face's library, from its tokenizer.json. Gives the ids that the library gives, but for what
/// the file says of truncation, padding and dropout, which is ignored. Safe on several threads.
class Tokenizer {
 public:
  /// Reads `file`, a tokenizer.json; a large one takes a second. Throws UsageError if there is no such file, saying
  /// what its folder has instead and how to make one, and Error if it is not a tokenizer.
  explicit Tokenizer(const std::filesystem::path& file);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  /// Runs on all threads of parallel_for(); the result does not depend on their number. Where max_tokens is set, costs
  /// of a long text grow with max_tokens, not with its length, if uses_beginnings(). Throws UsageError where max_tokens
  /// is too small for the special tokens.
  TokenLists encode(std::span<const std::string_view> texts, const EncodeOptions& options = {}) const;
  /// Record i is the pair of first[i] and second[i]. Of the two the longer one is shortened first. Throws Error where
  /// there are not as many of each.
  TokenLists encode_pairs(std::span<const std::string_view> first, std::span<const std::string_view> second,
                          const EncodeOptions& options = {}) const;

  /// The text of the ids, by the tokenizer's decoder; ids that there are not are left out.
  std::string decode(std::span<const std::uint32_t> ids, bool skip_special_tokens = true) const;

  std::optional<std::uint32_t> token_to_id(std::string_view token) const;
  std::optional<std::string> id_to_token(std::uint32_t id) const;
  /// Number of different tokens, added ones included. Ids may be larger where the vocabulary has holes.
  std::size_t vocab_size() const;
  /// Number of special tokens that are added to a single text, and to a pair.
  std::size_t added_to_text() const;
  std::size_t added_to_pair() const;
  /// The special tokens that are added before a single text, and behind it.
  const std::vector<std::uint32_t>& front() const;
  const std::vector<std::uint32_t>& back() const;
  /// Whether the first ids of a long text are found without tokenising all of it. So it is for the kinds of
  /// tokenizers where that is sure to give the same ids.
  bool uses_beginnings() const;

 private:
  struct Implementation;
  TokenLists encode_records(std::span<const std::string_view> first, std::span<const std::string_view> second,
                            bool pairs, const EncodeOptions& options) const;

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::tokenizer
