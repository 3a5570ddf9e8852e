// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/html.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "clean/html_elements.hpp"
#include "clean/html_entities.hpp"
#include "clean/random_text.hpp"

namespace farpoint::clean {
namespace {

std::string stripped(std::string_view text) {
  std::string out = "untouched";
  const bool changed = strip_html(text, out);
  EXPECT_EQ(changed, out != "untouched");
  EXPECT_FALSE(changed && out == text) << text;
  return changed ? out : std::string(text);
}

struct Case {
  std::string html;
  std::string text;
};

void expect_all(const std::vector<Case>& cases) {
  for (const auto& [html, text] : cases) EXPECT_EQ(stripped(html), text) << html;
}

TEST(StripHtml, RemovesTags) {
  expect_all({{"a <b>c</b><I>d</I > e", "a cd e"},
              {"<a href=\"x>y\" title='q\"q'>l</a>", "l"},
              {"<a href=http://x/?a=b&c>l</a>", "l"},
              {"<img src=a.png alt>i<input disabled/>j<br\n/>k", "ij\nk"},
              {"<A\nHREF = 'x'\tdata-y class='z'w=1>l</A>", "l"},
              {"H<sub>2</sub>O <font color=red>x</font>", "H2O x"},
              {"<div @click=\"f()\" :k='1' (x)=\"y\" [z]='w' *ngIf=\"v\" #r=\"q\" v-else>d</div>", "d"},
              {"<math><mi>x</mi><mo>=</mo></math> <mi>", "x= <mi>"}});
}

TEST(StripHtml, LeavesWhatIsNoTag) {
  for (const std::string text : {"vector<int>",
                                 "a < b and c > d",
                                 "a <b and c> d",
                                 "x<y>z",
                                 "<<48/2=24>>",
                                 "<|endoftext|>",
                                 "<EMAIL>",
                                 "List<T>",
                                 "i<b && a>c",
                                 "x <b",
                                 "<",
                                 "</",
                                 "a <",
                                 "<b x",
                                 "<b x=",
                                 "<b x=\"",
                                 "<b x=\">",
                                 "List<object>",
                                 "Map<b>",
                                 "<div className={x=>y}>",
                                 "</b x>",
                                 "<b =y>",
                                 "<x-y>",
                                 "<mi>",
                                 "<bb>",
                                 "a<!b",
                                 "<!doctype",
                                 "<?php echo 1; ?>",
                                 "std::map<a::b>",
                                 "<b\xff>",
                                 "3 <4> 5",
                                 "<averyveryverylongnameofanelement>"}) {
    EXPECT_EQ(stripped(text), text);
  }
}

TEST(StripHtml, TakesATagThatTouchesAWordForOneWithAnEndTag) {
  expect_all(
      {{"x<b>y</b>", "xy"}, {"a<br>b<p>c<li>d", "a\nb\n\nc\nd"}, {"x<b id=y>z", "xz"}, {"List<b> <b>y", "List<b> y"}});
}

TEST(StripHtml, RemovesWhatIsNotForReaders) {
  expect_all(
      {{"a<!-- b --> c<!-->d<!--e-->", "a cd"},
       {"<!DOCTYPE html>\n<?xml version=\"1.0\"?>a", "a"},
       {"x <![CDATA[a <b>b</b>]]> c]]>", "x a b c]]>"},
       {"a<script src=x>if (a<b) f('</p>');</SCRIPT >b<script src=y />c", "abc"},
       {"<style>p {}</style><noscript>n</noscript><svg><g>s</g></svg><iframe>i</iframe><object>o</object>a", "a"},
       {"<head><title>T</title><meta charset=x></head><template>t</template><body>B", "T\nB"}});
}

TEST(StripHtml, KeepsTheContentsWhereTheEndIsMissing) {
  expect_all({{"a <script>b", "a b"}, {"a <!-- b <i>c</i>", "a <!-- b c"}, {"<![CDATA[a<b> c", "<![CDATA[a<b> c"}});
}

TEST(StripHtml, MakesLinesOfBlocks) {
  expect_all({{"<p>a</p><p>b</p>", "a\n\nb"},
              {"<div>a</div><div>b</div>c", "a\nb\nc"},
              {"<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n", "a\nb"},
              {"a<br>b<br/>\n c<br><br>d<br><br><br><br>e", "a\nb\nc\n\nd\n\ne"},
              {"<div>\n<div>\n<div>\n a", "a"},
              {"a\n\n<div>b</div>\n\n\n\n<h1>c</h1>", "a\n\nb\n\nc"},
              {"a  b\n\n\n\nc <i>d</i>  e", "a  b\n\n\n\nc d  e"},
              {"a <!DOCTYPE x> b", "a b"}});
}

TEST(StripHtml, DividesCellsByTabs) {
  expect_all(
      {{"<table>\n<tr>\n <td>a</td>\n\n <td> b\n</td>\n</tr>\n<tr><th></th><th>d</th></tr></table>", "a\tb\n\td"},
       {"<tr><td>a<td>b<tr><td>c", "a\tb\nc"},
       {"<td>a</td>b", "a b"}});
}

TEST(StripHtml, KeepsPreformattedText) {
  expect_all({{"<pre>\n  a <b>b</b>\n\n\n  c &lt;\n</pre>\nd", "  a b\n\n\n  c <\nd"},
              {"a<pre> b </pre>c", "a\n b \nc"},
              {"x <code> a  b </code><p>y", "x  a  b \n\ny"},
              {"<pre>a<br>b<div>c</div><div>d</div></pre>", "a\nb\nc\nd"},
              {"<code> <p> a", "a"}});
}

TEST(StripHtml, KeepsMarkdownCode) {
  expect_all({{"<b>a</b>\n```html\n<p>b &amp;</p>\n```\n<i>c</i>", "a\n```html\n<p>b &amp;</p>\n```\nc"},
              {"<i>a</i> `<b>` ``&amp; ` <b>`` <b>b</b>", "a `<b>` ``&amp; ` <b>`` b"},
              {"` <b>a</b>\n`<b>b</b>`", "` a\n`<b>b</b>`"},
              {"<p>\n```\n<b>\n```", "```\n<b>\n```"},
              {"x<p>```\n<b>y</b>", "x\n\n```\ny"},
              {"a <!--\n```\nb -->\n```\nc -->", "a <!--\n```\nb -->\n```\nc -->"},
              {"<b title=\"`\">a</b> <b title=\"`\">b</b>", "a b"}});
}

TEST(StripHtml, DecodesReferencesOnce) {
  expect_all({{"&lt;b&gt; &amp;lt; &amp;amp;", "<b> &lt; &amp;"},
              {"&eacute;&Eacute;&euro;&nbsp;&hearts;&rarr;&apos;&quot;&hellip;&lstrok;", "éÉ€\u00a0♥→'\"…ł"},
              {"&#65;&#x42;&#X43;&#x1F600;&#0000000068;", "ABC😀D"},
              {"&#150;&#x80;&#146;", "–€’"}});
}

TEST(StripHtml, LeavesWhatIsNoReference) {
  for (const std::string text :
       {"a & b", "x?a=1&copy=2&lt", "&copy", "&nosuch;", "&#0;", "&#x110000;", "&#xD800;", "&#129;", "&#;", "&#x;",
        "&#12a;", "&#99999999999999999999;", "&#1;", "&", "&&;", "& amp;", "&LT", "&Amp;"}) {
    EXPECT_EQ(stripped(text), text);
  }
}

TEST(StripHtml, KnowsTheReferencesOfHtml4) {
  const std::vector<std::pair<std::string, std::uint32_t>> some = {
      {"AElig", 0xC6},  {"Yuml", 0x178},  {"alefsym", 0x2135}, {"thetasym", 0x3D1}, {"zwnj", 0x200C}, {"yen", 0xA5},
      {"lang", 0x27E8}, {"rang", 0x27E9}, {"sup1", 0xB9},      {"there4", 0x2234},  {"upsih", 0x3D2}, {"Tab", 9}};
  for (const auto& [name, code_point] : some) {
    const std::string reference = "&" + name + ";";
    EXPECT_EQ(read_character_reference(reference + "x").code_point, code_point) << name;
    EXPECT_EQ(read_character_reference(reference).bytes, reference.size()) << name;
  }
}

TEST(StripHtml, FindsElementsByTheirNames) {
  for (const std::string name : {"a", "A", "Div", "h6", "blockquote", "mmultiscripts", "wbr", "xmp", "video"}) {
    const Element* element = find_element(name);
    ASSERT_NE(element, nullptr) << name;
    EXPECT_EQ(element->name.size(), name.size());
    EXPECT_LT(element_index(*element), element_count);
  }
  for (const std::string name : {"", "int", "h7", "t", "z", "1", "mmultiscriptsx"})
    EXPECT_EQ(find_element(name), nullptr);
}

TEST(StripHtml, LeavesTextWithoutMarkup) {
  const bool holds = rc::check([](const std::string& text) {
    RC_PRE(text.find_first_of("<&") == std::string::npos);
    RC_ASSERT(stripped(text) == text);
  });
  EXPECT_TRUE(holds);
}

TEST(StripHtml, EndsOnHugeTexts) {
  constexpr std::size_t many = 1'000'000;
  for (const std::string unit :
       {"<!--",    "<![CDATA[",     "<?xml ", "<!doctype ", "<script>", "<svg><object></svg x",
        "<a x=\"", "<a x=\"<a y='", "<b ",    "</b ",       "<",        "&",
        "&#",      "&#0",           "<td>",   "<pre>\n",    "`<",       "```\n<!--\n```\n<svg>\n",
        "x<b>",    "<math>",        "<code>"}) {
    const std::string text = repeated(unit, many);
    std::string out;
    strip_html(text, out);
    EXPECT_LE(out.size(), text.size()) << unit;
  }
  const std::string nested = repeated("<div>", many) + "a" + repeated("</div>", many);
  EXPECT_EQ(stripped(nested), "a");
  const std::string open = "<a " + repeated("b=\"<a c='\" d='\" ", many);
  EXPECT_TRUE(stripped(open) == open);
  const std::string attributes = "<a " + repeated("b=1 ", 3 * many);
  EXPECT_TRUE(stripped(attributes) == attributes);
  EXPECT_EQ(stripped(attributes + ">"), "");
}

TEST(StripHtml, EndsOnALineOfBackticks) {
  std::string text;
  for (std::size_t length = 1; length < 3000; ++length) text += std::string(length, '`') + "<";
  text += repeated("`<", 3'000'000);
  EXPECT_TRUE(stripped(text) == text);
}

}  // namespace
}  // namespace farpoint::clean
