// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace farpoint::tokenizer {

/// A model's chat template, which writes a conversation as the one text that the model is trained on. Renders as
/// transformers does; the Jinja engine is another, so a template may use something that only Python has: then the
/// template's line is named in the error. Safe on several threads.
class ChatTemplate {
 public:
  /// From a model's folder: chat_template.jinja, or else `chat_template` of tokenizer_config.json, of several ones that
  /// of the name "default". Throws UsageError if there is neither, Error if it is no template that can be read.
  explicit ChatTemplate(const std::filesystem::path& folder);
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;

  /// `messages` is the JSON text of a list of messages, [{"role": ..., "content": ...}, ...]. The template sees them as
  /// `messages`, the folder's special tokens as `bos_token` and so on, and no tools. With `add_generation_prompt` the
  /// text ends where the model is to answer. Templates write special tokens themselves: encode the text with
  /// EncodeOptions::special_tokens off. Throws Error, naming the template's file and line, where the template refuses
  /// the messages, such as two of the user in a row, or where they are no such list.
  std::string render(std::string_view messages, bool add_generation_prompt = false) const;

  /// Where the template stands: a file, or a file and what in it.
  std::string origin() const;
  /// Whether it may write today's date: then it does not give the same text every day.
  bool uses_time() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::tokenizer
