// SPDX-License-Identifier: Apache-2.0
// Prompts and answers that say nothing, questions that come back, and blanks.
#include "exchanges.hpp"

namespace farpoint::clean {
namespace {

using corpus::Role;

TEST(EmptyAnswer, is_one_that_says_nothing) {
  std::vector<Case> cases;
  for (const char* answer : {"",
                             " ",
                             "\n\t \r\n",
                             "\u3000",
                             "\u00a0\u00a0",
                             "\ufeff",
                             "\u200b",
                             ".",
                             "...",
                             "…",
                             "……",
                             "-",
                             "--",
                             "—",
                             "___",
                             "\"\"",
                             "''",
                             "“”",
                             "。",
                             "，",
                             "```\n```",
                             "N/A",
                             "n/a",
                             "N/A.",
                             "(N/A)",
                             "None",
                             "none.",
                             "NONE",
                             "null",
                             "NULL",
                             "nan",
                             "<noinput>",
                             "<nooutput>",
                             "No input",
                             "[none]",
                             "无",
                             "无。",
                             "空",
                             "暂无",
                             "不适用",
                             "<|endoftext|>",
                             " <|im_end|>\n",
                             "</s>",
                             "None<|endoftext|>",
                             "...</s>",
                             "\xff\xfe"}) {
    cases.push_back({"What is it?", answer});
  }
  expect_found(ExchangeFault::empty_answer, cases);
}

TEST(EmptyAnswer, is_none_of_the_short_answers_that_may_be_right) {
  std::vector<Case> cases;
  for (const char* answer : {"0",
                             "7",
                             "-1",
                             "A",
                             "b",
                             "No",
                             "no",
                             "Yes",
                             "√2",
                             "π",
                             "?",
                             "!",
                             "%",
                             "+",
                             "=",
                             "<",
                             ">",
                             "*",
                             "&",
                             "@",
                             "[]",
                             "{}",
                             "()",
                             "Na",
                             "NA",
                             "Nan",
                             "NaN",
                             "No answer",
                             "No.",
                             "None of the above",
                             "Nil Armstrong",
                             "nothing",
                             "有",
                             "没有",
                             "不",
                             "否",
                             "是",
                             "一",
                             "😀",
                             "→",
                             "½",
                             "é",
                             "ا",
                             "Ω",
                             "null pointer",
                             "undefined",
                             "Yes<|endoftext|>",
                             "<|>",
                             "空气"}) {
    cases.push_back({"What is it?", answer});
  }
  expect_spared(ExchangeFault::empty_answer, cases);
}

TEST(EmptyPrompt, is_one_in_which_no_user_says_anything) {
  std::vector<Case> cases;
  for (const char* prompt :
       {"",       " ",   "\n",   "\t\t",   "...",    "…",         "-",          "---",      "\"\"", "``",  "''",
        "N/A",    "n/a", "None", "null",   "nan",    "<noinput>", "<no input>", "No input", "无",   "空",  "暂无",
        "无输入", "。",  "，，", "\u3000", "\u200b", "\ufeff",    "\u00a0",     "___",      ".",    "\xff"}) {
    cases.push_back({prompt, "The answer."});
  }
  expect_found(ExchangeFault::empty_prompt, cases);
}

TEST(EmptyPrompt, is_none_of_the_short_ones) {
  std::vector<Case> cases;
  for (const char* prompt : {"a",  "?", "0",  "hi", "你", "好",   "√",      "Why?", "No",   "None of it",      "1+1",
                             "=",  "😀", "π",  "Ω",  "是", "没有", "...why", "- a",  "nan?", "Null hypothesis", "x",
                             "[]", "é", "ア", "go", "!",  "*",    "§",      "%"}) {
    cases.push_back({prompt, "The answer."});
  }
  expect_spared(ExchangeFault::empty_prompt, cases);
}

TEST(EmptyPrompt, takes_the_system_turn_where_no_user_speaks) {
  const auto check = [](const corpus::Record& record) {
    return check_exchange(record, only(ExchangeFault::empty_prompt)).has_value();
  };
  EXPECT_FALSE(check(conversation({{Role::system, "Write a poem."}, {Role::assistant, "Roses are red."}})));
  EXPECT_TRUE(check(conversation({{Role::system, ""}, {Role::assistant, "Roses are red."}})));
  EXPECT_TRUE(check(conversation({{Role::system, "Be kind."}, {Role::user, ""}, {Role::assistant, "Roses are red."}})));
  EXPECT_TRUE(check(conversation({{Role::assistant, "Roses are red."}})));
  EXPECT_TRUE(check(conversation({{Role::user, " "}, {Role::tool_call, "{}"}})));
  // A picture without text, and a question about it.
  EXPECT_FALSE(check(conversation({{Role::user, "What is it?"}, {Role::user, ""}, {Role::assistant, "A cat."}})));
}

TEST(RepeatsQuestion, is_the_same_text_but_for_case_punctuation_and_space) {
  const std::string question = "What is the capital of France?";
  expect_found(ExchangeFault::repeats_question,
               {{question, question},
                {question, "what is the capital of france"},
                {question, "WHAT IS THE CAPITAL OF FRANCE?!"},
                {question, "  What is\nthe capital\tof France ?"},
                {question, "What is the capital of France?<|endoftext|>"},
                {question, "“What, is the capital - of France”"},
                {"\n" + question + "\n", question},
                {"It's what I've always wanted to do", "Its what Ive always wanted to do."},
                {"Ｗｈａｔ is the capital of France", "What is the capital of France"},
                {"Où est la bibliothèque de la ville ?", "où est la bibliothèque de la ville"},
                {"Where is the nearest École in town", "where is the nearest école in town"},
                {"请问中国的首都是哪一座城市？", "请问中国的首都是哪一座城市"},
                {"请问中国的首都是哪一座城市？", "请问，中国的首都，是哪一座城市。"},
                {"日本の首都はどこですか教えて", "日本の首都はどこですか、教えて。"},
                // Though corrections are asked for: nothing was done.
                {"Correct this sentence: He go home.", "Correct this sentence: He go home."},
                {"Translate the text to French: good day", "translate the text to french good day"},
                {"把下面的句子翻译成英文：今天天气很好", "把下面的句子翻译成英文：今天天气很好。"}});
}

TEST(RepeatsQuestion, is_nearly_the_same_text) {
  const std::string words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen";
  expect_found(ExchangeFault::repeats_question,
               {{words + " sixteen seventeen eighteen nineteen twenty", words + " sixteen seventeen eighteen nineteen"},
                {words, "fifteen " + words.substr(0, words.rfind(' '))},
                {words + " sixteen", words + " sixteen!"},
                {"How do tides in one northern sea depend on moon, sun and winds that blow from west to east during a "
                 "long winter?",
                 "How do tides in one northern ocean depend on moon, sun and winds that blow from west to east during "
                 "a long winter"},
                {"请详细解释一下为什么天空在白天看起来是蓝色的而在傍晚却是红色的",
                 "请详细解释一下为什么天空在白天看起来是蓝色的而在傍晚则是红色的"}});
}

TEST(RepeatsQuestion, is_nothing_of_these) {
  const std::string text = "the tides of the northern sea depend on the moon and on the wind from the west in winter";
  expect_spared(
      ExchangeFault::repeats_question,
      {{"Hi", "Hi!"},
       {"Hello", "Hello"},
       {"Good morning!", "Good morning!"},
       {"Nice to meet you", "Nice to meet you!"},
       {"你好", "你好！"},
       {"很高兴认识你", "很高兴认识你！"},
       {"Say no", "no"},
       {"Is the sky blue today?", "The sky is blue today, yes."},
       {"What is the capital of France?", "The capital of France is Paris."},
       {"What is the capital of France?", ""},
       {"What is the capital of France?", "What is the capital of France? It is Paris, of course, on the Seine."},
       {"Correct: " + text, text},
       {"Rewrite in capitals: " + text + " and spring", "Rewrite in capital: " + text + " and spring"},
       {"Edit the text: " + text, "Edit a text: " + text},
       {"Fix the grammar. " + text, "Fix the grammars. " + text},
       {"Proofread: " + text, "Proof: " + text},
       {"Translate: " + text, "Translated: " + text},
       {"Reformat: " + text, "Format: " + text},
       {"Copy this: " + text, "Copying this: " + text},
       {"Repeat after me: " + text, "Repeat with me: " + text},
       {"Rearrange the words: " + text, "The words: " + text},
       {"Punctuate: " + text, "Punctuated: " + text},
       {"Unscramble: " + text, "Unscrambled: " + text},
       {"改写：请详细解释一下为什么天空在白天看起来是蓝色的", "改：请详细解释一下为什么天空在白天看起来是蓝色的"},
       {"修改病句：请详细解释一下为什么天空在白天看起来是蓝色的", "病句：请详细解释一下为什么天空在白天看起来是蓝色的"},
       {text, "the tides of the southern sea follow the sun and a wind from the east in summers"},
       {"请问中国的首都是哪一座城市？", "中国的首都是北京。"},
       {"1 2 3", "1 2 3"},
       {"", ""},
       {"...", "..."}});
}

TEST(RepeatsQuestion, depends_on_the_wanted_similarity) {
  const auto record = one_exchange("a b c d e f g h i j", "a b c d e f g h i z");  // 9 of 11
  ExchangeRules rules;
  EXPECT_FALSE(check_exchange(record, rules));
  rules.min_repeat_similarity = 0.8;
  EXPECT_TRUE(check_exchange(record, rules));
  rules.min_repeat_similarity = 0.82;
  EXPECT_FALSE(check_exchange(record, rules));
}

TEST(Placeholder, is_the_main_part_of_a_short_answer) {
  expect_found(ExchangeFault::placeholder, {{"Who are you?", "I am {{name}}, an AI assistant developed by {{author}}."},
                                            {"Who are you?", "{{ bot_name }}"},
                                            {"Who are you?", "My name is ${name}."},
                                            {"你是谁？", "您好，我是 {{name}}。"},
                                            {"What is the capital of Peru?", "[insert answer here]"},
                                            {"What is the capital of Peru?", "[Insert the name of the capital here]."},
                                            {"What is the capital of Peru?", "<insert capital>"},
                                            {"What is the capital of Peru?", "(insert text)"},
                                            {"What is the capital of Peru?", "It is [insert capital here]."},
                                            {"What is the capital of Peru?", "[Answer]"},
                                            {"What is the capital of Peru?", "[Your answer here]"},
                                            {"What is your name?", "My name is [Your Name]."},
                                            {"What is your name?", "<your name>"},
                                            {"Explain tides.", "Lorem ipsum dolor sit amet"},
                                            {"Explain tides.", "lorem ipsum"},
                                            {"Explain tides.", "TODO"},
                                            {"Explain tides.", "TODO: answer"},
                                            {"Explain tides.", "TBD"},
                                            {"Explain tides.", "To be determined."},
                                            {"Explain tides.", "to be added"},
                                            {"Explain tides.", "xxx"},
                                            {"Explain tides.", "xxxxxxxx"},
                                            {"Explain tides.", "XXXX"},
                                            {"Explain tides.", "Your answer here"},
                                            {"Explain tides.", "Insert your answer here"},
                                            {"Explain tides.", "placeholder text"},
                                            {"解释潮汐", "待补充"},
                                            {"解释潮汐", "（待补充）"},
                                            {"解释潮汐", "此处填写答案"},
                                            {"解释潮汐", "【请在此处填写答案】"},
                                            {"解释潮汐", "[插入内容]"},
                                            {"解释潮汐", "×××"},
                                            {"Write a letter.", "[Insert letter here]"}});
}

TEST(Placeholder, may_stand_where_blanks_are_wanted_or_words_are_words) {
  expect_spared(
      ExchangeFault::placeholder,
      {{"Write a letter.", "Dear [Name],\nYours,\n[Your Name]"},
       {"Write an email template.", "Hello {{name}}"},
       {"Write an email to my boss.", "Dear [Boss's Name], I quit. [Your Name]"},
       {"Draft an invitation.", "[Your Name] invites you."},
       {"What does {{x}} mean?", "{{x}} is a variable."},
       {"Use {{name}} in a sentence.", "Hello, {{name}}!"},
       {"How do I print it in Jinja?", "{{ value }}"},
       {"How do I print it?", "Use `{{ value }}`."},
       {"写一封信", "此致敬礼，[你的名字]"},
       {"写一个模板", "姓名：[你的名字]"},
       {"What is thirty in Roman numerals?", "XXX"},
       {"Spell it", "todo"},
       {"What is the text of printers?",
        "It is called lorem ipsum, and was made from a text of Cicero about ends of goods."},
       {"Which country?", "[Peru]"},
       {"Name three.", "[1, 2, 3]"},
       {"What is it?", "A crane over a building under construction"},
       {"Where is it?", "Here."},
       {"Where are you?", "I am here (with your brother)."},
       {"Who wrote it?", "(Anonymous)"},
       {"Give an HTML tag.", "<title>"},
       {"Evaluate.", "<div>"},
       {"Kiss?", "x"},
       {"When?", "The date is to be announced by the committee after its next meeting in the spring of this year."},
       {"Where do I write my name?", "You write it on the first line, above the date, before you hand in the paper."},
       {"Set notation?", "{x | x > 0}"},
       {"Price?", "$5"},
       {"Shell?", "$HOME"},
       {"结果如何", "结果有待确认，我们需要更多时间来收集数据。"},
       {"怎么做", "请把表交给老师，然后回到座位上等待通知。"},
       {"Long?", "Use [insert name here] as the name. " + std::string(500, 'a')},
       {"", ""}});
}

TEST(Exchange, finds_the_first_fault_in_the_order_of_the_rules) {
  using enum ExchangeFault;
  const auto record = one_exchange("", "...");
  EXPECT_EQ(check_exchange(record)->fault, empty_prompt);
  ExchangeRules rules;
  rules.empty_prompt = false;
  EXPECT_EQ(check_exchange(record, rules)->fault, empty_answer);
  rules.empty_answer = false;
  EXPECT_FALSE(check_exchange(record, rules));
}

TEST(Exchange, keeps_details_short_and_on_one_line) {
  std::string question = "why";
  for (int i = 0; i < 100; ++i) question += "\n\t为什么 because";
  const auto verdict = check_exchange(one_exchange(question, question));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->fault, ExchangeFault::repeats_question);
  EXPECT_TRUE(verdict->detail.starts_with("why 为什么 because 为什么")) << verdict->detail;
  EXPECT_LE(verdict->detail.size(), 160U);
  EXPECT_TRUE(corpus::is_valid_utf8(verdict->detail));
}

TEST(Exchange, has_a_name_for_each_fault) {
  using enum ExchangeFault;
  EXPECT_EQ(exchange_fault_name(empty_prompt), "empty_prompt");
  EXPECT_EQ(exchange_fault_name(empty_answer), "empty_answer");
  EXPECT_EQ(exchange_fault_name(refusal), "refusal");
  EXPECT_EQ(exchange_fault_name(repeats_question), "repeats_question");
  EXPECT_EQ(exchange_fault_name(truncated), "truncated");
  EXPECT_EQ(exchange_fault_name(placeholder), "placeholder");
  EXPECT_EQ(exchange_fault_name(role_order), "role_order");
}

}  // namespace
}  // namespace farpoint::clean
