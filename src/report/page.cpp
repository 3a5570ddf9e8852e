// SPDX-License-Identifier: Apache-2.0
#include "farpoint/report/page.hpp"

#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"

// The page becomes part of the program as it is: FARPOINT_PAGE_FILE is what CMake has put together.
asm(R"(
  .section .rodata
  .global farpoint_page_begin
  .global farpoint_page_end
farpoint_page_begin:
  .incbin ")" FARPOINT_PAGE_FILE R"("
farpoint_page_end:
  .byte 0
  .previous
)");
extern "C" const char farpoint_page_begin[];
extern "C" const char farpoint_page_end[];

namespace farpoint::report {

namespace {

/// Inside a script element only "<" can end it or begin another; in JSON it stands in texts alone.
std::string without_tags(std::string_view json) {
  std::string safe;
  safe.reserve(json.size());
  for (const char byte : json) {
    if (byte == '<') {
      safe += "\\u003c";
    } else {
      safe += byte;
    }
  }
  return safe;
}

std::string as_text_of_html(std::string_view text) {
  std::string safe;
  for (const char byte : text) {
    switch (byte) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      default:
        safe += byte;
    }
  }
  return safe;
}

}  // namespace

std::string page(std::string_view title, std::string_view json) {
  const std::string_view skeleton(farpoint_page_begin, farpoint_page_end - farpoint_page_begin);
  const auto data = without_tags(json);
  const auto safe_title = as_text_of_html(title);
  // No text can hold the hash of what it stands in, so no text can claim to be one of the page's own scripts.
  const auto nonce = Hasher().add_raw(data).digest().hex();
  std::string whole;
  whole.reserve(skeleton.size() + data.size() + safe_title.size() + 256);
  auto rest = skeleton;
  constexpr std::string_view mark = "@FARPOINT_";
  for (auto at = rest.find(mark); at != std::string_view::npos; at = rest.find(mark)) {
    whole += rest.substr(0, at);
    const auto end = rest.find('@', at + mark.size());
    const auto name = rest.substr(at + mark.size(), end - at - mark.size());
    if (name == "DATA") {
      whole += data;
    } else if (name == "TITLE") {
      whole += safe_title;
    } else if (name == "NONCE") {
      whole += nonce;
    } else {
      throw Error("the page of reports was put together with an unknown marker; this is a mistake in the build");
    }
    rest.remove_prefix(end + 1);
  }
  return whole += rest;
}

}  // namespace farpoint::report
