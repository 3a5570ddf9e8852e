// SPDX-License-Identifier: Apache-2.0
#include "backbone.hpp"

#include <limits>

namespace farpoint::models {

using model_files::Family;

namespace {

/// A tensor that every checkpoint of the family has, as it is named behind the common prefix.
std::string_view landmark(Family family) {
  switch (family) {
    case Family::modernbert:
      return "embeddings.tok_embeddings.weight";
    case Family::gpt2:
      return "wte.weight";
    case Family::llama:
    case Family::mistral:
    case Family::qwen2:
    case Family::qwen3:
      return "embed_tokens.weight";
    case Family::bert:
    case Family::distilbert:
    case Family::mpnet:
    case Family::roberta:
    case Family::deberta_v2:
      break;
  }
  return "embeddings.word_embeddings.weight";
}

}  // namespace

PackingRules packing_rules(const ModelConfig& config) {
  PackingRules rules{config.vocab_size, model_files::usable_positions(config), config.type_vocab_size, std::nullopt};
  if (config.family == Family::roberta || config.family == Family::mpnet) rules.position_padding = config.pad_token_id;
  // Positions that are computed go on for ever.
  if (!model_files::has_position_table(config)) rules.max_positions = std::numeric_limits<std::int32_t>::max();
  return rules;
}

std::string backbone_prefix(const ModelConfig& config, const Parameters& parameters) {
  return parameters.prefix_of(landmark(config.family));
}

std::unique_ptr<Backbone> make_backbone(const ModelConfig& config, Parameters& parameters) {
  const Scope root(parameters, backbone_prefix(config, parameters));
  switch (config.family) {
    case Family::bert:
    case Family::distilbert:
    case Family::mpnet:
    case Family::roberta:
      return make_bert(config, root);
    case Family::deberta_v2:
      return make_deberta(config, root);
    case Family::modernbert:
      return make_modernbert(config, root);
    case Family::gpt2:
      return make_gpt2(config, root);
    case Family::llama:
    case Family::mistral:
    case Family::qwen2:
    case Family::qwen3:
      break;
  }
  return make_llama(config, root);
}

}  // namespace farpoint::models
