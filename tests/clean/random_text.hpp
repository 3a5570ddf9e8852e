// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidcheck.h>
#include <unicode/utf8.h>

#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::clean {

/// Random rows of some pieces, up to some hundred.
inline rc::Gen<std::string> random_text(std::vector<std::string> pieces) {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::move(pieces))),
      [](const std::vector<std::string>& row) { return std::accumulate(row.begin(), row.end(), std::string()); });
}

inline std::vector<std::string> characters(const std::string& utf8) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < utf8.size(); at += all.back().size()) {
    std::size_t end = at + 1;
    while (end < utf8.size() && U8_IS_TRAIL(utf8[end])) ++end;
    all.push_back(utf8.substr(at, end - at));
  }
  return all;
}

inline std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  text.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

inline bool is_valid_utf8(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    UChar32 c = 0;
    U8_NEXT(text.data(), at, text.size(), c);
    if (c < 0) return false;
  }
  return true;
}

}  // namespace farpoint::clean
