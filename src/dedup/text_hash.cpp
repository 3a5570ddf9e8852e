// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/text_hash.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include "farpoint/base/error.hpp"

namespace farpoint::dedup {

namespace {

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

/// One blank for each run of white space, none at the ends.
class BlankedText {
 public:
  explicit BlankedText(std::string& out) : out_(out) {}
  void blank() { pending_ = !out_.empty(); }
  void add(const char* bytes, std::size_t count) {
    if (pending_) out_ += ' ';
    pending_ = false;
    out_.append(bytes, count);
  }

 private:
  std::string& out_;
  bool pending_ = false;
};

void collapse_ascii(std::string_view text, std::string& out) {
  BlankedText blanked(out);
  for (char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      blanked.blank();
      continue;
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    blanked.add(&c, 1);
  }
}

void collapse(std::string_view text, std::string& out) {
  BlankedText blanked(out);
  const auto size = static_cast<std::int64_t>(text.size());
  for (std::int64_t at = 0; at < size;) {
    const auto begin = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    if (c >= 0 && u_isUWhiteSpace(c) != 0) {
      blanked.blank();
    } else {
      blanked.add(text.data() + begin, static_cast<std::size_t>(at - begin));
    }
  }
}

}  // namespace

void fold(std::string_view utf8, std::string& out) {
  out.clear();
  out.reserve(utf8.size());
  if (is_ascii(utf8)) return collapse_ascii(utf8, out);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded, static_cast<std::int32_t>(utf8.size()));
  UErrorCode error = U_ZERO_ERROR;
  icu::CaseMap::utf8Fold(0, {utf8.data(), static_cast<std::int32_t>(utf8.size())}, sink, nullptr, error);
  if (U_FAILURE(error) != 0) throw Error(std::string("folding the case of a text failed: ") + u_errorName(error));
  collapse(folded, out);
}

Hash128 text_hash(std::string_view utf8, bool normalize, std::string& work) {
  if (!normalize) return hash128(utf8);
  fold(utf8, work);
  return hash128(work);
}

}  // namespace farpoint::dedup
