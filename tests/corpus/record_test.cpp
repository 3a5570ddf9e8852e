// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/record.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace farpoint::corpus {
namespace {

Record record_of(std::vector<Turn> turns) {
  Record record;
  record.turns = std::move(turns);
  return record;
}

Turn turn(Role role, std::string text) {
  return {.role = role, .text = std::move(text), .name = {}, .call_id = {}};
}

TEST(View, SplitsAtTheLastAnswer) {
  const Record record =
      record_of({turn(Role::system, "Be brief."), turn(Role::user, "Hi"), turn(Role::assistant, "Hello"),
                 turn(Role::user, "Bye"), turn(Role::assistant, "See you")});

  EXPECT_EQ(view(record, TextView::prompt), "Be brief.\nHi\nHello\nBye");
  EXPECT_EQ(view(record, TextView::response), "See you");
  EXPECT_EQ(view(record, TextView::full), "Be brief.\nHi\nHello\nBye\nSee you");
  EXPECT_EQ(view(record, TextView::conversation),
            "system: Be brief.\nuser: Hi\nassistant: Hello\nuser: Bye\nassistant: See you");
}

TEST(View, PromptIsEverythingWhereNobodyAnswers) {
  const Record record = record_of({turn(Role::user, "a document")});

  EXPECT_EQ(view(record, TextView::prompt), "a document");
  EXPECT_EQ(view(record, TextView::response), "");
  EXPECT_EQ(view(record, TextView::full), "a document");
}

TEST(View, PromptEndsBeforeTheAnswerEvenWhenTurnsFollow) {
  const Record record = record_of({turn(Role::user, "q"), turn(Role::assistant, "a"), turn(Role::user, "thanks")});

  EXPECT_EQ(view(record, TextView::prompt), "q");
  EXPECT_EQ(view(record, TextView::response), "a");
  EXPECT_EQ(view(record, TextView::full), "q\na\nthanks");
}

TEST(View, ToolCallIsTheAnswerOnlyWithoutAnAssistantTurn) {
  const Record only_call = record_of({turn(Role::user, "q"), turn(Role::tool_call, "{}"), turn(Role::tool, "4")});
  const Record answered = record_of({turn(Role::user, "q"), turn(Role::assistant, "a"), turn(Role::tool_call, "{}")});

  EXPECT_EQ(view(only_call, TextView::response), "{}");
  EXPECT_EQ(view(only_call, TextView::prompt), "q");
  EXPECT_EQ(view(answered, TextView::response), "a");
  EXPECT_EQ(view(only_call, TextView::conversation), "user: q\ntool_call: {}\ntool: 4");
}

TEST(View, PassesOverTurnsWithoutText) {
  const Record record =
      record_of({turn(Role::system, ""), turn(Role::user, "q"), turn(Role::user, ""), turn(Role::assistant, "a")});

  EXPECT_EQ(view(record, TextView::full), "q\na");
  EXPECT_EQ(view(record, TextView::prompt), "q");
  EXPECT_EQ(view(record, TextView::conversation), "user: q\nassistant: a");
}

TEST(View, OfNoTurnsIsEmpty) {
  for (const TextView which : {TextView::prompt, TextView::response, TextView::full, TextView::conversation}) {
    EXPECT_EQ(view(Record(), which), "");
  }
}

struct LabelCase {
  std::string label;
  std::optional<std::size_t> option;
};

TEST(LabelledOption, ReadsLettersIndexesAndTexts) {
  const std::vector<std::string> options = {"red", "green", "7"};
  const std::vector<LabelCase> cases = {{"A", 0},     {"c", 2},           {"D", std::nullopt},  {"0", 0},
                                        {"2", 2},     {"7", 2},           {"3", std::nullopt},  {"-1", std::nullopt},
                                        {"green", 1}, {"", std::nullopt}, {"AB", std::nullopt}, {"1 ", std::nullopt}};
  for (const LabelCase& c : cases) {
    const MultipleChoice choice{.passage = {}, .question = "?", .options = options, .label = c.label};

    EXPECT_EQ(labelled_option(choice), c.option) << "label '" << c.label << "'";
  }
}

TEST(LabelledOption, EmptyLabelDoesNotNameAnEmptyOption) {
  const MultipleChoice choice{.passage = {}, .question = "?", .options = {""}, .label = ""};

  EXPECT_EQ(labelled_option(choice), std::nullopt);
}

TEST(FaultName, IsWhatStandsInRejects) {
  EXPECT_EQ(fault_name(Fault::bad_json), "bad_json");
  EXPECT_EQ(fault_name(Fault::bad_utf8), "bad_utf8");
  EXPECT_EQ(fault_name(Fault::no_text), "no_text");
  EXPECT_EQ(fault_name(Fault::too_large), "too_large");
}

TEST(TextRecord, EscapesWhatJsonAsksForAndKeepsTheRest) {
  EXPECT_EQ(text_record("a \"b\"\t\\ é 漢"), R"({"text":"a \"b\"\t\\ é 漢"})");
  EXPECT_EQ(text_record(""), R"({"text":""})");
}

TEST(IsValidUtf8, RefusesSurrogatesOverlongFormsAndCutCharacters) {
  for (const std::string valid : {"", "plain", "é", "漢字", "😀"}) EXPECT_TRUE(is_valid_utf8(valid)) << valid;
  for (const std::string invalid : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xe6\xbc", "\xf5\x80\x80\x80", "a\x80"}) {
    EXPECT_FALSE(is_valid_utf8(invalid));
  }
}

}  // namespace
}  // namespace farpoint::corpus
