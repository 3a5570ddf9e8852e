// SPDX-License-Identifier: Apache-2.0
#include "exchanges.hpp"

namespace farpoint::clean {
namespace {

const std::string paragraph =
    "The tides are made by the moon. It pulls at the water on the near side more than at the earth, and at the earth "
    "more "
    "than at the water on the far side. So there are two bulges, and the earth turns under them once a day.";
const std::string chinese =
    "潮汐主要是由月球的引力造成的。月球对地球近侧海水的引力大于对地心的引力，对地心的引力又大于对远侧海水的引力。因此地"
    "球上有两个隆起的水体，"
    "地球每天在其下转动一周。";

std::vector<Case> answers(const std::vector<std::string>& texts) {
  std::vector<Case> cases;
  for (const std::string& text : texts) cases.push_back({"Explain the tides.", text});
  return cases;
}

TEST(Truncated, ends_in_the_middle_of_a_text) {
  expect_found(ExchangeFault::truncated,
               answers({"The tides depend on the moon, the sun, ",
                        "The tides depend on the moon,<|endoftext|>",
                        "Here are three reasons why it is so:",
                        "Here are three reasons why it is so:\n",
                        "The tides depend on the moon (",
                        "The tides depend on these: [",
                        "The function is int main() {",
                        "潮汐取决于月球、太阳、",
                        "潮汐取决于以下几个因素：",
                        "潮汐取决于月球，太阳，",
                        "潮汐取决于月球和太阳；",
                        "潮汐取决于月球和太阳（",
                        "The tides depend on the moon and on the inter-",
                        "They are of use:\n1. The first.\n2. The second.\n3.",
                        "They are of use:\n1. The first.\n\n2. The second.\n\n10.",
                        "1) One of them\n2) Two of them\n3)",
                        "- One of them\n- Two of them\n-",
                        "* One of them\n* Two of them\n*",
                        "• One of them\n• Two of them\n•",
                        "1、第一个\n2、第二个\n3、",
                        "Here it is:\n```python\nprint(1)",
                        "```\nint main() {}\n",
                        "````\nint main() {}",
                        "Use `a`. Then\n```\na\n```\nand\n```\nb",
                        paragraph + " When the sun and the moon stand in line, the two bulges add",
                        paragraph + "\n\nWhen the sun and the moon stand in line, the two bulges",
                        paragraph + "\n\n" + paragraph + "\n\nWhen the sun and the moon stand in line, the",
                        paragraph + " When the sun and the moon stand in line, the tides are l",
                        chinese + "当太阳和月球在一条直线上时，两个隆起相互",
                        chinese + "\n\n当太阳和月球在一条直线上时，两个隆起的水体就会相互",
                        "## Tides\n" + paragraph + "\n## Sun\nWhen the sun and the moon stand in line, the bulges"}));
}

TEST(Truncated, is_no_answer_that_may_end_so) {
  expect_spared(
      ExchangeFault::truncated,
      answers({"",
               "42",
               "Paris",
               "Hello,",
               ":",
               "-",
               "3.",
               "a,b,",
               "Dear Sir,",
               "un-",
               "(",
               "yes",
               "no",
               ":(",
               "I am sad about the weather today :(",
               "Paris is the capital of France",
               "潮汐取决于月球",
               "The answer, as we have computed it above, is\n42.",
               "It happened in the year\n1999.",
               "```python\nprint(1)\n```",
               "Use ```a``` here.",
               "````\n```\n````",
               "Some `inline code`",
               "1. One\n2. Two\n3. Three",
               "- One\n- Two\n- Three",
               paragraph,
               chinese,
               paragraph + " #TheTidesAndTheMoon",
               paragraph + " More is on https://example.com/tides",
               paragraph + "\n\nYours,\nAnna",
               paragraph + "\nTherefore, the height of the tide over a day is h = a sin t",
               paragraph + "\n\n*The moon pulls.*",
               paragraph + "\nAnna: see you at the beach when the tide is low and the sun is out",
               "1. Grilled cheese sandwich with raspberry jam and butter\n2. Fried chicken with waffles and a lot of "
               "syrup on it\n"
               "3. Burger with a doughnut bun and two slices of bacon\n4. Salt and vinegar flavored chips with "
               "hazelnut cream",
               "I wandered lonely as a cloud that floats on high\nO'er vales and hills and then the river ran so deep\n"
               "When all at once I saw a crowd of golden flowers\nBeside the lake, beneath the trees, in half a sleep\n"
               "Fluttering and dancing in the breeze for many hours",
               "| name | what it is for |\n|---|---|\n" + std::string(200, 'a') + " | b |",
               std::string(300, 'a'),
               "Bananas, apples, pears and -rrb- and then some more -rrb-",
               "\xff\xff\xff",
               "\xe3\x80"}));
}

TEST(Truncated, asks_how_the_question_ends) {
  expect_spared(
      ExchangeFault::truncated,
      {{"Paraphrase: In the end the chairman said to everybody:", "At last the chairman said to all of them:"},
       {"翻译这一句：他在会议的最后对大家说：", "最后，他在会议上对所有的人这样说道："}});
  expect_found(ExchangeFault::truncated, {{"What did he say?", "At last the chairman said to all of them:"}});
}

TEST(Truncated, shows_the_end) {
  const auto verdict = check_exchange(one_exchange("Why?", paragraph + "\nHere are three reasons:\n"));
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->detail.ends_with("Here are three reasons:")) << verdict->detail;
}

}  // namespace
}  // namespace farpoint::clean
