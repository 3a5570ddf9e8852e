// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "farpoint/base/error.hpp"
#include "samples.hpp"
#include "temporary_folder.hpp"

namespace farpoint::tokenizer {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class TokenizerFileTest : public testing::Test {
 protected:
  TemporaryFolder folder;

  void write(const std::string& name, const std::string& content) const { std::ofstream(folder / name) << content; }

  template <typename Thrown>
  std::string message() const {
    try {
      const Tokenizer opened(folder / "tokenizer.json");
    } catch (const Thrown& error) {
      return error.what();
    }
    return "nothing thrown";
  }
};

TEST_F(TokenizerFileTest, MissingOneSaysHowToMakeIt) {
  EXPECT_THAT(message<UsageError>(), AllOf(HasSubstr((folder / "tokenizer.json").string() + " is missing"),
                                           HasSubstr("no other vocabulary"), HasSubstr("save_pretrained(")));
}

TEST_F(TokenizerFileTest, MissingOneSaysWhatIsThereInstead) {
  write("vocab.txt", "");
  write("merges.txt", "");
  EXPECT_THAT(message<UsageError>(), AllOf(HasSubstr("has vocab.txt, which"), Not(HasSubstr("merges.txt"))));
  write("vocab.json", "");
  write("spm.model", "");
  EXPECT_THAT(message<UsageError>(), HasSubstr("has vocab.txt, spm.model, vocab.json and merges.txt, which"));
}

TEST_F(TokenizerFileTest, BrokenOneIsAnError) {
  write("tokenizer.json", "{\"model\": {\"type\": ");
  EXPECT_THAT(message<Error>(), AllOf(HasSubstr("tokenizer.json: not JSON"), HasSubstr("line 1")));
  write("tokenizer.json", "");
  EXPECT_THAT(message<Error>(), HasSubstr("not JSON"));
  write("tokenizer.json", "[]");
  EXPECT_THAT(message<Error>(), HasSubstr("not a tokenizer"));
}

TEST_F(TokenizerFileTest, UnknownModelIsNamed) {
  write("tokenizer.json", R"({"version": "1.0", "model": {"type": "Telepathy", "vocab": {}}})");
  EXPECT_THAT(message<Error>(), AllOf(HasSubstr("tokenizer.json"), HasSubstr("\"Telepathy\"")));
}

TEST_F(TokenizerFileTest, FolderIsNoFile) {
  std::filesystem::create_directory(folder / "tokenizer.json");
  EXPECT_THAT(message<Error>(), HasSubstr("cannot be read"));
}

TEST_F(TokenizerFileTest, StoredTruncationPaddingAndDropoutAreIgnored) {
  auto json = read_json(golden_folder / "byte_level" / "tokenizer.json");
  json["truncation"] = {{"direction", "Left"}, {"max_length", 3}, {"strategy", "LongestFirst"}, {"stride", 0}};
  json["padding"] = {{"strategy", {{"Fixed", 500}}},
                     {"direction", "Right"},
                     {"pad_to_multiple_of", nullptr},
                     {"pad_id", 0},
                     {"pad_type_id", 0},
                     {"pad_token", "x"}};
  json["model"]["dropout"] = 0.5;
  write("tokenizer.json", json.dump());
  const Tokenizer tokenizer(folder / "tokenizer.json");
  const Tokenizer plain = golden_tokenizer("byte_level");
  for (const std::string& text : golden_texts()) EXPECT_EQ(encode_one(tokenizer, text), encode_one(plain, text));
}

TEST_F(TokenizerFileTest, MovedOnesWork) {
  Tokenizer tokenizer = golden_tokenizer("wordpiece");
  const auto ids = encode_one(tokenizer, "the river");
  Tokenizer moved(std::move(tokenizer));
  EXPECT_EQ(encode_one(moved, "the river"), ids);
  moved = golden_tokenizer("llama2");
  EXPECT_EQ(moved.added_to_text(), 1);
}

}  // namespace
}  // namespace farpoint::tokenizer
