// SPDX-License-Identifier: Apache-2.0
// jobs/embed.cpp: a vector for each record's text, by the built-in embedding or a model.
#include "embed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "jobs.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::array<std::string_view, 4> model_options{"pooling", "max_tokens", "prompt", "batch_tokens"};

std::unique_ptr<Job> make_embedding(const Node& node, const JobSetup& setup) {
  auto options = decode<EmbedOptions>(node, "embed");
  if (options.model != "builtin") return make_model_embedding(std::move(options), node, setup);
  if (const auto taken = setup.config->models.find("builtin"); taken != setup.config->models.end()) {
    throw ConfigError(taken->second.place,
                      "'models.builtin': 'builtin' is the embedding that needs no model; choose "
                      "another name");
  }
  for (const auto& entry : node.entries) {
    if (!is_model_option(entry.key) || entry.value.kind == Node::Kind::null) continue;
    throw ConfigError(entry.place, fmt::format("'embed.{}' is for models, and the built-in embedding is none; name one "
                                               "of 'models' with 'model'",
                                               entry.key));
  }
  return make_builtin_embedding(std::move(options));
}

}  // namespace

bool is_model_option(std::string_view key) {
  return std::find(model_options.begin(), model_options.end(), key) != model_options.end();
}

Fields<EmbedOptions> EmbedOptions::fields() {
  using E = EmbedOptions;
  return {
      option("model", &E::model,
             "builtin: hashed TF-IDF of words, their pairs and beginnings; needs no model. Else a name under `models`"),
      option("as", &E::as, "name of the column"),
      option("text", &E::text, "which view of the record is embedded"),
      option("normalize", &E::normalize, "scale the vectors to unit length"),
      option("pooling", &E::pooling,
             "models: how the tokens' vectors become one; unset: as the folder says, the mean where it says nothing"),
      option("max_tokens", &E::max_tokens,
             "models: tokens that are read of a text, special ones included; unset: as the folder says"),
      option("prompt", &E::prompt, "models: text put before each text; unset: the folder's default prompt"),
      option("batch_tokens", &E::batch_tokens,
             "models: tokens that go through the model at once; unset: what suits the device. Changes rounding"),
  };
}

JobType embed_job() {
  return {"embed", "a vector for each record's text", [] { return document<EmbedOptions>(); }, make_embedding};
}

}  // namespace farpoint::jobs
