// SPDX-License-Identifier: Apache-2.0
#include "texts.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "farpoint/clean/c4_lines.hpp"
#include "farpoint/clean/html.hpp"
#include "farpoint/clean/unicode.hpp"
#include "farpoint/clean/white_space.hpp"

namespace farpoint::jobs {

namespace {

/// Texts in turn: what one rule writes the next one reads.
class Chain {
 public:
  explicit Chain(std::string_view text) : text_(text) {}

  template <typename Rule>
  void apply(bool is_on, Change change, ChangesMade& made, Rule&& rule) {
    if (!is_on) return;
    spare_.clear();
    if (!rule(text_, spare_)) return;
    made.by[static_cast<std::size_t>(change)] = true;
    changed_ = true;
    std::swap(spare_, current_);
    text_ = current_;
  }
  bool changed() const { return changed_; }
  std::string&& take() { return std::move(current_); }

 private:
  std::string_view text_;
  std::string current_;
  std::string spare_;
  bool changed_ = false;
};

bool is_json(std::string_view text) {
  return nlohmann::json::accept(text);
}

}  // namespace

TextChanges::TextChanges(const CleanOptions& options)
    : html_(options.html),
      unicode_(options.unicode),
      white_space_(options.white_space),
      drop_lines_(options.c4.drop_lines) {
  if (options.pii == Pii::mask) mask_.emplace(options.pii_kinds);
}

std::optional<std::string> TextChanges::apply(corpus::RecordTexts& texts, std::string_view json,
                                              const corpus::FieldMap& fields, ChangesMade& made) const {
  return texts.rewrite(json, fields,
                       [&](const corpus::TextPart& part, std::string& out) { return change(part, out, made); });
}

bool TextChanges::change(const corpus::TextPart& part, std::string& out, ChangesMade& made) const {
  using corpus::Role;
  const bool is_prose = part.role != Role::tool_call && part.role != Role::tool;
  Chain chain(part.text);
  chain.apply(is_prose && html_ == Html::strip, Change::html, made, clean::strip_html);
  chain.apply(is_prose && unicode_ != UnicodeForm::off, Change::unicode, made,
              [&](std::string_view text, std::string& result) {
                const auto form = unicode_ == UnicodeForm::nfkc ? clean::NormalForm::nfkc : clean::NormalForm::nfc;
                return clean::normalize_unicode(text, form, result);
              });
  chain.apply(is_prose && drop_lines_, Change::lines, made, clean::drop_noise_lines);
  chain.apply(is_prose && white_space_ == WhiteSpace::tidy, Change::white_space, made, clean::tidy_white_space);
  chain.apply(mask_.has_value(), Change::pii, made, [&](std::string_view text, std::string& result) {
    auto masked = made.masked;
    if (!mask_->apply(text, result, masked)) return false;
    // A number in the arguments of a call would no longer be one.
    if (!is_prose && is_json(text) && !is_json(result)) return false;
    made.masked = masked;
    return true;
  });
  if (!chain.changed()) return false;
  out = chain.take();
  return true;
}

std::string masked_counts(const clean::PersonalDataCounts& masked) {
  constexpr std::array<std::string_view, 6> placeholders{"<EMAIL>", "<PHONE>", "<IP>", "<ID>", "<CARD>", "<IBAN>"};
  std::string text;
  for (std::size_t kind = 0; kind < masked.size(); ++kind) {
    if (masked[kind] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", masked[kind], placeholders[kind]);
  }
  return text;
}

}  // namespace farpoint::jobs
