// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>
#include <re2/set.h>

#include <cassert>
#include <string>
#include <vector>

#include "exchange_checks.hpp"
#include "exchange_wording.hpp"

namespace farpoint::clean {

namespace {

constexpr std::size_t opening_length = 200;

/// How surely a pattern is a refusal.
enum class Certainty {
  certain,  ///< speaks of the model or of what it may do
  polite    ///< so may also speak the writer of a letter or a figure in a story
};

struct Pattern {
  Certainty certainty;
  std::string text;
};

std::vector<Pattern> english_patterns() {
  const std::string gap = "[^.!?\\n\"“:]";
  // Nothing, or a greeting, or one short sentence: "Hello! I'm sorry, but".
  const std::string lead =
      "(?:(?:hi|hello|hey|oh|oh no|well|hmm|ok|okay|no|unfortunately|however|but|sorry)\\b[ ,.!-]*)?";
  const std::string am = "(?: am|['’]m)(?: an ai[^.!?\\n]{0,30}?)?(?: just| only| also| still| currently| really| so)*";
  const std::string unable = "i(?: can ?not| can['’]?t| could ?not| couldn['’]?t| will not| won['’]t|" + am +
                             " (?:unable|not able|not capable|not allowed|not permitted|not programmed|not designed|"
                             "not equipped|not comfortable|not in a position)|"
                             " (?:currently |really |actually )?do(?: not|n['’]t) (?:currently |really |actually |"
                             "physically )?(?:have|possess|know|understand|hold|experience|feel|own))\\b";
  const std::string sorry =
      "(?:i(?:(?: am|['’]m)(?: (?:so|very|truly|really|terribly|deeply))? (?:sorry|afraid)| (?:do )?apologi[sz]e|"
      " regret to (?:say|inform you))|(?:my |please accept my )?(?:sincere )?apologies|sorry)"
      "(?: for (?:the|any) (?:confusion|inconvenience|misunderstanding))?";
  const std::string joint =
      "[ ,.;:–—-]*(?:(?:but|that|however|unfortunately|and|at this time|at the moment|currently)"
      "[ ,]+)*(?:(?:as|being|since i am|since i['’]m|because i am|because i['’]m) an?\\b" +
      gap + "{0,60}?,? )?(?:and )?";
  const std::string model =
      "(?:(?:text|computer|cloud|machine|software|chat|helpful|digital|virtual|language|large|"
      "based|trained|learning|-| )*)(?:a\\.?i\\.?|artificial|language model|llm|chat ?bot|"
      "virtual assistant|digital assistant|machine|computer program|robot|bot)\\b";
  // What only somebody who serves others says.
  const std::string service =
      "(?:assist|fulfil|comply|perform|browse|access|retrieve|generate|display|execute|process "
      "this request|(?:help|support)(?: you)? with (?:that|this)|do that|answer (?:that|this)|"
      "provide (?:that|this|any|you|a |an |the |real|actual|specific|personal|medical|legal|"
      "financial)|create|open|view|see the|search|engage in|discuss|support|condone|promote)";
  return {
      {Certainty::certain, lead + "(?:as|being|since i am|since i['’]m) an? " + model + gap + "{0,100}?\\b" + unable},
      {Certainty::certain, lead + "(?:(?:i am|i['’]m) sorry[ ,]+(?:but )?)?i(?: am|['’]m) (?:just |only )?an? " +
                               model + gap + "{0,80}?\\b(?:" + unable +
                               "|unable to|not able to|not capable|cannot|can['’]?t|do not have|don['’]t have)\\b"},
      {Certainty::certain, lead + "(?:" + sorry + ")?" + joint + unable + "(?: to)? (?:[a-z]+ly )?" + service},
      {Certainty::certain, lead + "i(?: can ?not| can['’]?t| will not| won['’]t|" + am +
                               " (?:unable|not able)(?: to)?)(?: to)? (?:help(?: you)? with (?:that|this)|assist|"
                               "fulfil|comply|provide (?:that|this|any|you)|answer (?:that|this))"},
      {Certainty::certain, lead +
                               "(?:sorry|i(?: am|['’]m) sorry)[ ,]+(?:but )?(?:that|this) (?:request |question )?"
                               "(?:is|goes|violates|falls)\\b" +
                               gap + "{0,30}(?:against|outside|beyond|violat|my )"},
      {Certainty::polite, lead + sorry + joint + unable},
      {Certainty::polite, lead + "i(?: am|['’]m) (?:currently )?(?:unable|not able) to\\b"},
  };
}

std::vector<Pattern> chinese_patterns() {
  const std::string unable =
      "(?:无法|不能|没有办法|没办法|没有能力|没有权限|不具备|不可以|没有[^，。！？\\n]{0,12}(?:功能|能力|权限)|只能)";
  const std::string sorry =
      "(?:您好|你好)?[，,！!。 ]*(?:很|非常|十分|真的|实在|我很|我非常|我)?(?:抱歉|对不起|不好意思|遗憾)[，,。！! ]*";
  const std::string model =
      "(?:作为|由于我是|因为我是|我是|我只是|我作为)(?:一个|一名|一款|一种|个|名)?[^，,。！？\\n：“\"]{0,12}"
      "(?:人工智能|AI|语言模型|机器人|程序|虚拟助手|智能助手|大模型)[^，,。！？\\n：]{0,10}[，, ]*";
  const std::string joint = "(?:但是|但|不过|可是|目前)?[，, ]*";
  const std::string self = "(?:所以|因此)?(?:我|本人|我们|本模型)[^，,。！？\\n：“\"]{0,8}";
  return {
      {Certainty::certain, "(?:(?:您好|你好|抱歉|对不起|很抱歉|我很抱歉|非常抱歉|我抱歉|不好意思)[，,！!。 ]*)?" +
                               joint + model + "(?:" + self + "|[^。！？\\n：]{0,20}，)?" + unable},
      {Certainty::certain,
       sorry + joint + self + unable + "[^，。！？\\n]{0,6}(?:帮助|帮您|帮你|提供|回答|执行|满足|协助|访问)"},
      {Certainty::polite, sorry + joint + self + unable},
      {Certainty::certain, "我(?:目前|暂时)?(?:无法|不能)(?:帮助|帮您|帮你|提供|回答|执行|满足|协助|访问)"},
  };
}

/// All patterns at once, at the beginning of a text, where most texts are told apart by a few bytes; and each alone to
/// see where it ends.
class Refusals {
 public:
  Refusals() : set_(options(), re2::RE2::ANCHOR_START) {
    for (const auto& patterns : {english_patterns(), chinese_patterns()}) {
      for (const Pattern& pattern : patterns) add(pattern);
    }
    [[maybe_unused]] const bool compiled = set_.Compile();
    assert(compiled);
  }

  /// Indices of the patterns that `opening` begins with.
  std::vector<int> find(std::string_view opening) const {
    std::vector<int> found;
    set_.Match(re2::StringPiece(opening.data(), opening.size()), &found);
    return found;
  }
  Certainty certainty(int pattern) const { return certainties_[static_cast<std::size_t>(pattern)]; }

  /// What the pattern matched, and the word behind it.
  std::pair<std::string_view, std::string_view> match(int pattern, std::string_view opening) const {
    const re2::StringPiece text(opening.data(), opening.size());
    re2::StringPiece place;
    expressions_[static_cast<std::size_t>(pattern)]->Match(text, 0, text.size(), re2::RE2::ANCHOR_START, &place, 1);
    const auto end = static_cast<std::size_t>(place.data() + place.size() - opening.data());
    return {opening.substr(0, end), opening.substr(end)};
  }

 private:
  static re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_case_sensitive(false);
    options.set_log_errors(false);
    options.set_max_mem(std::int64_t{64} << 20);
    return options;
  }

  void add(const Pattern& pattern) {
    [[maybe_unused]] const int index = set_.Add(pattern.text, nullptr);
    assert(index == static_cast<int>(expressions_.size()));
    expressions_.push_back(compiled(pattern.text));
    certainties_.push_back(pattern.certainty);
  }

  re2::RE2::Set set_;
  std::vector<std::unique_ptr<const re2::RE2>> expressions_;
  std::vector<Certainty> certainties_;
};

/// "I'm sorry, I can't imagine how you feel" declines nothing.
bool is_sympathy(std::string_view rest) {
  static const auto sympathy = compiled(
      "^(?: to)? (?:imagine|believe|wait|stand|come|attend|join|stop|stay|marry|make it|be (?:there|with)|go\\b|love|"
      "forgive|thank|say how|tell you how|express|emphasi[sz]e|overstate|agree more|help but)");
  return re2::RE2::PartialMatch(re2::StringPiece(rest.data(), rest.size()), *sympathy);
}

/// What follows the first sentence, if that is short: "Thank you for asking! As an AI, I cannot". Not behind a colon or
/// a quotation mark, where somebody else may be speaking.
std::string_view behind_first_sentence(std::string_view opening) {
  constexpr std::size_t longest = 80;
  const auto end = opening.substr(0, longest).find_first_of(".!?:\n\"");
  if (end == std::string_view::npos || std::string_view(":\n\"").find(opening[end]) != std::string_view::npos)
    return {};
  return trimmed(opening.substr(end + 1));
}

Finding refusal_at(std::string_view opening, const Exchange& exchange) {
  static const Refusals refusals;
  if (opening.empty()) return std::nullopt;
  std::optional<bool> in_other_voice;
  for (const int pattern : refusals.find(opening)) {
    const auto [matched, rest] = refusals.match(pattern, opening);
    if (is_sympathy(rest)) continue;
    if (refusals.certainty(pattern) == Certainty::polite) {
      if (!in_other_voice) in_other_voice = asks_for_voice(exchange.before);
      if (*in_other_voice) continue;
    }
    return last_excerpt(matched);
  }
  return std::nullopt;
}

}  // namespace

Finding find_refusal(const Exchange& exchange) {
  const std::string_view opening = first_characters(exchange.answer, opening_length);
  if (Finding finding = refusal_at(opening, exchange)) return finding;
  return refusal_at(behind_first_sentence(opening), exchange);
}

}  // namespace farpoint::clean
