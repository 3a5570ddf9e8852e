// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/unicode.hpp"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "combining_runs.hpp"
#include "farpoint/base/error.hpp"
#include "normalizer.hpp"

namespace farpoint::clean {

namespace {

using Byte = unsigned char;

void check(UErrorCode status, std::string_view what) {
  if (U_FAILURE(status)) throw Error(fmt::format("ICU cannot {}: {}", what, u_errorName(status)));
}

// The loops below have no branches, so that the compiler makes vector instructions of them.

constexpr bool is_printable_ascii(Byte b) {
  return (b >= 0x20 && b < 0x7F) || b == '\t' || b == '\n';
}

bool all_printable_ascii(const Byte* bytes, std::size_t size) {
  unsigned others = 0;
  for (std::size_t i = 0; i < size; ++i) {
    others |= static_cast<Byte>((static_cast<Byte>(bytes[i] - 0x20) >= 0x7F - 0x20) & (bytes[i] != '\t') &
                                (bytes[i] != '\n'));
  }
  return others == 0;
}

/// How many of the bytes at `at` are to be replaced: CR, CRLF, or a character that goes. 0 if none. Reads 3 bytes.
std::size_t replaced_at(const Byte* at) {
  if (at[0] < 0x80) return is_printable_ascii(at[0]) ? 0 : at[0] == '\r' && at[1] == '\n' ? 2 : 1;
  if (at[0] == 0xC2) return at[1] >= 0x80 && at[1] < 0xA0 ? 2 : 0;
  const bool unseen = (at[0] == 0xE2 && at[1] == 0x80 && at[2] == 0x8B) ||  // U+200B
                      (at[0] == 0xE2 && at[1] == 0x81 && at[2] == 0xA0) ||  // U+2060
                      (at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF);    // U+FEFF
  return unseen ? 3 : 0;
}

constexpr std::size_t block_size = 64;
constexpr std::size_t lookahead = 2;

/// Whether replaced_at() is true of any of block_size bytes; reads `lookahead` more.
bool block_has_replaced(const Byte* bytes) {
  if (all_printable_ascii(bytes, block_size)) return false;
  unsigned any = 0;
  for (std::size_t i = 0; i < block_size; ++i) {
    const Byte a = bytes[i], b = bytes[i + 1], c = bytes[i + 2];
    const int control = ((a < 0x20) & (a != '\t') & (a != '\n')) | (a == 0x7F) | ((a == 0xC2) & (b < 0xA0));
    const int unseen = ((a == 0xE2) & (((b == 0x80) & (c == 0x8B)) | ((b == 0x81) & (c == 0xA0)))) |
                       ((a == 0xEF) & (b == 0xBB) & (c == 0xBF));
    any |= static_cast<Byte>(control | unseen);
  }
  return any != 0;
}

/// Walks over what is to be replaced.
class Replaced {
 public:
  explicit Replaced(std::string_view text) : bytes_(reinterpret_cast<const Byte*>(text.data())), size_(text.size()) {}

  /// Moves to the next place; false if there is none.
  bool next() {
    at_ += length_;
    length_ = 0;
    while (at_ < size_) {
      if (at_ >= block_end_) {
        const bool whole = at_ + block_size + lookahead <= size_;
        block_end_ = whole ? at_ + block_size : size_;
        if (whole && !block_has_replaced(bytes_ + at_)) at_ = block_end_;
      }
      for (; at_ < block_end_; ++at_) {
        length_ = at(at_);
        if (length_ > 0) return true;
      }
    }
    return false;
  }

  std::size_t begin() const { return at_; }
  std::size_t end() const { return at_ + length_; }
  bool is_line_end() const { return bytes_[at_] == '\r'; }

 private:
  std::size_t at(std::size_t i) const {
    if (i + lookahead < size_) return replaced_at(bytes_ + i);
    std::array<Byte, 1 + lookahead> padded = {};
    for (std::size_t k = 0; i + k < size_; ++k) padded[k] = bytes_[i + k];
    return replaced_at(padded.data());
  }

  const Byte* bytes_;
  std::size_t size_;
  std::size_t at_ = 0;
  std::size_t block_end_ = 0;  ///< of the block that is being looked at
  std::size_t length_ = 0;
};

bool remove_controls(std::string_view text, std::string& out) {
  Replaced place(text);
  if (!place.next()) return false;
  std::string kept;
  kept.reserve(text.size());
  std::size_t copied = 0;
  do {
    kept.append(text, copied, place.begin() - copied);
    if (place.is_line_end()) kept += '\n';
    copied = place.end();
  } while (place.next());
  kept.append(text, copied);
  out = std::move(kept);
  return true;
}

bool normalize(std::string_view text, NormalForm form, std::string& out) {
  if (text.size() > std::numeric_limits<std::int32_t>::max()) {
    throw Error(
        fmt::format("a text of {} bytes cannot be normalized: ICU takes up to 2 GiB; split the record, or set "
                    "no normal form",
                    text.size()));
  }
  const icu::Normalizer2& form_of_icu = normalizer(form);
  const icu::StringPiece source(text.data(), static_cast<std::int32_t>(text.size()));
  UErrorCode status = U_ZERO_ERROR;
  const bool normal = form_of_icu.isNormalizedUTF8(source, status);
  check(status, "normalize a text");
  if (normal) return false;
  std::string normalized;
  normalized.reserve(text.size());
  icu::StringByteSink<std::string> sink(&normalized);
  form_of_icu.normalizeUTF8(0, source, sink, nullptr, status);
  check(status, "normalize a text");
  if (normalized == text) return false;
  out = std::move(normalized);
  return true;
}

}  // namespace

const icu::Normalizer2& normalizer(NormalForm form) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found =
      form == NormalForm::nfkc ? icu::Normalizer2::getNFKCInstance(status) : icu::Normalizer2::getNFCInstance(status);
  check(status, "find its tables for normalization");
  return *found;
}

const icu::Normalizer2& compatibility_decomposition() {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found = icu::Normalizer2::getNFKDInstance(status);
  check(status, "find its tables for normalization");
  return *found;
}

bool normalize_unicode(std::string_view utf8, NormalForm form, std::string& out) {
  if (all_printable_ascii(reinterpret_cast<const Byte*>(utf8.data()), utf8.size())) return false;
  std::string text;
  std::string_view now = utf8;
  bool changed = false;
  // Before normalizing: marks may now stand on other letters.
  const auto apply = [&](bool done) {
    if (done) now = text;
    changed |= done;
  };
  apply(remove_controls(now, text));
  if (form != NormalForm::none) {
    apply(limit_combining_runs(now, text));
    apply(normalize(now, form, text));
  }
  if (changed) out = std::move(text);
  return changed;
}

}  // namespace farpoint::clean
