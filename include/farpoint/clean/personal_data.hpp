// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace farpoint::clean {

/// What identifies a person. Order: that of the counts, and of the placeholders <EMAIL> <PHONE> <IP> <ID> <CARD>
/// <IBAN>.
enum class PersonalData : std::uint8_t { email, phone, ip, id, card, iban };

/// How many of each kind were replaced, by PersonalData.
using PersonalDataCounts = std::array<std::uint64_t, 6>;

/// Replaces personal data in texts by placeholders. What is written in ASCII is found, wherever Chinese characters
/// stand around it; letters, digits and underscores may not touch it. Check digits are verified, so that only what can
/// be real is replaced:
/// * e-mail addresses with a domain that has a dot. Not: `git@host.org:path`, `//user@host.org/`, handles
///   (`@me@host.org`), names of files (`icon@2x.png`), method calls (`a@b.method()`);
/// * phone numbers: international with `+` (E.164, 8 to 15 digits, a calling code that exists; 10 digits or more where
///   nothing separates them); `(###) ###-####`, `###-###-####`, `###.###.####` of North America; Chinese mobile
///   numbers, also behind +86, 0086 and 86-, and as 3-4-4 digits; Chinese land lines with area code. Not: other digits
///   without separators, and sums (1[3-9]########0 behind a currency sign or before a unit such as 元, round numbers,
///   numbers in URLs);
/// * IP addresses: IPv4 and IPv6, private ones too. Not: what identifies nobody (0., 127., 169.254., x.y.0.0, and from
///   224. on; ::, ::1, multicast, all outside of 2000::/3, fc00::/7 and fe80::/10), numbers of versions and
///   sections (behind "version", "build", "版本", "Chrome/", or heading a line), slices and scopes in code (`1::2`,
///   `a::b`);
/// * Chinese resident ids (GB 11643: region, date, check character by ISO 7064 MOD 11-2) and US social security numbers
///   ###-##-#### from ranges that are issued;
/// * payment cards: 13 to 19 digits that an issuer's range and the Luhn check (ISO/IEC 7812) admit, at once or in the
///   usual groups;
/// * IBANs (ISO 13616): the country's length, MOD 97, at once or in groups of four.
/// Of what overlaps the longest is taken, of equal ones the first of: iban, card, id, ip, email, phone. One sweep from
/// left to right; linear in the text, for any text.
class PersonalDataMask {
 public:
  /// Only `kinds` are replaced.
  explicit PersonalDataMask(std::span<const PersonalData> kinds);

  /// Writes the masked text to `out` and adds to `counts`. Returns false, and leaves both alone, when nothing is found.
  /// `out` may not be the memory of `utf8`. What is not UTF-8 is kept as it is. Thread-safe.
  bool apply(std::string_view utf8, std::string& out, PersonalDataCounts& counts) const;

 private:
  unsigned kinds_ = 0;  ///< a bit each
};

}  // namespace farpoint::clean
