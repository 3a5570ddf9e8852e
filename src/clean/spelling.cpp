// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/spelling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/unorm2.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <hunspell/hunspell.hxx>
#include <limits>
#include <mutex>

#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "spelling_words.hpp"

namespace farpoint::clean {

namespace {

namespace fs = std::filesystem;

/// Hunspell itself accepts any file in silence.
void check_dictionary(const SpellingDictionary& dictionary) {
  std::ifstream words(dictionary.words, std::ios::binary);
  std::ifstream affixes(dictionary.affixes, std::ios::binary);
  std::string line;
  std::getline(words, line);
  if (line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
  const bool counts = !line.empty() && line.front() >= '0' && line.front() <= '9';
  if (words && affixes && counts) return;
  throw Error(
      fmt::format("{} and {} are no Hunspell dictionary that can be read: the former must begin with the number "
                  "of its words",
                  dictionary.words.string(), dictionary.affixes.string()));
}

SpellingDictionary found(const std::string& language, const std::vector<fs::path>& folders) {
  if (auto dictionary = SpellingDictionary::find(language, folders)) return *std::move(dictionary);
  std::vector<std::string> names;
  for (const fs::path& folder : folders) names.push_back(folder.string());
  std::string package = language == "en" ? "en-us" : language;
  std::transform(package.begin(), package.end(), package.begin(), [](char c) {
    if (c == '_') return '-';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  throw UsageError(
      fmt::format("no spelling dictionary for \"{}\" ({}.aff and .dic, or one with a country such as {}_XX) "
                  "in {}: install one (Debian: hunspell-{}), or name the folder that has it",
                  language, language, language, fmt::join(names, ", "), package));
}

/// One language. Not thread-safe, as Hunspell is not.
class Dictionary {
 public:
  explicit Dictionary(const SpellingDictionary& files)
      : hunspell_(files.affixes.c_str(), files.words.c_str()), encoding_(hunspell_.get_dict_encoding()) {
    if (encoding_ == "UTF-8") return;
    UErrorCode error = U_ZERO_ERROR;
    converter_.reset(ucnv_open(encoding_.c_str(), &error));
    if (U_FAILURE(error)) {
      throw Error(fmt::format("{}: unknown encoding {}", files.affixes.string(), encoding_));
    }
    // A word with letters that the language does not have is not one of its words.
    ucnv_setFromUCallBack(converter_.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  }

  /// `word` is composed.
  bool knows(const icu::UnicodeString& word) {
    std::string bytes;
    if (!converter_) {
      word.toUTF8String(bytes);
      return hunspell_.spell(bytes);
    }
    UErrorCode error = U_ZERO_ERROR;
    bytes.resize(
        static_cast<std::size_t>(word.length()) * static_cast<std::size_t>(ucnv_getMaxCharSize(converter_.get())) + 16);
    const std::int32_t length = ucnv_fromUChars(converter_.get(), bytes.data(), static_cast<std::int32_t>(bytes.size()),
                                                word.getBuffer(), word.length(), &error);
    if (U_FAILURE(error)) return false;
    bytes.resize(static_cast<std::size_t>(length));
    return hunspell_.spell(bytes);
  }

 private:
  struct Close {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
  };
  Hunspell hunspell_;
  std::string encoding_;
  std::unique_ptr<UConverter, Close> converter_;
};

/// As dictionaries have words: accents composed, apostrophes straight.
icu::UnicodeString composed(std::string_view word) {
  auto text = icu::UnicodeString::fromUTF8(icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
  text.findAndReplace(icu::UnicodeString(u'\u2019'), icu::UnicodeString(u'\''));
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* normalizer = unorm2_getNFCInstance(&error);
  std::vector<char16_t> buffer(static_cast<std::size_t>(text.length()) * 3 + 1);
  const std::int32_t length = unorm2_normalize(normalizer, text.getBuffer(), text.length(), buffer.data(),
                                               static_cast<std::int32_t>(buffer.size()), &error);
  return U_FAILURE(error) ? text : icu::UnicodeString(buffer.data(), length);
}

/// Verdicts by the hash of the word; a word that takes another's place makes the other be looked up again.
class VerdictTable {
 public:
  VerdictTable() : slots_(std::make_unique<std::atomic<std::uint64_t>[]>(size)) {}

  std::optional<bool> find(std::uint64_t hash) const {
    const std::uint64_t slot = slots_[place(hash)].load(std::memory_order_relaxed);
    if (slot == 0 || (slot ^ hash) > 1) return std::nullopt;
    return (slot & 1) != 0;
  }
  void keep(std::uint64_t hash, bool known) {
    slots_[place(hash)].store((hash & ~std::uint64_t{1}) | static_cast<std::uint64_t>(known),
                              std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t size = std::size_t{1} << 19;
  static std::size_t place(std::uint64_t hash) { return hash >> (64 - 19); }
  std::unique_ptr<std::atomic<std::uint64_t>[]> slots_;
};

}  // namespace

struct Spelling::Implementation {
  std::vector<SpellingDictionary> files;
  std::mutex mutex;  ///< of `dictionaries`
  std::vector<std::unique_ptr<Dictionary>> dictionaries;
  VerdictTable verdicts;

  bool knows(std::string_view word) {
    const std::uint64_t hash = hash64(word);
    if (const auto verdict = verdicts.find(hash)) return *verdict;
    const icu::UnicodeString text = composed(word);
    bool known = false;
    {
      const std::lock_guard lock(mutex);
      known = std::any_of(dictionaries.begin(), dictionaries.end(),
                          [&](const auto& dictionary) { return dictionary->knows(text); });
    }
    verdicts.keep(hash, known);
    return known;
  }
};

Spelling::Spelling(std::span<const std::string> languages, const fs::path& folder)
    : implementation_(std::make_unique<Implementation>()) {
  if (languages.empty()) throw UsageError("no language is named for spelling: name one at least, such as \"en\"");
  const auto folders = folder.empty() ? SpellingDictionary::usual_folders() : std::vector<fs::path>{folder};
  for (const std::string& language : languages) {
    const auto& files = implementation_->files.emplace_back(found(language, folders));
    check_dictionary(files);
    implementation_->dictionaries.push_back(std::make_unique<Dictionary>(files));
  }
}

Spelling::~Spelling() = default;
Spelling::Spelling(Spelling&&) noexcept = default;

double Spelling::unknown_share(std::string_view utf8) const {
  const auto words = words_to_spell(utf8);
  if (words.size() < fewest_words) return std::numeric_limits<double>::quiet_NaN();
  const auto unknown =
      std::count_if(words.begin(), words.end(), [&](std::string_view word) { return !implementation_->knows(word); });
  return static_cast<double>(unknown) / static_cast<double>(words.size());
}

const std::vector<SpellingDictionary>& Spelling::dictionaries() const {
  return implementation_->files;
}

}  // namespace farpoint::clean
