// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "farpoint/report/page.hpp"

namespace farpoint::report {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST(Page, holds_its_data_once_and_no_marker) {
  const auto whole = page("a run", R"({"kind":"report","text":"@FARPOINT_DATA@"})");
  EXPECT_EQ(count(whole, R"({"kind":"report","text":"@FARPOINT_DATA@"})"), 1U);
  EXPECT_EQ(count(whole, "@FARPOINT_"), 1U);
  EXPECT_EQ(count(whole, "<title>a run"), 1U);
}

TEST(Page, lets_no_text_become_markup) {
  const std::string plain = page("t", "{}");
  const std::string hostile =
      page("</title><script>alert(1)</script>&", R"({"text":"</script><script nonce='x'>alert(1)</script><!--<img>"})");
  for (const auto* tag : {"<script", "</script", "<img", "<!--", "<title", "</title"}) {
    EXPECT_EQ(count(hostile, tag), count(plain, tag)) << tag;
  }
  EXPECT_NE(hostile.find(R"(\u003c/script>\u003cscript nonce='x'>)"), std::string::npos);
}

TEST(Page, has_another_nonce_for_other_data) {
  const auto nonce = [](const std::string& whole) {
    const auto at = whole.find("'nonce-") + 7;
    return whole.substr(at, whole.find('\'', at) - at);
  };
  const auto one = nonce(page("t", "{}")), other = nonce(page("t", R"({"a":1})"));
  EXPECT_GE(one.size(), 32U);
  EXPECT_NE(one, other);
  EXPECT_GE(count(page("t", "{}"), "nonce=\"" + one + "\""), 1U);
}

}  // namespace
}  // namespace farpoint::report
