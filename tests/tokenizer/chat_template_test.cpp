// SPDX-License-Identifier: Apache-2.0
#include "farpoint/tokenizer/chat_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "samples.hpp"
#include "temporary_folder.hpp"

namespace farpoint::tokenizer {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::filesystem::path templates = golden_folder / "chat_templates";

/// What transformers renders (tests/golden/make_chat_template_goldens.py).
class ChatTemplateGoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(ChatTemplateGoldenTest, RendersAsTransformersDoes) {
  const ChatTemplate chat(templates / GetParam());
  // Templates may write the fields of a message in their order.
  std::ifstream in(templates / "conversations.json");
  const auto conversations = nlohmann::ordered_json::parse(in);
  const auto expected = read_json(templates / "expected.json")[GetParam()];
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    for (const bool prompt : {false, true}) {
      const auto& text = expected[i][prompt ? 1 : 0];
      const std::string messages = conversations[i].dump();
      if (text.is_null()) {
        EXPECT_THROW(chat.render(messages, prompt), Error) << messages;
      } else {
        EXPECT_EQ(chat.render(messages, prompt), text.get<std::string>()) << messages;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ChatTemplateGoldenTest,
                         testing::Values("chatml", "qwen", "llama3", "llama2", "mistral", "smollm", "values"),
                         [](const auto& test) { return test.param; });

class ChatTemplateTest : public testing::Test {
 protected:
  TemporaryFolder folder;

  void write(const std::string& name, const std::string& content) const { std::ofstream(folder / name) << content; }
  void write_template(const std::string& source) const { write("chat_template.jinja", source); }
  std::string render(const std::string& messages = R"([{"role": "user", "content": "hi"}])") const {
    return ChatTemplate(folder.path()).render(messages);
  }
  template <typename Thrown = Error>
  std::string message(const std::string& messages = R"([{"role": "user", "content": "hi"}])") const {
    try {
      render(messages);
    } catch (const Thrown& error) {
      return error.what();
    }
    return "nothing thrown";
  }
};

TEST_F(ChatTemplateTest, MissingOneIsAUsageError) {
  EXPECT_THAT(message<UsageError>(), AllOf(HasSubstr(folder.path().string()), HasSubstr("no chat template")));
  write("tokenizer_config.json", R"({"bos_token": "<s>"})");
  EXPECT_THAT(message<UsageError>(), HasSubstr("no chat template"));
}

TEST_F(ChatTemplateTest, BrokenFilesAreNamed) {
  write("tokenizer_config.json", "{");
  EXPECT_THAT(message(), HasSubstr("tokenizer_config.json: not JSON"));
  write("tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": ""}]})");
  EXPECT_THAT(message(), AllOf(HasSubstr("tokenizer_config.json"), HasSubstr("\"default\"")));
  write("tokenizer_config.json", R"({"chat_template": 3})");
  EXPECT_THAT(message(), HasSubstr("neither a text nor a list"));
  write_template("\xff");
  EXPECT_THAT(message(), HasSubstr("chat_template.jinja: not UTF-8"));
}

TEST_F(ChatTemplateTest, ErrorsNameFileAndLine) {
  write_template("one\ntwo {{ messages | nonsense }}\n");
  EXPECT_THAT(message(), AllOf(HasSubstr("chat_template.jinja, line 2"), HasSubstr("nonsense")));
  write_template("{% generation %}\n{% endgeneration %}\n{% if %}\n");
  EXPECT_THAT(message(), HasSubstr("chat_template.jinja, line 3"));
  write_template("\n\n\n{{ raise_exception('only one message') }}");
  EXPECT_THAT(message(), AllOf(HasSubstr("line 4"), HasSubstr("the template refuses: only one message")));
  write_template("{{ messages[0].missing.more }}");
  EXPECT_THAT(message(), HasSubstr("line 1"));
}

TEST_F(ChatTemplateTest, MessagesMustBeAListOfObjects) {
  write_template("{{ messages[0].content }}");
  EXPECT_EQ(render(), "hi");
  EXPECT_THAT(message("{"), HasSubstr("not JSON"));
  EXPECT_THAT(message("{}"), HasSubstr("not a list"));
  EXPECT_THAT(message("[3]"), HasSubstr("not a list"));
  EXPECT_EQ(render("[{\"content\": \"a\\u0000b\"}]"), std::string("a\0b", 3));
}

TEST_F(ChatTemplateTest, SpecialTokensAreVariables) {
  write_template("{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}{{ add_bos_token is defined }}");
  write("special_tokens_map.json", R"({"bos_token": {"content": "<old>"}, "eos_token": "</s>"})");
  write("tokenizer_config.json", R"({"bos_token": {"content": "<s>"}, "pad_token": null, "add_bos_token": true})");
  EXPECT_EQ(render(), "<s></s>FalseFalse");
}

TEST_F(ChatTemplateTest, JsonIsWrittenAsPythonWritesIt) {
  write_template(
      "{{ messages | tojson(indent=2) }}|{{ messages | tojson(separators=(',', ':'), sort_keys=true, "
      "ensure_ascii=true) }}");
  EXPECT_EQ(render(R"([{"b": [1e22, 0.00001, 100.0, -0.0, 123456789.125], "a": {"é\u007f🙂": [], "<": {}}}])"),
            "[\n  {\n    \"b\": [\n      1e+22,\n      1e-05,\n      100.0,\n      -0.0,\n      123456789.125\n    "
            "],\n    \"a\": {\n"
            "      \"é\x7f🙂\": [],\n      \"<\": {}\n    }\n  }\n]|"
            "[{\"a\":{\"<\":{},\"\\u00e9\x7f\\ud83d\\ude42\":[]},\"b\":[1e+22,1e-05,100.0,-0.0,123456789.125]}]");
}

TEST_F(ChatTemplateTest, ThoughtsAreFoundUnderAnyOfTheirNames) {
  write_template("{{ messages[0].reasoning_content }} {{ messages[0].thinking }}");
  EXPECT_EQ(render(R"([{"reasoning": "hm"}])"), "hm hm");
}

TEST_F(ChatTemplateTest, SaysWhetherTheDateMatters) {
  write_template("{{ strftime_now('%Y-%m-%d') }}");
  const ChatTemplate dated(folder.path());
  EXPECT_TRUE(dated.uses_time());
  EXPECT_THAT(dated.render("[]"), testing::MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]"));
  EXPECT_EQ(dated.origin(), (folder / "chat_template.jinja").string());
  EXPECT_FALSE(ChatTemplate(templates / "chatml").uses_time());
  EXPECT_THAT(ChatTemplate(templates / "mistral").origin(), HasSubstr("chat_template \"default\""));
}

TEST_F(ChatTemplateTest, EndlessRecursionIsAnError) {
  write_template("{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}");
  EXPECT_THAT(message(), HasSubstr("line 1"));
}

TEST_F(ChatTemplateTest, ThreadsMayShareOne) {
  const ChatTemplate chat(templates / "qwen");
  const std::string messages = R"([{"role": "user", "content": "hi"}])";
  const std::string expected = chat.render(messages, true);
  parallel_for(1000, 10, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ASSERT_EQ(chat.render(messages, true), expected);
  });
}

}  // namespace
}  // namespace farpoint::tokenizer
