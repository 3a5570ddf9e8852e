// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/spelling.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::clean {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

/// "walk/S" also knows "walks".
void write_dictionary(const fs::path& folder, const std::string& name, const std::vector<std::string>& words,
                      const std::string& encoding = "UTF-8") {
  write_file(folder / (name + ".aff"), "SET " + encoding + "\nSFX S Y 1\nSFX S 0 s .\n");
  std::string list = std::to_string(words.size()) + "\n";
  for (const std::string& word : words) list += word + "\n";
  write_file(folder / (name + ".dic"), list);
}

class SpellingTest : public testing::Test {
 protected:
  SpellingTest() {
    write_dictionary(folder_.path(), "en_US",
                     {"the", "dog/S", "walk/S", "don't", "isn't", "café", "red", "green", "blue", "sky", "Paris", "an",
                      "well", "known"});
  }
  Spelling english() const { return Spelling(std::vector<std::string>{"en"}, folder_.path()); }

  TemporaryFolder folder_;
};

TEST_F(SpellingTest, is_the_share_of_words_that_are_not_known) {
  const Spelling spelling = english();
  EXPECT_EQ(spelling.unknown_share("The dog walks the red dogs."), 0);
  EXPECT_EQ(spelling.unknown_share("The dgo walks the rde dogs, blue sky."), 0.25);
  EXPECT_EQ(spelling.unknown_share("qwe rty uio pas dfg"), 1);
  EXPECT_EQ(spelling.unknown_share("the dog isn't red don’t walk"), 0);
  EXPECT_EQ(spelling.unknown_share("red, well-known green; (blue) \"sky\" 'dog'"), 0);
}

TEST_F(SpellingTest, counts_each_occurrence) {
  const Spelling spelling = english();
  EXPECT_EQ(spelling.unknown_share("xyz xyz xyz red red"), 0.6);
  EXPECT_EQ(spelling.unknown_share("xyz xyz xyz red red"), 0.6);
}

TEST_F(SpellingTest, knows_composed_and_decomposed_letters) {
  const Spelling spelling = english();
  EXPECT_EQ(spelling.unknown_share("café cafe\u0301 café Café dog"), 0);
}

TEST_F(SpellingTest, passes_over_what_is_no_word) {
  const Spelling spelling = english();
  const std::string known = "the dog walks red sky ";
  for (const char* other : {"NASA",
                            "XQZ",
                            "a b c",
                            "abc123",
                            "4th",
                            "iPhone",
                            "getValue",
                            "x_y",
                            "snake_case",
                            "https://qwe.rty/uio",
                            "www.qwe.rty",
                            "qwe@rty.uio",
                            "/usr/bin/qwe",
                            "C:\\qwe",
                            "`qwe rty`",
                            "```\nqwe rty\nuio\n```",
                            "f(qwe)=rty",
                            "qwe()",
                            "<qwe>",
                            "{qwe}",
                            "#qwe",
                            "привет",
                            "你好",
                            "こんにちは",
                            "αβγ",
                            "qweпривет",
                            "12:30",
                            "--",
                            "'",
                            "qwe.rty",
                            "\xff\xfe",
                            "qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjkl"}) {
    EXPECT_EQ(spelling.unknown_share(known + other), 0) << other;
    EXPECT_EQ(spelling.unknown_share(other + (" " + known)), 0) << other;
  }
}

TEST_F(SpellingTest, reads_words_between_other_scripts) {
  EXPECT_EQ(english().unknown_share("我的dog和red，blue、sky。wlak在哪里"), 0.2);
  EXPECT_EQ(english().unknown_share("red/green blue`sky wlak dog"), 1.0 / 6);
}

TEST_F(SpellingTest, is_no_number_for_fewer_than_five_words) {
  const Spelling spelling = english();
  EXPECT_TRUE(std::isnan(spelling.unknown_share("")));
  EXPECT_TRUE(std::isnan(spelling.unknown_share("the dog walks red")));
  EXPECT_FALSE(std::isnan(spelling.unknown_share("the dog walks red sky")));
  EXPECT_TRUE(std::isnan(spelling.unknown_share("I a x y z NASA 123 the dog")));
}

TEST_F(SpellingTest, takes_words_of_several_languages) {
  // Latin-1: "été" and "ville".
  write_dictionary(folder_.path(), "fr_FR", {"\xe9t\xe9", "ville/S", "l'eau"}, "ISO8859-1");
  const Spelling both(std::vector<std::string>{"en", "fr"}, folder_.path());
  EXPECT_EQ(both.unknown_share("été villes dog l'eau sky"), 0);
  EXPECT_EQ(both.unknown_share("été villes dog ётé sky ete green"), 1.0 / 6);
  EXPECT_EQ(english().unknown_share("été villes dog l'eau sky"), 0.6);
  EXPECT_EQ(both.dictionaries().size(), 2U);
  EXPECT_EQ(both.dictionaries()[1].words, folder_ / "fr_FR.dic");
  // Not in Latin-1 at all.
  EXPECT_EQ(both.unknown_share("łódź dog sky red green"), 0.2);
}

TEST_F(SpellingTest, gives_the_same_on_every_thread) {
  const Spelling spelling = english();
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) {
    std::string word;
    for (int k = 0; k < 5; ++k) word += static_cast<char>('a' + (i * (k + 3) + k) % 26);
    texts.push_back("the dog walks " + word + " red " + word + "s");
  }
  std::vector<std::vector<double>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] {
        for (const std::string& text : texts) result.push_back(spelling.unknown_share(text));
      });
    }
  }
  const Spelling other = english();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const auto& result : results) EXPECT_EQ(result[i], other.unknown_share(texts[i])) << texts[i];
  }
}

TEST_F(SpellingTest, takes_hostile_texts) {
  const Spelling spelling = english();
  for (const char* piece :
       {"a", "dog ", "`", "` ", "```", "'", "a'", "’", "\u0301", "a\u0301", ".", "a.", "/", "(", "é", "\xff", "中"}) {
    std::string text;
    while (text.size() < 2'000'000) text += piece;
    spelling.unknown_share(text);
    spelling.unknown_share("the dog walks red sky " + text);
  }
  EXPECT_EQ(spelling.unknown_share("the dog walks red sky " + std::string(10'000'000, 'a')), 0);
}

TEST_F(SpellingTest, says_where_it_looked) {
  try {
    const Spelling spelling(std::vector<std::string>{"en", "de"}, folder_.path());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(folder_.path().string()));
    EXPECT_THAT(error.what(), testing::HasSubstr("\"de\""));
    EXPECT_THAT(error.what(), testing::HasSubstr("hunspell-de"));
  }
  EXPECT_THROW(Spelling(std::vector<std::string>{}, folder_.path()), UsageError);
  for (const char* code : {"", "e", "../en", "en/US", "e n", "_en"}) {
    EXPECT_THROW(Spelling(std::vector<std::string>{code}, folder_.path()), UsageError) << code;
  }
}

TEST_F(SpellingTest, refuses_files_that_are_no_dictionary) {
  write_file(folder_ / "xx.aff", "");
  write_file(folder_ / "xx.dic", "no number\n");
  EXPECT_THROW(Spelling(std::vector<std::string>{"xx"}, folder_.path()), Error);
  write_file(folder_ / "yy.aff", "SET NO-SUCH-ENCODING\n");
  write_file(folder_ / "yy.dic", "1\nword\n");
  EXPECT_THROW(Spelling(std::vector<std::string>{"yy"}, folder_.path()), Error);
}

TEST_F(SpellingTest, finds_dictionaries_by_code) {
  TemporaryFolder other;
  for (const char* name : {"en_GB", "de_AT", "de_DE", "pt_AO", "pt_BR", "fr", "fr_FR", "eno_XX"}) {
    write_dictionary(other.path(), name, {"word"});
  }
  write_file(other / "it_IT.dic", "1\nword\n");  // without its .aff
  const auto found = [&](std::string_view code, std::vector<fs::path> folders) {
    const auto dictionary = SpellingDictionary::find(code, folders);
    return dictionary ? dictionary->words.string() : std::string();
  };
  EXPECT_EQ(found("en", {folder_.path(), other.path()}), folder_ / "en_US.dic");
  EXPECT_EQ(found("en", {other.path(), folder_.path()}), other / "en_GB.dic");
  EXPECT_EQ(found("en-GB", {folder_.path(), other.path()}), other / "en_GB.dic");
  EXPECT_EQ(found("en_AU", {folder_.path(), other.path()}), "");
  EXPECT_EQ(found("de", {other.path()}), other / "de_DE.dic");
  EXPECT_EQ(found("pt", {other.path()}), other / "pt_AO.dic");
  EXPECT_EQ(found("fr", {other.path()}), other / "fr.dic");
  EXPECT_EQ(found("it", {other.path()}), "");
  EXPECT_EQ(found("en", {other / "nowhere"}), "");
}

TEST_F(SpellingTest, looks_in_the_folders_of_the_environment_first) {
  setenv("DICPATH", (std::string(":/nowhere:") + folder_.path().string()).c_str(), 1);
  const auto folders = SpellingDictionary::usual_folders();
  unsetenv("DICPATH");
  EXPECT_THAT(folders,
              testing::ElementsAre("/nowhere", folder_.path(), "/usr/share/hunspell", "/usr/share/myspell/dicts"));
}

}  // namespace
}  // namespace farpoint::clean
