// SPDX-License-Identifier: Apache-2.0
#include "farpoint/clean/advertisement.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace farpoint::clean {
namespace {

TEST(AdvertisementLines, know_web_pages) {
  for (const std::string_view line : {"Click here to learn more",
                                      "CLICK HERE TO WIN",
                                      "Subscribe to our newsletter",
                                      "Sign up for our free weekly newsletter!",
                                      "Buy now!",
                                      "Limited time offer",
                                      "Limited-time deal: 20% off everything",
                                      "© 2021 Example Inc.",
                                      "Copyright (c) 2019",
                                      "All rights reserved.",
                                      "Follow us on Facebook",
                                      "Share this: Twitter",
                                      "Skip to content",
                                      "Back to top",
                                      "» Read more »",
                                      "Continue reading →",
                                      "Leave a Reply",
                                      "Your email address will not be published.",
                                      "Related Posts",
                                      "Posted in: News",
                                      "This website uses cookies",
                                      "Powered by WordPress",
                                      "Advertisement",
                                      "Add to cart",
                                      "You must be logged in to post a comment.",
                                      "Contact us today",
                                      "Free shipping on all orders",
                                      "Next post: x",
                                      "加微信：abc12345",
                                      "加我微信领取资料",
                                      "点击领取",
                                      "扫码关注",
                                      "长按二维码关注",
                                      "版权所有 2020",
                                      "免费咨询热线",
                                      "限时优惠",
                                      "关注我们的公众号",
                                      "立即购买！",
                                      "咨询电话：010-62345678",
                                      "当前位置：首页 > 新闻",
                                      "上一篇：无",
                                      "粤ICP备12345678号",
                                      "未经授权，禁止转载",
                                      "转载请注明出处",
                                      "首页 | 关于我们 | 联系我们",
                                      "名额有限，先到先得",
                                      "微信号: abc_12345"}) {
    EXPECT_EQ(advertisement_lines(line).matching, 1U) << line;
  }
}

TEST(AdvertisementLines, leave_instructions_and_articles_alone) {
  for (const std::string_view line : {"Write an advertisement for a new phone.",
                                      "How do I buy a house?",
                                      "The offer was limited by time.",
                                      "I went home.",
                                      "Explain what a newsletter is.",
                                      "The rights of all people",
                                      "He reserved a table.",
                                      "Read more books to learn.",
                                      "You can share files with others.",
                                      "Click the button that says Save.",
                                      "The next article describes the method.",
                                      "Cookies are baked at 180 degrees.",
                                      "She left a comment on the draft.",
                                      "She said: act now, or never.",
                                      "The population rose by 20% off a low base.",
                                      "微信是一款社交软件。",
                                      "请写一篇关于版权的文章。",
                                      "他点击了按钮。",
                                      "我关注环境问题。",
                                      "这本书的上一章讲了历史。",
                                      "免费教育是一项权利。",
                                      "首页的设计很重要。",
                                      "他在微信上告诉我。",
                                      "如何购买火车票？",
                                      "请注明你的理由。",
                                      "电话是谁发明的？",
                                      "",
                                      "   ",
                                      "12345",
                                      "\xff\xfe"}) {
    EXPECT_EQ(advertisement_lines(line).matching, 0U) << line;
  }
}

TEST(AdvertisementLines, count_lines_that_are_not_blank) {
  const auto counts = advertisement_lines("First line\n\n  \r\nAll rights reserved. Buy now!\r\n扫码关注\nlast");
  EXPECT_EQ(counts.lines, 4U);
  EXPECT_EQ(counts.matching, 2U);
  EXPECT_EQ(advertisement_lines("").lines, 0U);
  EXPECT_EQ(advertisement_lines("\n\n").lines, 0U);
}

TEST(AdvertisementLines, never_span_lines) {
  EXPECT_EQ(advertisement_lines("click\nhere to").matching, 0U);
  EXPECT_EQ(advertisement_lines("all rights\nreserved").matching, 0U);
}

TEST(AdvertisementLines, are_found_in_linear_time) {
  constexpr std::size_t size = 500'000;
  for (const std::string_view unit :
       {"a", "click here ", "free shipping ", "home | ", "版权归", "\n", "a\n", "20% off ", "来源："}) {
    std::string text;
    while (text.size() < size) text += unit;
    EXPECT_LE(advertisement_lines(text).matching, advertisement_lines(text).lines) << unit;
  }
}

}  // namespace
}  // namespace farpoint::clean
