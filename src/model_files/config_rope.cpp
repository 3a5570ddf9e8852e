// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "config_reader.hpp"

namespace farpoint::model_files {

namespace {

// transformers warns below 1 and computes something anyway; nobody means it.
constexpr double most_factor = 1e6;

Rope::Type read_type(const JsonObject& parameters) {
  // "type" is the older name; where both are there, transformers takes the newer.
  const std::string key = parameters.has("rope_type") || !parameters.has("type") ? "rope_type" : "type";
  const std::string type = parameters.text(key, "default");
  if (type == "default") return Rope::Type::standard;
  if (type == "linear") return Rope::Type::linear;
  if (type == "dynamic") return Rope::Type::dynamic;
  if (type == "llama3") return Rope::Type::llama3;
  if (type == "yarn") return Rope::Type::yarn;
  parameters.refuse(key, type == "longrope" || type == "su"
                             ? "longrope, with its lists of factors, is not supported"
                             : "supported are default, linear, dynamic, llama3 and yarn");
}

double needed(const JsonObject& parameters, const std::string& key, double least, double most) {
  const auto value = parameters.number(key, least, most);
  if (!value) parameters.refuse(key, "this type of rotary embedding needs it");
  return *value;
}

double magnitude(double factor, double scale) {
  return factor <= 1 ? 1 : 0.1 * scale * std::log(factor) + 1;
}

double attention_factor(const JsonObject& parameters, double factor) {
  if (const auto given = parameters.number("attention_factor", 1e-6, most_factor)) return *given;
  const double scale = parameters.number("mscale", 0, 0, most_factor);
  const double scale_all = parameters.number("mscale_all_dim", 0, 0, most_factor);
  if (scale == 0 || scale_all == 0) return magnitude(factor, 1);
  return magnitude(factor, scale) / magnitude(factor, scale_all);
}

void read_llama3(const JsonObject& parameters, Rope& rope) {
  rope.factor = needed(parameters, "factor", 1, most_factor);
  rope.low_frequency_factor = needed(parameters, "low_freq_factor", 1e-6, most_factor);
  rope.high_frequency_factor = needed(parameters, "high_freq_factor", 1e-6, most_factor);
  if (rope.high_frequency_factor <= rope.low_frequency_factor) {
    parameters.refuse("high_freq_factor", "it should be above low_freq_factor");
  }
}

void read_yarn(const JsonObject& parameters, std::int64_t max_positions, Rope& rope) {
  const double ratio = static_cast<double>(max_positions) / static_cast<double>(rope.original_max_positions);
  rope.factor = parameters.number("factor", std::max(ratio, 1.0), 1, most_factor);
  rope.attention_factor = attention_factor(parameters, rope.factor);
  // A zero stands for the default, as in Python's `or`.
  const double fast = parameters.number("beta_fast", 0, 0, most_factor);
  const double slow = parameters.number("beta_slow", 0, 0, most_factor);
  rope.beta_fast = fast == 0 ? 32 : fast;
  rope.beta_slow = slow == 0 ? 1 : slow;
  if (rope.beta_fast < rope.beta_slow) parameters.refuse("beta_fast", "it should not be below beta_slow");
  rope.truncate = parameters.flag("truncate", true);
}

void refuse_partial(const JsonObject& object) {
  if (object.number("partial_rotary_factor", 1, 0, 1) != 1) {
    object.refuse("partial_rotary_factor", "only 1 is supported");
  }
}

}  // namespace

double read_theta(const JsonObject& object, const std::string& key, double if_absent) {
  const double theta = object.number(key, if_absent, 1, 1e15);
  if (theta == 1) object.refuse(key, "it should be above 1");
  return theta;
}

Rope read_rope_values(const JsonObject& parameters, double theta, std::optional<std::int64_t> original_positions,
                      const ModelConfig& config) {
  for (const char* key : {"mrope_section", "short_factor", "long_factor"}) {
    if (parameters.is_set(key)) parameters.refuse(key, "this kind of rotary embedding is not supported");
  }
  refuse_partial(parameters);
  Rope rope;
  rope.type = read_type(parameters);
  rope.theta = read_theta(parameters, "rope_theta", theta);
  rope.original_max_positions = original_positions.value_or(
      parameters.integer("original_max_position_embeddings", config.max_positions, 1, most_positions));
  if (rope.type == Rope::Type::llama3) read_llama3(parameters, rope);
  if (rope.type == Rope::Type::yarn) read_yarn(parameters, config.max_positions, rope);
  if (rope.type == Rope::Type::linear || rope.type == Rope::Type::dynamic) {
    rope.factor = needed(parameters, "factor", 1, most_factor);
  }
  // The exponent of the dynamic type is head_dim / (head_dim - 2).
  if (rope.type == Rope::Type::dynamic && config.head_dim <= 2) {
    parameters.refuse("rope_type", "heads of 2 dimensions have no dynamic rotary embedding");
  }
  return rope;
}

Rope read_rope(const JsonObject& file, const ModelConfig& config) {
  if (config.head_dim % 2 != 0) {
    file.refuse("head_dim", fmt::format("heads have {} dimensions; rotary embeddings need pairs", config.head_dim));
  }
  refuse_partial(file);
  const double theta = read_theta(file, "rope_theta", 10'000);
  const auto original = file.integer("original_max_position_embeddings", 1, most_positions);
  // Where both are there, transformers takes rope_scaling, unless it is null or empty.
  const std::string key = file.is_set("rope_scaling") ? "rope_scaling" : "rope_parameters";
  static const nlohmann::json nothing = nlohmann::json::object();
  const JsonObject parameters = file.object(key).value_or(JsonObject(nothing, ""));
  for (const char* layer_type : {"full_attention", "sliding_attention"}) {
    if (parameters.has(layer_type))
      parameters.refuse(layer_type, "this family has one rotary embedding for all layers");
  }
  return read_rope_values(parameters, theta, original, config);
}

}  // namespace farpoint::model_files
