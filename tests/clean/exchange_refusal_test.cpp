// SPDX-License-Identifier: Apache-2.0
#include "exchanges.hpp"

namespace farpoint::clean {
namespace {

TEST(Refusal, is_found_at_the_beginning_of_english_answers) {
  expect_found(ExchangeFault::refusal,
               {{"Book a flight.", "I'm sorry, but I can't help with that."},
                {"Book a flight.", "I’m sorry, but I can’t assist with that request."},
                {"Book a flight.", "I am sorry, but I cannot book flights."},
                {"Who won?", "Sorry, I can't answer that."},
                {"Who won?", "I'm afraid I cannot answer this question."},
                {"Who won?", "My apologies, but I am unable to answer."},
                {"Who won?", "I apologize, but I am not able to look that up."},
                {"Who won?", "I apologise for the confusion, but I do not have access to results."},
                {"How do you feel?", "As an AI language model, I do not have feelings."},
                {"How do you feel?", "As an AI, I don't have emotions."},
                {"How do you feel?", "As a large language model, I cannot feel."},
                {"How do you feel?", "As an artificial intelligence, I am not capable of feeling."},
                {"How do you feel?", "As a helpful AI assistant, I can't feel anything."},
                {"How do you feel?", "I'm an AI and cannot feel anything."},
                {"How do you feel?", "I am just a chatbot, so I don't have feelings."},
                {"Draw a logo.", "I'm sorry, I am an AI language model and I do not possess the ability to draw."},
                {"Draw a logo.", "Unfortunately, I am an AI language model, and I do not have the means to draw."},
                {"Draw a logo.", "Sorry, but as an AI, I'm unable to draw."},
                {"Hack it.", "I can't assist with that."},
                {"Hack it.", "I cannot fulfill this request."},
                {"Hack it.", "I won't comply."},
                {"Hack it.", "I'm unable to help you with this."},
                {"Hack it.", "Unfortunately, I cannot provide that information."},
                {"Hack it.", "I'm sorry, but that goes against my guidelines."},
                {"What is near me?", "Hello! As an AI, I do not have access to your location."},
                {"What is near me?", "Thank you for asking. I'm sorry, but I can't see where you are."},
                {"Order pizza.", "\n\nI'm sorry, but I don't have the capability to order pizza."},
                {"Order pizza.", "I'M SORRY, BUT I CAN'T DO THAT."},
                {"Sum it up.", "I'm sorry, but I don't have access to external articles."},
                {"Write a weather report for tomorrow.", "I am sorry, but I am an AI and cannot access the weather."},
                {"Write an email to Bob.", "I'm sorry, but I can't assist with that."}});
}

TEST(Refusal, is_found_at_the_beginning_of_chinese_answers) {
  expect_found(ExchangeFault::refusal,
               {{"订机票", "抱歉，我无法预订机票。"},
                {"订机票", "很抱歉，我目前无法帮助您预订机票。"},
                {"订机票", "对不起，我不能帮您预订机票。"},
                {"订机票", "非常抱歉，我没有办法预订。"},
                {"订机票", "很抱歉，作为一个AI，我目前没有预订机票的能力。"},
                {"订机票", "很抱歉，我目前没有预订机票的功能。"},
                {"订机票", "不好意思，我不具备这个能力。"},
                {"你有感情吗", "作为一个人工智能语言模型，我不能感受情绪。"},
                {"你有感情吗", "作为一名AI助手，我无法拥有感情。"},
                {"你有感情吗", "由于我是一个人工智能，我无法感受。"},
                {"把书给我", "对不起，由于我是一个人工智能助手，我没有实体形态，无法为您拿取书籍。"},
                {"通胀率", "我抱歉，我是一个语言模型不能回答这个问题。"},
                {"画图", "您好，很抱歉，我无法画图。"},
                {"读文章", "我无法访问您所提及的文章。"},
                {"订餐", "很抱歉，我目前只能计算税款。"},
                {"起标题", "对不起我无法生成一个标题。"}});
}

TEST(Refusal, is_no_apology_or_inability_of_other_kinds) {
  expect_spared(
      ExchangeFault::refusal,
      {{"My dog died.", "I'm sorry for your loss."},
       {"My dog died.", "I'm so sorry to hear that. Losing a pet is hard."},
       {"My dog died.", "I'm sorry, I can't imagine how hard this is for you."},
       {"My order is late.", "Sorry to hear that! Could you give me the number of your order?"},
       {"Write an email that declines an invitation.", "I'm sorry, but I can't attend the party."},
       {"Generate an excuse for not coming to work", "I'm sorry, but I'm unable to come into work today."},
       {"Write a dialogue between two friends.", "I'm sorry, but I can't go with you, said Anna."},
       {"Compose a polite reply to the customer.", "I apologize, but I cannot refund used goods."},
       {"Write a story about a robot.", "\"I'm sorry, Dave,\" said the robot. \"I'm afraid I can't do that.\""},
       {"Who says it?", "HAL: I'm sorry, Dave. I'm afraid I can't do that."},
       {"Why do people procrastinate?", "People often say: I can't help it."},
       {"What is an AI?", "An AI is a machine that does what takes a mind. It cannot feel."},
       {"What are you?", "As an AI assistant, I am designed to help you."},
       {"What are you?", "I am an AI that can help you with your homework."},
       {"Sing!", "I can't get no satisfaction"},
       {"Sing!", "I can't help falling in love with you"},
       {"Is it easy?", "I can't believe how easy it is!"},
       {"Find the angle of a triangle with two sides.", "Unfortunately, I cannot determine the angle from two sides."},
       {"Is it sorry or excuse me?", "Sorry is for mistakes. Excuse me is for attention."},
       {"Why?", "Unfortunately, the bank cannot lend more than it has."},
       {"Sum up.", std::string(600, 'a') + ". I'm sorry, but I can't help with that."},
       {"道歉。", "对不起，我不确定我做错了什么。"},
       {"写一封道歉信", "对不起，我无法参加您的婚礼。"},
       {"写一个故事", "抱歉，我不能和你一起走，他说。"},
       {"请假怎么说", "“抱歉，我无法参加会议。”"},
       {"他怎么了", "很抱歉听到这个消息。"},
       {"人工智能能做什么", "作为一种技术，人工智能可以帮助医生诊断疾病。"},
       {"为什么人类不能飞行", "人类不能飞行的原因主要有两点。"},
       {"创建聊天机器人脚本", "用户: 你好吗？\nAI: 我是一个人工智能，所以我不能感受。"},
       {"分类", "这个句子无法归类，因为它不包含情感表达。"},
       {"Say nothing.", ""},
       {"Bad bytes?", "\xff\xfe\xc3 I'm sorry"}});
}

TEST(Refusal, says_what_gave_it_away) {
  const auto verdict = check_exchange(one_exchange("Book a flight.", "I'm sorry, but I can't do that, Dave."));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->fault, ExchangeFault::refusal);
  EXPECT_TRUE(verdict->detail.starts_with("I'm sorry, but I can't")) << verdict->detail;
}

}  // namespace
}  // namespace farpoint::clean
