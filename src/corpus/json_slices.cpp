// SPDX-License-Identifier: Apache-2.0
#include "json_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace farpoint::corpus {

namespace {

/// Behind the string that begins at the front.
std::size_t string_length(std::string_view json) {
  for (std::size_t at = 1;; at += 2) {
    at = json.find_first_of("\"\\", at);
    if (at == std::string_view::npos) return json.size();
    if (json[at] == '"') return at + 1;
  }
}

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Of the characters that need one.
std::array<std::string, 0x80> make_escapes() {
  std::array<std::string, 0x80> escapes;
  for (std::size_t c = 0; c < escapes.size(); ++c) {
    if (!needs_escape(static_cast<char>(c))) continue;
    const auto quoted = nlohmann::json(std::string(1, static_cast<char>(c))).dump();
    escapes[c] = quoted.substr(1, quoted.size() - 2);
  }
  return escapes;
}

}  // namespace

std::size_t value_length(std::string_view json) {
  if (json.empty()) return 0;
  if (json[0] == '"') return string_length(json);
  if (json[0] != '{' && json[0] != '[') return std::min(json.find_first_of(",]} \t\r\n:"), json.size());
  std::size_t depth = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    at = json.find_first_of("\"{}[]", at);
    if (at == std::string_view::npos) break;
    if (json[at] == '"') {
      at += string_length(json.substr(at)) - 1;
    } else if (json[at] == '{' || json[at] == '[') {
      ++depth;
    } else if (--depth == 0) {
      return at + 1;
    }
  }
  return json.size();
}

std::string unquoted(std::string_view string) {
  if (string.find('\\') == std::string_view::npos) return std::string(string.substr(1, string.size() - 2));
  return nlohmann::json::parse(string).get<std::string>();
}

void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, done, at - done);
    done = at + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    }
  }
  out.append(text, done);
  out += '"';
}

void append_escaped(std::string_view text, std::string& out) {
  static const auto escapes = make_escapes();
  while (true) {
    const auto special = std::find_if(text.begin(), text.end(), needs_escape);
    out.append(text.begin(), special);
    if (special == text.end()) return;
    out += escapes[static_cast<unsigned char>(*special)];
    text.remove_prefix(static_cast<std::size_t>(special - text.begin()) + 1);
  }
}

}  // namespace farpoint::corpus
