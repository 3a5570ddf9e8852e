// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/language.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "clean/sample_texts.hpp"

namespace farpoint::clean {
namespace {

const std::string english =
    "The river has been rising since Monday, and the people who live along its banks are moving what they can to "
    "higher ground. Nobody remembers when the water stood this high, but there are marks on the walls of the old mill "
    "from which you can tell that it has happened before. ";
const std::string german =
    "Der Fluss steigt seit Montag, und die Menschen, die an seinen Ufern wohnen, bringen alles, was sie tragen können, "
    "auf höheren Grund. Niemand erinnert sich, wann das Wasser so hoch stand. ";
const std::string french =
    "La rivière monte depuis lundi, et les gens qui habitent sur ses rives mettent tout ce qu'ils peuvent à l'abri. "
    "Personne ne se souvient d'avoir vu l'eau aussi haute. ";
const std::string dutch =
    "De rivier stijgt sinds maandag, en de mensen die langs de oevers wonen brengen wat zij kunnen naar hoger gelegen "
    "grond. Niemand weet nog wanneer het water zo hoog stond. ";
const std::string russian =
    "Река поднимается с понедельника, и люди, живущие на её берегах, переносят всё, что могут, на возвышенность. ";
const std::string chinese =
    "河水从星期一开始上涨，住在岸边的人们把能带走的东西都搬到了高处，没有人记得水位什么时候这么高过。";
const std::string traditional =
    "河水從星期一開始上漲，住在岸邊的人們把能帶走的東西都搬到了高處，沒有人記得水位什麼時候這麼高過。";
const std::string japanese = "川の水位は月曜日から上がり続けていて、岸辺に住む人々は運べるものを高い場所へ移している。";
const std::string korean =
    "강물이 월요일부터 불어나고 있어서 강가에 사는 사람들은 옮길 수 있는 물건을 높은 곳으로 옮기고 있다. ";

TEST(DetectLanguage, names_the_language_of_plain_texts) {
  const std::vector<std::pair<std::string, std::string>> texts = {
      {english, "en"}, {german, "de"},      {french, "fr"},   {dutch, "nl"}, {russian, "ru"},
      {chinese, "zh"}, {traditional, "zh"}, {japanese, "ja"}, {korean, "ko"}};
  for (const auto& [text, code] : texts) {
    // Short ones, those that are read whole, and those of which windows are.
    for (const std::size_t times : {1U, 5U, 100U}) {
      const Language language = detect_language(repeated(text, times));
      EXPECT_EQ(language.code, code) << text;
      EXPECT_GT(language.confidence, 0.9) << text;
      EXPECT_LE(language.confidence, 1.0) << text;
      EXPECT_TRUE(language.reliable) << text;
      EXPECT_EQ(language.second, "") << text;
      EXPECT_EQ(language.second_confidence, 0.0) << text;
    }
  }
}

TEST(DetectLanguage, says_nothing_of_what_it_cannot_know) {
  for (const std::string& text : {std::string(), std::string(" \n"), std::string("42 + 17 = 59; 3.14159"),
                                  std::string("ok"), std::string("你好"), std::string("x1 = y2[3]"),
                                  std::string("\xff\xfe\x80"), std::string(5000, '-'), repeated("1234567890 ", 1000)}) {
    const Language language = detect_language(text);
    EXPECT_EQ(language.code, "un") << text.substr(0, 50);
    EXPECT_EQ(language.confidence, 0.0) << text.substr(0, 50);
    EXPECT_FALSE(language.reliable) << text.substr(0, 50);
    EXPECT_EQ(language.second, "") << text.substr(0, 50);
  }
}

TEST(DetectLanguage, gives_both_languages_of_mixed_texts) {
  struct Case {
    std::string text;
    const char* first;
    const char* second;
  };
  for (const Case& c : std::vector<Case>{{english + "\n" + repeated(chinese, 4), "zh", "en"},
                                         {repeated(english, 3) + "\n" + chinese, "en", "zh"},
                                         {repeated(english, 3) + german, "en", "de"},
                                         {repeated(french, 3) + russian, "fr", "ru"},
                                         {german + repeated(chinese, 4), "zh", "de"}}) {
    const Language language = detect_language(c.text);
    EXPECT_EQ(language.code, c.first) << c.text;
    EXPECT_EQ(language.second, c.second) << c.text;
    EXPECT_GE(language.confidence, language.second_confidence);
    EXPECT_GT(language.second_confidence, 0.1) << c.text;
    EXPECT_LE(language.confidence + language.second_confidence, 1.0 + 1e-12) << c.text;
  }
}

TEST(DetectLanguage, shares_are_those_of_bytes) {
  const std::string han = repeated("河水从星期一开始上涨", 10);  // 300 bytes
  const Language language = detect_language(han + "\n" + english);
  std::size_t letters = 0;
  for (const char c : english) letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 1 : 0;
  const double chinese_share = 300.0 / (300.0 + static_cast<double>(letters));
  EXPECT_EQ(language.code, "zh");
  EXPECT_NEAR(language.confidence, chinese_share, 0.02);
  EXPECT_NEAR(language.second_confidence, 1 - chinese_share, 0.02);
}

TEST(DetectLanguage, leaves_code_and_names_beside_chinese_aside) {
  const Language language = detect_language(chinese + "\n```\nfor (i = 0; i < n; i++) a[i] += b[i];\n```\n");
  EXPECT_EQ(language.code, "zh");
  EXPECT_GT(language.confidence, 0.9);
}

TEST(DetectLanguage, reads_beginning_middle_and_end_of_long_texts) {
  const std::string filler = repeated(english, 100);
  const std::string other = repeated(german, 6);  // more than a window
  for (const std::string& text : {other + filler, filler + other, filler + other + filler}) {
    const Language language = detect_language(text);
    EXPECT_EQ(language.code, "en");
    EXPECT_EQ(language.second, "de");
    EXPECT_NEAR(language.second_confidence, 1.0 / 3.0, 0.1);
  }
}

TEST(DetectLanguage, is_not_misled_by_bytes_that_are_no_text) {
  const std::vector<std::string> rubbish = {
      "\xff", "\x01", "\xc0\x80", "\xed\xa0\x80", "\xef\xbf\xbe", "\xf4\x90\x80\x80", std::string(1, '\0'), "\xc2\x85"};
  for (const std::string& bytes : rubbish) {
    EXPECT_EQ(detect_language(bytes + german + bytes + german + bytes).code, "de");
    EXPECT_EQ(detect_language(repeated(german + bytes, 100)).code, "de");
    EXPECT_EQ(detect_language(repeated(chinese + bytes, 100)).code, "zh");
  }
}

RC_GTEST_PROP(DetectLanguage, takes_any_bytes, (const std::string& bytes)) {
  for (const std::size_t times : {1U, 200U}) {
    const Language language = detect_language(repeated(bytes, times));
    RC_ASSERT(language.confidence >= 0.0 && language.confidence <= 1.0 + 1e-12);
    RC_ASSERT(language.confidence >= language.second_confidence);
    RC_ASSERT((language.code == "un") == (language.confidence == 0.0));
    RC_ASSERT(language.second.empty() == (language.second_confidence == 0.0));
  }
}

RC_GTEST_PROP(DetectLanguage, takes_any_mixture, ()) {
  const std::vector<std::string> pieces = {english, german, chinese, japanese, korean, russian, "\xe4\xbd", "\xff",
                                           "x",     "12",   "\n",    "的",     "の",   "𠀀",    "😀"};
  const std::string text = *joined(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)));
  const Language language = detect_language(text);
  RC_ASSERT(language.confidence + language.second_confidence <= 1.0 + 1e-12);
  RC_ASSERT(language.code != "zh-Hant");
  RC_ASSERT(language.second != language.code);
}

TEST(DetectLanguage, is_the_same_on_all_threads) {
  const std::vector<std::string> texts = {english, german + french, chinese + english, japanese, russian};
  std::vector<std::vector<std::string>> found(4);
  std::vector<std::thread> threads;
  for (auto& codes : found) {
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        for (const std::string& text : texts)
          codes.push_back(detect_language(text).code + detect_language(text).second);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& codes : found) EXPECT_EQ(codes, found[0]);
}

TEST(DetectLanguage, takes_no_longer_for_long_texts) {
  EXPECT_EQ(detect_language(std::string(10'000'000, 'a')).code, "un");
  EXPECT_EQ(detect_language(repeated("\u0301", 1'000'000)).code, "un");
  EXPECT_EQ(detect_language(repeated(chinese, 100'000)).code, "zh");
}

TEST(IsAccepted, sums_the_shares_of_accepted_languages) {
  const Language mixed = {"zh", 0.6, true, "en", 0.3};
  const std::vector<std::string> both = {"en", "zh"};
  const std::vector<std::string> chinese_only = {"zh"};
  const std::vector<std::string> english_only = {"en"};
  const std::vector<std::string> neither = {"de"};
  EXPECT_TRUE(is_accepted(mixed, both, 0.89));
  EXPECT_FALSE(is_accepted(mixed, both, 0.91));
  EXPECT_TRUE(is_accepted(mixed, chinese_only, 0.6));
  EXPECT_FALSE(is_accepted(mixed, chinese_only, 0.65));
  EXPECT_TRUE(is_accepted(mixed, english_only, 0.3));
  EXPECT_FALSE(is_accepted(mixed, english_only, 0.5));
  EXPECT_FALSE(is_accepted(mixed, neither, 0.01));
  EXPECT_FALSE(is_accepted(mixed, {}, 0.01));
}

TEST(IsAccepted, accepts_what_is_of_no_known_language) {
  const std::vector<std::string> accepted = {"en"};
  EXPECT_TRUE(is_accepted(Language{}, accepted, 0.99));
  EXPECT_TRUE(is_accepted(detect_language("12 * 12 = 144"), accepted, 0.99));
}

}  // namespace
}  // namespace farpoint::clean
