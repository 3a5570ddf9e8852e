// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/language.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include "english.hpp"
#include "language_sample.hpp"

namespace farpoint::clean {

namespace {

struct Share {
  std::string code;
  double share = 0;
};

struct Shares {
  std::vector<Share> languages;
  bool reliable = false;

  void add(std::string_view code, double share) {
    const auto same = std::ranges::find(languages, code, &Share::code);
    if (same != languages.end()) {
      same->share += share;
    } else {
      languages.push_back({std::string(code), share});
    }
  }
};

/// CLD2 names scripts of one language, and those of none, by codes such as "xx-Qaai".
bool is_script(std::string_view code) {
  return code.starts_with("xx-");
}

/// Both written forms of Chinese have one code.
std::string_view folded(std::string_view code) {
  return code == "zh-Hant" ? "zh" : code;
}

Shares detect_by_cld2(std::string_view text) {
  constexpr bool is_plain_text = true;
  constexpr int flags = 0;
  const CLD2::CLDHints no_hints{nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  CLD2::Language languages[3] = {CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE};
  int percents[3] = {0, 0, 0};
  double scores[3] = {0, 0, 0};
  int text_bytes = 0;
  int valid_bytes = 0;
  bool reliable = false;
  const CLD2::Language summary = CLD2::ExtDetectLanguageSummaryCheckUTF8(
      text.data(), static_cast<int>(text.size()), is_plain_text, &no_hints, flags, languages, percents, scores, nullptr,
      &text_bytes, &reliable, &valid_bytes);
  Shares result;
  // Its summary prefers other languages to English, which it takes for boilerplate; but whether it has one is well
  // founded.
  if (summary == CLD2::UNKNOWN_LANGUAGE) return result;
  for (int i = 0; i < 3; ++i) {
    const std::string_view code = CLD2::LanguageCode(languages[i]);
    if (languages[i] == CLD2::UNKNOWN_LANGUAGE || percents[i] <= 0 || is_script(code)) continue;
    result.add(folded(code), percents[i] / 100.0);
  }
  result.reliable = reliable && !result.languages.empty();
  return result;
}

/// Adds what is known without CLD2, which read the rest: `rest_bytes` of letters. What is unknown of the rest is left
/// aside, and so is all that CLD2 itself does not rely on, as it comes from few words.
Shares with_known(const std::vector<Share>& known_bytes, const Shares& rest, std::size_t rest_bytes) {
  std::vector<Share> bytes = known_bytes;
  if (rest.reliable) {
    for (const Share& other : rest.languages) {
      bytes.push_back({other.code, other.share * static_cast<double>(rest_bytes)});
    }
  }
  double sum = 0;
  for (const Share& part : bytes) sum += part.share;
  Shares result;
  for (const Share& part : bytes) {
    if (part.share > 0) result.add(part.code, part.share / sum);
  }
  result.reliable = true;
  return result;
}

Shares detect(LanguageSample& sample) {
  sample.rest.clear();
  const std::size_t english_bytes = take_english(sample.others, sample.rest);
  const std::size_t rest_bytes = sample.other_letter_bytes - english_bytes;
  Shares rest = rest_bytes == 0 ? Shares{} : detect_by_cld2(sample.rest);
  if (sample.han_bytes == 0 && english_bytes == 0) return rest;
  return with_known({{"zh", static_cast<double>(sample.han_bytes)}, {"en", static_cast<double>(english_bytes)}}, rest,
                    rest_bytes);
}

}  // namespace

Language detect_language(std::string_view utf8) {
  thread_local LanguageSample sample;
  take_sample(utf8, sample);
  Shares shares = detect(sample);
  std::ranges::stable_sort(shares.languages, std::ranges::greater(), &Share::share);
  Language result;
  if (shares.languages.empty()) return result;
  result.code = shares.languages[0].code;
  result.confidence = shares.languages[0].share;
  result.reliable = shares.reliable;
  if (shares.languages.size() > 1) {
    result.second = shares.languages[1].code;
    result.second_confidence = shares.languages[1].share;
  }
  return result;
}

bool is_accepted(const Language& language, std::span<const std::string> accepted, double min_confidence) {
  if (language.code == "un") return true;
  const auto share = [&](const std::string& code, double confidence) {
    return std::ranges::find(accepted, code) != accepted.end() ? confidence : 0.0;
  };
  return share(language.code, language.confidence) + share(language.second, language.second_confidence) >=
         min_confidence;
}

}  // namespace farpoint::clean
