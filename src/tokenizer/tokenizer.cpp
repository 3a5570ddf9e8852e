// SPDX-License-Identifier: Apache-2.0
#include "farpoint/tokenizer/tokenizer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iterator>

#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "foreign.hpp"

namespace farpoint::tokenizer {

namespace {

namespace fs = std::filesystem;

struct Close {
  void operator()(FarpointTokenizer* tokenizer) const { farpoint_tokenizer_free(tokenizer); }
  void operator()(FarpointLists* lists) const { farpoint_lists_free(lists); }
};
using Lists = std::unique_ptr<FarpointLists, Close>;

/// Texts of one call; short enough that threads end together, long enough that a call costs nothing.
constexpr std::size_t grain = 16;

[[noreturn]] void throw_missing(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const auto has = [&](const char* name) { return fs::exists(folder / name); };
  std::vector<std::string> found;
  for (const char* name : {"vocab.txt", "spm.model", "tokenizer.model"}) {
    if (has(name)) found.emplace_back(name);
  }
  if (has("vocab.json") && has("merges.txt")) found.emplace_back("vocab.json and merges.txt");
  throw UsageError(fmt::format(
      "{} is missing{}. Python with transformers makes it: "
      "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained(\"{}\").save_pretrained(\"{}\")",
      file.string(),
      found.empty() ? std::string("; the folder has no other vocabulary that is known")
                    : fmt::format("; the folder has {}, which is not read", fmt::join(found, ", ")),
      folder.string(), folder.string()));
}

std::string read(const fs::path& file) {
  if (!fs::exists(file)) throw_missing(file);
  std::ifstream in(file, std::ios::binary);
  if (in && fs::is_regular_file(file)) {
    std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.bad()) return content;
  }
  throw Error(fmt::format("{} cannot be read", file.string()));
}

std::vector<FarpointText> to_abi(std::span<const std::string_view> texts) {
  std::vector<FarpointText> out;
  out.reserve(texts.size());
  for (const std::string_view text : texts) out.push_back(tokenizer::to_abi(text));
  return out;
}

/// Joins the lists of consecutive ranges of records.
TokenLists joined(const std::vector<Lists>& parts, bool pairs) {
  TokenLists all;
  std::size_t ids = 0, records = 0;
  for (const Lists& part : parts) {
    const FarpointListsView view = farpoint_lists_view(part.get());
    ids += view.id_count;
    records += view.count;
  }
  all.ids.reserve(ids);
  if (pairs) all.type_ids.reserve(ids);
  all.offsets.reserve(records + 1);
  all.truncated.reserve(records);
  all.offsets.push_back(0);
  for (const Lists& part : parts) {
    const FarpointListsView view = farpoint_lists_view(part.get());
    const std::uint64_t begin = all.ids.size();
    for (std::size_t i = 0; i < view.count; ++i) all.offsets.push_back(begin + view.ends[i]);
    all.ids.insert(all.ids.end(), view.ids, view.ids + view.id_count);
    if (view.type_ids != nullptr) all.type_ids.insert(all.type_ids.end(), view.type_ids, view.type_ids + view.id_count);
    all.truncated.insert(all.truncated.end(), view.truncated, view.truncated + view.count);
    all.records_with_bad_utf8 += view.replaced;
  }
  return all;
}

}  // namespace

struct Tokenizer::Implementation {
  std::string file;
  std::unique_ptr<FarpointTokenizer, Close> handle;
  std::vector<std::uint32_t> front, back;

  std::vector<std::uint32_t> edge(bool at_front) const {
    FarpointLists* out = nullptr;
    check(farpoint_tokenizer_edge(handle.get(), at_front, &out), file);
    const Lists lists(out);
    const FarpointListsView view = farpoint_lists_view(out);
    return {view.ids, view.ids + view.id_count};
  }
};

Tokenizer::Tokenizer(const fs::path& file) : implementation_(std::make_unique<Implementation>()) {
  auto& [name, handle, front, back] = *implementation_;
  name = file.string();
  FarpointTokenizer* opened = nullptr;
  check(farpoint_tokenizer_open(tokenizer::to_abi(read(file)), &opened), name);
  handle.reset(opened);
  front = implementation_->edge(true);
  back = implementation_->edge(false);
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

TokenLists Tokenizer::encode(std::span<const std::string_view> texts, const EncodeOptions& options) const {
  return encode_records(texts, {}, false, options);
}

TokenLists Tokenizer::encode_pairs(std::span<const std::string_view> first, std::span<const std::string_view> second,
                                   const EncodeOptions& options) const {
  if (first.size() != second.size()) {
    throw Error(fmt::format("{} first and {} second texts are not pairs", first.size(), second.size()));
  }
  return encode_records(first, second, true, options);
}

TokenLists Tokenizer::encode_records(std::span<const std::string_view> first, std::span<const std::string_view> second,
                                     bool pairs, const EncodeOptions& options) const {
  const auto& [file, handle, front, back] = *implementation_;
  const std::size_t added = !options.special_tokens ? 0 : pairs ? added_to_pair() : added_to_text();
  if (options.max_tokens > 0 && options.max_tokens < added) {
    throw UsageError(
        fmt::format("at most {} tokens: {} alone adds {} special tokens to a record", options.max_tokens, file, added));
  }
  const std::vector<FarpointText> first_texts = to_abi(first), second_texts = to_abi(second);
  std::vector<Lists> parts((first.size() + grain - 1) / grain);
  parallel_for(first.size(), grain, [&](std::size_t, std::size_t begin, std::size_t end) {
    FarpointLists* out = nullptr;
    check(farpoint_tokenizer_encode(implementation_->handle.get(), first_texts.data() + begin,
                                    pairs ? second_texts.data() + begin : nullptr, end - begin,
                                    {options.special_tokens, options.max_tokens}, &out),
          implementation_->file);
    parts[begin / grain].reset(out);
  });
  return joined(parts, pairs);
}

std::string Tokenizer::decode(std::span<const std::uint32_t> ids, bool skip_special_tokens) const {
  FarpointString text{};
  check(farpoint_tokenizer_decode(implementation_->handle.get(), ids.data(), ids.size(), skip_special_tokens, &text),
        implementation_->file);
  return take(text).value_or("");
}

std::optional<std::uint32_t> Tokenizer::token_to_id(std::string_view token) const {
  std::int64_t id = -1;
  check(farpoint_tokenizer_id(implementation_->handle.get(), tokenizer::to_abi(token), &id), implementation_->file);
  if (id < 0) return std::nullopt;
  return static_cast<std::uint32_t>(id);
}

std::optional<std::string> Tokenizer::id_to_token(std::uint32_t id) const {
  FarpointString token{};
  check(farpoint_tokenizer_token(implementation_->handle.get(), id, &token), implementation_->file);
  return take(token);
}

std::size_t Tokenizer::vocab_size() const {
  return farpoint_tokenizer_vocab_size(implementation_->handle.get());
}

std::size_t Tokenizer::added_to_text() const {
  return farpoint_tokenizer_added(implementation_->handle.get(), 1);
}

std::size_t Tokenizer::added_to_pair() const {
  return farpoint_tokenizer_added(implementation_->handle.get(), 2);
}

const std::vector<std::uint32_t>& Tokenizer::front() const {
  return implementation_->front;
}

const std::vector<std::uint32_t>& Tokenizer::back() const {
  return implementation_->back;
}

bool Tokenizer::uses_beginnings() const {
  return farpoint_tokenizer_cuts(implementation_->handle.get());
}

}  // namespace farpoint::tokenizer
