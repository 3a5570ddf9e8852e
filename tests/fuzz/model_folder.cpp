// SPDX-License-Identifier: Apache-2.0
// The input is the settings of a model's folder, in parts (fuzz.hpp): the files below, in this order.
#include <array>

#include "farpoint/model_files/classifier_folder.hpp"
#include "farpoint/model_files/model_folder.hpp"
#include "farpoint/model_files/weights.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::model_files;

namespace {

constexpr std::array names{"config.json",           "modules.json",           "sentence_bert_config.json",
                           "1_Pooling/config.json", "2_Dense/config.json",    "config_sentence_transformers.json",
                           "tokenizer_config.json", "generation_config.json", "model.safetensors.index.json",
                           "a.safetensors",         "model.safetensors"};

/// A part that is empty stands for no file.
void put(const fuzz::Scratch& scratch, const std::vector<std::string_view>& parts) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i < parts.size() && !parts[i].empty()) {
      scratch.put(names[i], parts[i]);
    } else {
      scratch.remove(names[i]);
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  put(scratch, fuzz::parts_of(fuzz::text_of(data, size)));
  scratch.put("tokenizer.json", "{}");
  scratch.put("2_Dense/model.safetensors", std::string_view("\x02\0\0\0\0\0\0\0{}", 10));
  scratch.put("copy/tokenizer.json", "{}");
  fuzz::expect_read_or_refused([] { Weights::open(scratch.path()); });
  fuzz::expect_read_or_refused([] {
    const auto folder = open_model_folder(scratch.path());
    fuzz::require(folder.max_tokens > 0, "no text has a token");
    fuzz::expect_read_or_refused([&] { read_generation_settings(folder); });
    write_classifier_settings(folder, {{"no", "yes"}, ProblemType::single_label, 16}, scratch.path() / "copy");
  });
  return 0;
}
