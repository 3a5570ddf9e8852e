// SPDX-License-Identifier: Apache-2.0
// The input is the text of a record, which any web page may have put there.
#include <array>
#include <cmath>

#include "farpoint/clean/advertisement.hpp"
#include "farpoint/clean/c4_lines.hpp"
#include "farpoint/clean/exchange.hpp"
#include "farpoint/clean/html.hpp"
#include "farpoint/clean/language.hpp"
#include "farpoint/clean/personal_data.hpp"
#include "farpoint/clean/repetition.hpp"
#include "farpoint/clean/sentences.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "farpoint/clean/unicode.hpp"
#include "farpoint/clean/urls.hpp"
#include "farpoint/clean/white_space.hpp"
#include "farpoint/corpus/record.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::clean;

namespace {

/// A change of UTF-8, done twice, changes nothing more, and it stays UTF-8..
template <typename Change>
void change(std::string_view text, const char* what, bool once_is_enough, const Change& change) {
  std::string changed, again;
  if (!change(text, changed)) return;
  const bool is_done_again = change(changed, again);
  if (!corpus::is_valid_utf8(text)) return;
  fuzz::require(corpus::is_valid_utf8(changed), what);
  fuzz::require(!once_is_enough || !is_done_again, what);
}

void look_at(std::string_view text) {
  for (const auto sentence : sentences(text)) fuzz::require(!sentence.empty(), "a sentence is empty");
  const auto statistics = text_statistics(text);
  fuzz::require(url_characters(text) <= statistics.characters, "more characters are in URLs than there are");
  detect_language(text);
  advertisement_lines(text);
  const auto repeated = repetition(text, RepetitionParts::all());
  fuzz::require(std::isfinite(repeated.duplicate_line_fraction), "a share of lines is no number");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  fuzz::expect_read_or_refused([&] {
    look_at(text);
    change(text, "strip_html", false, [](auto from, auto& to) { return strip_html(from, to); });
    change(text, "drop_noise_lines", false, [](auto from, auto& to) { return drop_noise_lines(from, to); });
    change(text, "tidy_white_space", true, [](auto from, auto& to) { return tidy_white_space(from, to); });
    change(text, "normalize_unicode", true,
           [](auto from, auto& to) { return normalize_unicode(from, NormalForm::nfkc, to); });
    constexpr std::array kinds{PersonalData::email, PersonalData::phone, PersonalData::ip,
                               PersonalData::id,    PersonalData::card,  PersonalData::iban};
    static const PersonalDataMask mask(kinds);
    change(text, "personal data", false, [](auto from, auto& to) {
      PersonalDataCounts counts{};
      return mask.apply(from, to, counts);
    });
    const auto half = text.size() / 2;
    check_exchange({.turns = {{corpus::Role::user, std::string(text.substr(0, half)), "", ""},
                              {corpus::Role::assistant, std::string(text.substr(half)), "", ""}},
                    .choice = std::nullopt,
                    .tools = ""});
  });
  return 0;
}
