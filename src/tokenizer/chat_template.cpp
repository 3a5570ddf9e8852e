// SPDX-License-Identifier: Apache-2.0
#include "farpoint/tokenizer/chat_template.hpp"

#include <fmt/format.h>

#include "farpoint/base/error.hpp"
#include "foreign.hpp"

namespace farpoint::tokenizer {

namespace {

struct Close {
  void operator()(FarpointTemplate* opened) const { farpoint_template_free(opened); }
};

/// Errors of templates say themselves where they are.
void check(FarpointString error) {
  if (const auto message = take(error)) throw Error(*message);
}

}  // namespace

struct ChatTemplate::Implementation {
  std::unique_ptr<FarpointTemplate, Close> handle;
};

ChatTemplate::ChatTemplate(const std::filesystem::path& folder) : implementation_(std::make_unique<Implementation>()) {
  FarpointTemplate* opened = nullptr;
  check(farpoint_template_open(to_abi(folder.native()), &opened));
  if (opened == nullptr) {
    throw UsageError(fmt::format(
        "{} has no chat template: neither chat_template.jinja nor chat_template in tokenizer_config.json. Models that "
        "were "
        "not trained on conversations have none; put the one that you train with there as chat_template.jinja",
        folder.string()));
  }
  implementation_->handle.reset(opened);
}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

std::string ChatTemplate::render(std::string_view messages, bool add_generation_prompt) const {
  FarpointString text{};
  check(farpoint_template_render(implementation_->handle.get(), to_abi(messages), add_generation_prompt, &text));
  return take(text).value_or("");
}

std::string ChatTemplate::origin() const {
  FarpointString text{};
  check(farpoint_template_origin(implementation_->handle.get(), &text));
  return take(text).value_or("");
}

bool ChatTemplate::uses_time() const {
  return farpoint_template_uses_time(implementation_->handle.get());
}

}  // namespace farpoint::tokenizer
