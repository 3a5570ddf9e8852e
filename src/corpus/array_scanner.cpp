// SPDX-License-Identifier: Apache-2.0
#include "array_scanner.hpp"

#include <array>
#include <cstring>

namespace farpoint::corpus {

namespace {

constexpr std::string_view white_space = " \t\r\n";

constexpr std::array<bool, 256> table_of(std::string_view bytes) {
  std::array<bool, 256> table{};
  for (const char byte : bytes) table[static_cast<unsigned char>(byte)] = true;
  return table;
}

constexpr std::array<bool, 256> structural = table_of("\",:[]{}");
/// What may stand between the last text of one record and the first key of the next.
constexpr std::array<bool, 256> in_border = table_of(" \t\r\n{},");

}  // namespace

std::size_t ArrayScanner::find_end(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && damage_.empty()) {
    if (in_string_) {
      at = leave_string(bytes, at);
    } else if (border_ == Border::crossed) {
      at = check_border(bytes, at);
    } else {
      const char byte = bytes[at];
      if (structural[static_cast<unsigned char>(byte)]) {
        if (depth_ == 0 && (byte == ',' || byte == ']')) return at;
        take(byte);
      }
      ++at;
    }
  }
  return npos;
}

void ArrayScanner::take(char byte) {
  if (byte == '"') {
    in_string_ = true;
  } else if (byte == '{' || byte == '[') {
    open(byte);
  } else if (byte == '}' || byte == ']') {
    close(byte);
  }
  before_ = byte;
}

void ArrayScanner::open(char byte) {
  const bool object = byte == '{';
  if (object && depth_ == 0) {
    if (has_object_) damage_ = "holds two objects without a comma between them";
    has_object_ = true;
  }
  // Behind a comma an object has a key: this one begins the next record, or is one of a list that was closed too early.
  if (object && depth_ > 0 && depth_ <= known_depth && is_object_[depth_ - 1] && before_ == ',') {
    damage_ = "lacks a closing bracket or has one too many (an object stands where a key belongs)";
  }
  if (depth_ < known_depth) is_object_[depth_] = object;
  ++depth_;
}

/// A closing bracket too many is part of its element, which no parser then accepts; the array goes on.
void ArrayScanner::close(char byte) {
  if (depth_ == 0) return;
  --depth_;
  if (depth_ < known_depth && is_object_[depth_] != (byte == '}')) mismatched_ = true;
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
  follow_border(bytes.substr(from, quote - from));
  if (found == nullptr) {
    escaped_ = quote_escaped;
    return bytes.size();
  }
  escaped_ = false;
  in_string_ = quote_escaped;
  if (border_ != Border::crossed || in_string_) border_ = Border::none;
  return quote + 1;
}

/// `piece` follows in the string. Only the bytes at its end that a border is made of matter.
void ArrayScanner::follow_border(std::string_view piece) {
  std::size_t begin = piece.size();
  while (begin > 0 && in_border[static_cast<unsigned char>(piece[begin - 1])]) --begin;
  if (begin > 0) border_ = Border::none;
  for (const char byte : piece.substr(begin)) {
    if (byte == '}') border_ = Border::brace;
    if (byte == ',') border_ = border_ == Border::brace ? Border::comma : Border::none;
    if (byte == '{') border_ = border_ == Border::comma ? Border::crossed : Border::none;
  }
}

/// A text may well end like a border. Its quote then ends a string of JSON, and behind that stands no letter.
std::size_t ArrayScanner::check_border(std::string_view bytes, std::size_t from) {
  const std::size_t next = bytes.find_first_not_of(white_space, from);
  if (next == std::string_view::npos) return bytes.size();
  border_ = Border::none;
  if (std::string_view(",:]}").find(bytes[next]) == std::string_view::npos) {
    damage_ = "lacks a quote or has one too many (a string runs into the next object)";
  }
  return next;
}

}  // namespace farpoint::corpus
