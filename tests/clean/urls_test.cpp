// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/urls.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace farpoint::clean {
namespace {

TEST(UrlCharacters, counts_the_code_points_of_urls) {
  struct Row {
    std::string_view text;
    std::uint64_t expected;
  };
  for (const Row& row : std::vector<Row>{
           {"", 0},
           {"nothing here", 0},
           {"http://a.com", 12},
           {"see https://a.com/x?y=1#z.", 21},
           {"HTTPS://A.COM!", 13},
           {"ftp://a.b/c, and", 11},
           {"www.a.com and WWW.B.COM", 9 + 9},
           {"http://www.a.com", 16},
           {"\"http://a.com\"", 12},
           {"<http://a.com>", 12},
           {"网址http://a.com。更多", 12},
           {"网址http://a.com，更多", 12},
           {"http://a.com/路径 x", 15},
           {"http://a.com/\xe3\x80\x80x", 13},
           {"“http://a.com”", 12},
           {"http://a.com http://b.com", 24},
           {"http://a.com/http://b.com", 25},
           {"http://", 0},
           {"http:// x", 0},
           {"http://...", 0},
           {"xhttp://a.com", 0},
           {"git://a.com", 0},
           {"xwww.a.com", 0},
           {"www.", 0},
           {"www", 0},
           {"a://b", 0},
           {"http//a.com", 0},
           {"http://a.com\nx", 12},
           {"http://a.com?!", 12},
       }) {
    EXPECT_EQ(url_characters(row.text), row.expected) << row.text;
  }
}

TEST(UrlCharacters, is_linear_in_hostile_texts) {
  constexpr std::size_t size = 2'000'000;
  for (const std::string_view unit :
       {"http://", ":// ", "www.", "w", "www. ", "http://a ", "xwww.", "http://.", "://www."}) {
    std::string text;
    while (text.size() < size) text += unit;
    EXPECT_LE(url_characters(text), text.size()) << unit;
  }
}

/// URLs between texts without any: their sizes add up.
RC_GTEST_PROP(UrlCharacters, adds_up, ()) {
  const auto count = *rc::gen::inRange(0, 10);
  std::string text;
  std::uint64_t expected = 0;
  for (int i = 0; i < count; ++i) {
    text += *rc::gen::element<std::string>("see ", "（", "", "\n", "和 ", "wwww ", ": ", "/ ");
    const auto start = *rc::gen::element<std::string>("http://", "https://", "ftp://", "www.", "WWW.");
    const auto rest = *rc::gen::element<std::string>("a.org", "b/c?d=e", "f", "10.0.0.1:80", "a-b_c");
    text += start + rest + *rc::gen::element<std::string>(" ", ". ", "。", "\n", "> ", "\"");
    expected += start.size() + rest.size();
  }
  RC_ASSERT(url_characters(text) == expected);
}

}  // namespace
}  // namespace farpoint::clean
