// SPDX-License-Identifier: Apache-2.0
#include "array_scanner.hpp"

#include <array>
#include <cstring>

namespace farpoint::corpus {

namespace {

constexpr std::array<bool, 256> make_structural() {
  std::array<bool, 256> table{};
  for (const unsigned char byte : {'"', ',', '[', ']', '{', '}'}) table[byte] = true;
  return table;
}

constexpr std::array<bool, 256> structural = make_structural();

}  // namespace

std::size_t ArrayScanner::find_end(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (in_string_) {
      at = leave_string(bytes, at);
      continue;
    }
    const char byte = bytes[at];
    if (structural[static_cast<unsigned char>(byte)]) {
      if (depth_ == 0 && (byte == ',' || byte == ']')) return at;
      if (byte == '"') in_string_ = true;
      if (byte == '{' || byte == '[') ++depth_;
      // A closing brace too many is part of its element, which no parser then accepts; the array goes on.
      if ((byte == '}' || byte == ']') && depth_ > 0) --depth_;
    }
    ++at;
  }
  return npos;
}

/// Position behind the quote that ends the string. Looking for quotes and then at the backslashes before them is
/// several times faster than looking at each byte.
std::size_t ArrayScanner::leave_string(std::string_view bytes, std::size_t from) {
  const void* found = std::memchr(bytes.data() + from, '"', bytes.size() - from);
  const std::size_t quote =
      found ? static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) : bytes.size();
  std::size_t backslashes = 0;
  while (quote - backslashes > from && bytes[quote - backslashes - 1] == '\\') ++backslashes;
  // What an earlier piece left escaped acts like one backslash more in front of this one.
  const bool reaches_front = quote - backslashes == from;
  const bool quote_escaped = (backslashes + (reaches_front && escaped_ ? 1 : 0)) % 2 == 1;
  if (found == nullptr) {
    escaped_ = quote_escaped;
    return bytes.size();
  }
  escaped_ = false;
  in_string_ = quote_escaped;
  return quote + 1;
}

}  // namespace farpoint::corpus
