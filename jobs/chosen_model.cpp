// SPDX-License-Identifier: Apache-2.0
#include "chosen_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "farpoint/base/error.hpp"
#include "farpoint/model_files/weights.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

/// More than any text has tokens, and few enough to count in.
constexpr std::uint64_t most_tokens = 1U << 27;

[[noreturn]] void throw_unknown(const std::string& option, const std::string& name, const Place& place,
                                const Config& config) {
  std::vector<std::string> names;
  for (const auto& [known, model] : config.models) names.push_back(known);
  auto hint = suggestion(name, names);
  if (hint.empty()) {
    hint = names.empty() ? std::string("; 'models' lists none: models: {NAME: {path: FOLDER}}")
                         : fmt::format("; 'models' lists {}", fmt::join(names, ", "));
  }
  // A name of the Hub: nothing is fetched.
  if (name.find('/') != std::string::npos && !names.empty()) hint += "; models: {NAME: {path: FOLDER}} adds one";
  throw ConfigError(place, fmt::format("'{}' is '{}', which is not one of 'models'{}", option, name, hint));
}

/// A download that broke off is better told now than when the model's turn comes. Reads headers only.
void check_weights(const model_files::ModelFolder& folder) {
  model_files::Weights::open(folder.sentence.transformer_folder);
  for (const auto& dense : folder.sentence.dense) model_files::Weights::open(dense.folder);
}

}  // namespace

models::Execution ChosenModel::execution_on(int node_rank, std::function<void()> between_batches) const {
  auto here = execution;
  here.node_rank = node_rank;
  here.between_batches = std::move(between_batches);
  return here;
}

std::string ChosenModel::device() const {
  return execution.device != models::Device::cpu && models::cuda_devices() > 0 ? "cuda" : "cpu";
}

void ChosenModel::prefetch() const {
  if (folder) model_files::Weights::open(folder->sentence.transformer_folder).prefetch();
}

std::vector<std::filesystem::path> ChosenModel::files() const {
  return folder ? folder->files : std::vector<std::filesystem::path>();
}

Node ChosenModel::result_options(Node options) const {
  std::erase_if(options.entries, [](const auto& entry) { return entry.key == "model"; });
  options.set("precision", Codec<Precision>::encode(execution.precision));
  return options;
}

ChosenModel choose_model(const std::string& job, const std::string& name, const Node& where, const JobSetup& setup,
                         const std::string& key) {
  const auto& config = *setup.config;
  const auto found = config.models.find(name);
  if (found == config.models.end()) throw_unknown(job + "." + key, name, where.place_of(key), config);
  ChosenModel model;
  model.name = name;
  model.path = config.folder / found->second.path;
  model.execution.device = config.run.device;
  model.execution.precision = found->second.precision;
  if (setup.finished != nullptr) return model;
  try {
    model.folder = model_files::open_model_folder(found->second.path, config.folder);
    check_weights(*model.folder);
  } catch (const Error& error) {
    throw ConfigError(found->second.place, fmt::format("'models.{}.path': {}", name, error.what()));
  }
  return model;
}

void check_causal(const std::string& job, const model_files::ModelFolder& folder, const Node& where) {
  if (model_files::is_causal(folder.config.family)) return;
  throw ConfigError(where.place_of("model"),
                    fmt::format("'{}.model': {} holds an encoder (model type '{}'), which gives no likelihoods; name a "
                                "causal language model",
                                job, folder.path.string(), folder.config.model_type));
}

std::uint64_t resolve_max_tokens(const std::string& job, const std::optional<std::uint64_t>& max_tokens,
                                 std::uint64_t least, const model_files::ModelFolder& folder, const Node& where) {
  if (!max_tokens) return static_cast<std::uint64_t>(folder.max_tokens);
  const bool bounded = model_files::has_position_table(folder.config);
  const auto most = bounded ? static_cast<std::uint64_t>(model_files::usable_positions(folder.config)) : most_tokens;
  check_bounds(where.place_of("max_tokens"), job + ".max_tokens", *max_tokens, least, most);
  return *max_tokens;
}

std::int64_t resolve_batch_tokens(const std::string& job, const std::optional<std::uint64_t>& batch_tokens,
                                  const Node& where) {
  if (!batch_tokens) return 0;
  check_bounds(where.place_of("batch_tokens"), job + ".batch_tokens", *batch_tokens, 1, most_tokens);
  return static_cast<std::int64_t>(*batch_tokens);
}

}  // namespace farpoint::jobs
