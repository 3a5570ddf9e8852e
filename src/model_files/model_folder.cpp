// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/model_folder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/model_files/weights.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

namespace fs = std::filesystem;

/// Above it the tokenizer has no limit: transformers then writes 1e30.
constexpr double most_tokens = 1 << 27;

/// `written` is the path as the user has it: by that the name of a model is known.
void check_is_folder(const fs::path& path, const fs::path& written) {
  const bool found = is_there(path);
  if (found && fs::is_directory(path)) return;
  if (found) {
    throw UsageError(fmt::format("{}: is a file; give the folder of the model", path.string()));
  }
  const std::string text = written.string();
  const bool like_a_name =
      written.is_relative() && std::count(text.begin(), text.end(), '/') == 1 && !text.starts_with('.');
  throw UsageError(fmt::format("{}: no such folder{}", path.string(),
                               like_a_name
                                   ? fmt::format("; if it is the name of a model on the Hugging Face Hub, download "
                                                 "it: hf download {} --local-dir FOLDER, and give FOLDER",
                                                 text)
                                   : ""));
}

void check_files(const fs::path& folder) {
  if (!is_there(folder / "config.json")) {
    throw UsageError(fmt::format("{}: config.json is missing; is it the folder of a model in the Hugging Face format?",
                                 folder.string()));
  }
  if (!is_there(folder / "tokenizer.json")) {
    throw UsageError(
        fmt::format("{}: tokenizer.json is missing; make it in Python: "
                    "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)",
                    folder.string()));
  }
}

std::int64_t limit_of_tokens(const ModelFolder& model) {
  const std::int64_t positions = usable_positions(model.config);
  if (model.sentence.max_seq_length) {
    const std::int64_t wanted = *model.sentence.max_seq_length;
    return has_position_table(model.config) ? std::min(wanted, positions) : wanted;
  }
  const fs::path path = model.sentence.transformer_folder / "tokenizer_config.json";
  if (!is_there(path)) return positions;
  const nlohmann::json json = read_json(path);
  const JsonObject file(json, path.string() + ": ");
  const auto limit = file.number("model_max_length", 1, 1e300);
  return limit && *limit <= most_tokens ? std::min(positions, static_cast<std::int64_t>(*limit)) : positions;
}

/// Pooling and the first dense layer fit the model.
void check_widths(const ModelFolder& model) {
  const SentencePipeline& sentence = model.sentence;
  const std::int64_t width = model.config.hidden_size;
  if (sentence.pooling_width.value_or(width) != width) {
    throw UsageError(fmt::format("{}: the pooling is of vectors of {} numbers, but the model's have {}",
                                 model.path.string(), *sentence.pooling_width, width));
  }
  const std::int64_t pooled = width * static_cast<std::int64_t>(sentence.pooling.size());
  if (!sentence.dense.empty() && sentence.dense[0].in != pooled) {
    throw UsageError(fmt::format("{}: in_features is {}, but the pooling gives {}", sentence.dense[0].folder.string(),
                                 sentence.dense[0].in, pooled));
  }
}

std::vector<fs::path> deciding_files(const ModelFolder& model) {
  std::vector<fs::path> files = model.sentence.files;
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json"}) {
    if (is_there(model.sentence.transformer_folder / name)) files.push_back(model.sentence.transformer_folder / name);
  }
  const auto add_weights = [&files](const fs::path& folder) {
    const auto weights = weight_files(folder);
    files.insert(files.end(), weights.begin(), weights.end());
  };
  add_weights(model.sentence.transformer_folder);
  for (const Dense& dense : model.sentence.dense) add_weights(dense.folder);
  return files;
}

}  // namespace

ModelFolder open_model_folder(const fs::path& written, const fs::path& base) {
  const fs::path path = base / written;
  check_is_folder(path, written);
  ModelFolder model;
  model.path = path;
  model.sentence = read_sentence_pipeline(path);
  check_files(model.sentence.transformer_folder);
  model.config = read_model_config(model.sentence.transformer_folder / "config.json");
  if (model.sentence.found) check_widths(model);
  model.tokenizer = model.sentence.transformer_folder / "tokenizer.json";
  model.max_tokens = limit_of_tokens(model);
  model.files = deciding_files(model);
  return model;
}

}  // namespace farpoint::model_files
