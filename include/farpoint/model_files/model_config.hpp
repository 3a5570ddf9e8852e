// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Hugging Face model folders as they lie on disk: config.json, safetensors, modules.json. Nothing here needs libtorch.
namespace farpoint::model_files {

/// The families of architectures; names that share their mathematics share one (camembert is roberta, and so on).
enum class Family : std::uint8_t {
  bert,
  distilbert,
  mpnet,
  roberta,
  deberta_v2,
  modernbert,  // encoders
  gpt2,
  llama,
  mistral,
  qwen2,
  qwen3,  // causal
};

/// True for the causal families.
constexpr bool is_causal(Family family) {
  return family >= Family::gpt2;
}

enum class Activation : std::uint8_t { identity, gelu, gelu_tanh, relu, silu, tanh, sigmoid };

/// Rotary position embeddings (transformers, modeling_rope_utils.py).
struct Rope {
  enum class Type : std::uint8_t { standard, linear, dynamic, llama3, yarn };
  Type type = Type::standard;
  double theta = 10000;
  double factor = 1;
  std::int64_t original_max_positions = 0;  ///< what the model was first trained for; max_positions if not given
  double low_frequency_factor = 1;          // llama3
  double high_frequency_factor = 4;         // llama3
  double beta_fast = 32;                    // yarn
  double beta_slow = 1;                     // yarn
  double attention_factor = 1;              ///< of cosine and sine, yarn; worked out from the file's keys
  bool truncate = true;                     // yarn: whole dimensions as bounds of the ramp
};

/// DeBERTa v2 and v3 only.
struct Disentangled {
  bool relative_attention = false;
  std::int64_t position_buckets = -1;        ///< -1: distances are not put into buckets
  std::int64_t max_relative_positions = -1;  ///< resolved: never below 1 when relative_attention
  bool content_to_position = false;          ///< this and the next count in the scale even without relative_attention
  bool position_to_content = false;
  bool share_attention_key = false;
  bool norm_relative_embeddings = false;
  bool position_biased_input = true;
  std::int64_t embedding_size = 0;    ///< of the word embeddings; hidden_size if there is no projection
  std::int64_t conv_kernel_size = 0;  ///< 0: no convolution after the first layer
  std::int64_t conv_groups = 1;
  Activation conv_activation = Activation::tanh;
  Activation pooler_activation = Activation::gelu;
};

/// Shares of numbers that are dropped in training (Srivastava et al. 2014), by where; 0 where a family has no such
/// place.
struct DropoutShares {
  double embeddings = 0;        ///< behind their norm
  double attention = 0;         ///< of the probabilities
  double attention_output = 0;  ///< before the residual is added
  double inner = 0;             ///< between the two layers of a feed-forward part
  double output = 0;            ///< of the feed-forward part, before the residual is added
  double positions = 0;         ///< of the relative positions' embeddings
  double head_input = 0;        ///< of the vector that a classification head reads
  double classifier = 0;        ///< before the head's last layer
};

enum class ProblemType : std::uint8_t { regression, single_label, multi_label };

/// config.json of transformers v4 or v5 with every default of the family filled in. Keys that a family does not have
/// keep their initial value.
struct ModelConfig {
  Family family = Family::bert;
  std::string model_type;    ///< as in the file
  std::string architecture;  ///< architectures[0], "" when absent
  std::string dtype;         ///< dtype or torch_dtype, such as "bfloat16"; "" when absent

  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;  ///< = heads unless grouped
  std::int64_t head_dim = 0;  ///< need not be hidden_size / heads
  std::int64_t intermediate_size = 0;
  std::int64_t max_positions = 0;
  std::int64_t type_vocab_size = 0;  ///< 0: no token types
  std::int64_t pad_token_id = 0;     ///< -1: none
  Activation activation = Activation::gelu;
  double norm_eps = 1e-12;
  bool tie_word_embeddings = false;

  /// Of each layer: how far a token sees, counting itself, as |i - j| < window (causal) or |i - j| <= window
  /// (encoders); unset: everything.
  std::vector<std::optional<std::int64_t>> windows;
  Rope rope;
  std::optional<Rope> local_rope;  ///< ModernBERT: of the layers with a window

  bool query_key_value_bias = true;
  bool attention_output_bias = true;
  bool mlp_bias = true;
  bool norm_bias = true;
  bool scale_by_inverse_layer = false;  ///< gpt2: scale_attn_by_inverse_layer_idx
  bool scale_attention = true;          ///< gpt2: scale_attn_weights
  std::int64_t relative_buckets = 32;   ///< mpnet: relative_attention_num_buckets
  Disentangled disentangled;

  // Classification heads.
  std::vector<std::string> labels;  ///< by index; "LABEL_0", ... when the file names none
  ProblemType problem = ProblemType::single_label;
  /// What a CrossEncoder of sentence-transformers applies to its logits, such as "torch.nn.modules.activation.Sigmoid":
  /// `activation_fn` in sentence_transformers, or sbert_ce_default_activation_function; "" when absent.
  std::string cross_encoder_activation;
  bool mean_pooled_head = false;                  ///< ModernBERT: classifier_pooling mean
  bool head_bias = false;                         ///< ModernBERT: classifier_bias, of the dense layer of the head
  Activation head_activation = Activation::gelu;  ///< ModernBERT: classifier_activation

  // Training; of encoders only.
  DropoutShares dropout;
  double initializer_range = 0.02;  ///< standard deviation of new weights
  double initializer_cutoff = 0;    ///< ModernBERT: no new weight is more deviations away; 0: no bound
};

/// How many tokens have a position: max_positions, less the ones that families with padding positions leave out.
std::int64_t usable_positions(const ModelConfig& config);

/// True where positions are rows of a table of weights: more tokens than usable_positions() cannot be computed at all.
bool has_position_table(const ModelConfig& config);

/// Reads and checks `file`. Throws UsageError naming file, key and value for what is malformed, out of range,
/// inconsistent, or not supported (unknown model types, rope types and activations, quantised weights, keys that change
/// the mathematics).
ModelConfig read_model_config(const std::filesystem::path& file);

/// The same of a text; `name` stands for the file in messages.
ModelConfig parse_model_config(std::string_view json, const std::string& name);

}  // namespace farpoint::model_files
