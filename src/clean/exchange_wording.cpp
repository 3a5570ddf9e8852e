// SPDX-License-Identifier: Apache-2.0
#include "exchange_wording.hpp"

#include <algorithm>

namespace farpoint::clean {

namespace {

using corpus::Role;
using corpus::Turn;

/// Kinds of text in which a writer speaks.
constexpr const char* voices =
    R"((?:e-?mails?|letters?|messages?|repl(?:y|ies)|respon(?:d|ses?)|notes?|text(?:s| messages?)|tweets?|posts?|)"
    R"(stor(?:y|ies)|poems?|songs?|lyrics|scripts?|plays?|scenes?|dialogues?|dialogs?|conversations?|monologues?|)"
    R"(speech(?:es)?|excuses?|apolog(?:y|ies)|reviews?|diary|journal|scenarios?|role.?play(?:ing)?|characters?|)"
    R"(sentences?|quotes?|example))";

const re2::RE2& voice_request() {
  static const auto expression = compiled(
      std::string(R"(\b(?:write|compose|draft|create|craft|generate|make|give|come up with|provide|produce|prepare|)") +
      R"(design|continue|finish|complete|rewrite|rephrase|paraphrase|translate|respond|reply|formulate|construct|)" +
      R"(imagine|invent|edit|suggest|pretend)\b[^.!?\n]{0,100}\b)" + voices + R"(\b|)" +
      R"(\b(?:respond|reply|say (?:no|sorry)|apologi[sz]e|decline|turn down|refuse|role.?play|pretend)\b|)" +
      R"(道歉|致歉|拒绝|婉拒|回复|回信|邮件|短信|留言|封信|写信|信函|(?:求职|推荐|感谢|辞职|请假|投诉)信|借口|)" +
      R"(故事|小说|剧本|台词|对话|独白|诗|歌词|演讲|日记|扮演|造句|翻译|改写|例句)");
  return *expression;
}

const re2::RE2& blanks_request() {
  static const auto expression = compiled(
      std::string(R"(templates?\b|\bforms?\b|\be-?mails?\b|\bletters?\b|\bmessages?\b|\bresum[eé]s?\b|\bcv\b|)") +
      R"(\binvitations?\b|\bgreetings?\b|\bcards?\b|\bnotes?\b|\bcontracts?\b|\bagreements?\b|\binvoices?\b|)" +
      R"(\bscripts?\b|\bplace.?holders?\b|\bvariables?\b|\bfill.?in|\bblanks?\b|\bmad ?libs?\b|\bformat\b|\bcode\b|)" +
      R"(\bto.?do\b|\bhtml\b|\bjinja2?\b|\bhandlebars\b|\bmustache\b|\bvue\b|\bangular\b|\bdummy\b|\bfiller\b|)" +
      R"(\bsample\b|\bgeneric\b|\bslogans?\b|\bcaptions?\b|\bspeech\b|\bbio\b|\bsubject line|\bmask|\bredact|)" +
      R"(\banonymi[sz]e|lorem|模板|表格|邮件|信|简历|邀请|贺卡|合同|协议|发票|占位|变量|填空|填写|代码|格式|通知|声明|待办)");
  return *expression;
}

const re2::RE2& repetition_request() {
  static const auto expression = compiled(
      std::string(
          R"(\b(?:re-?(?:write|phrase|word|format|arrange|order|organi[sz]e|structure|place|state|vise|move|)") +
      R"(peat|factor)|paraphras|correct|edit|fix|proof-?read|translat|format|copy|copies|echo|punctuat|capitali[sz]|)" +
      R"(lower ?case|upper ?case|spell|gramma|improv|convert|transform|sort|unscrambl|scrambl|delet|add|insert|chang|)" +
      R"(modif|clean|normali[sz]|complet|simplif|shorten|fill|restor|extract|quot|transcrib|summari[sz]|polish|adjust|)" +
      R"(updat|debug|optimi[sz]|check|make|turn|put|say|type|recite|error|mistake|synonym|typo|question|tense|)" +
      R"((?:active|passive) voice)|重写|改写|改正|修改|修正|纠正|更正|编辑|校对|翻译|格式|复制|复述|重复|重述|标点|大写|)" +
      R"(小写|语法|润色|替换|删除|添加|插入|填|排序|重新|排列|转换|补全|调整|摘录|提取|优化|改为|改成|变成|转成|转为|)" +
      R"(照抄|朗读|背诵|错别字|问句|疑问句)");
  return *expression;
}

template <typename Roles>
bool any_turn_asks(std::span<const Turn> turns, const re2::RE2& request, Roles&& has_role) {
  return std::any_of(turns.begin(), turns.end(), [&](const Turn& turn) {
    return has_role(turn.role) && re2::RE2::PartialMatch(turn.text, request);
  });
}

}  // namespace

bool asks_for_voice(std::span<const Turn> turns) {
  return any_turn_asks(turns, voice_request(), [](Role role) { return role == Role::user; });
}

bool asks_for_blanks(std::span<const Turn> turns) {
  return any_turn_asks(turns, blanks_request(), [](Role role) { return role == Role::user || role == Role::system; });
}

bool asks_for_repetition(std::span<const Turn> turns) {
  return any_turn_asks(turns, repetition_request(),
                       [](Role role) { return role == Role::user || role == Role::system; });
}

}  // namespace farpoint::clean
