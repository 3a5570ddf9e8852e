// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "adamw.hpp"
#include "classification_head.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "gradient_sums.hpp"
#include "loaded_model.hpp"
#include "micro_batch.hpp"
#include "one_thread.hpp"
#include "trained_state.hpp"
#include "whole_models.hpp"

namespace farpoint::models {

namespace {

using model_files::ProblemType;

void check(const FineTunerOptions& options) {
  const auto refuse = [](const std::string& message) { throw UsageError(message); };
  const bool regression = options.problem == ProblemType::regression;
  if (options.problem == ProblemType::multi_label) refuse("classifiers of several labels a text cannot be trained");
  if (regression && options.labels.size() != 1) refuse("a regression has one output, so it needs one label's name");
  if (!regression && options.labels.size() < 2) refuse("a classifier needs two labels or more");
  if (std::set(options.labels.begin(), options.labels.end()).size() != options.labels.size()) {
    refuse("the labels of a classifier must have different names");
  }
  const auto check_range = [&](const char* name, double value, double least, double most) {
    if (value >= least && value <= most) return;
    refuse(fmt::format("{} is {}; it should be from {} to {}", name, value, least, most));
  };
  check_range("steps", static_cast<double>(options.steps), 1, 1e15);
  check_range("learning_rate", options.learning_rate, 0, 1);
  check_range("warmup", options.warmup, 0, 1);
  check_range("weight_decay", options.weight_decay, 0, 1e3);
  check_range("clip", options.clip, 0, 1e30);
  if (options.execution.precision == Precision::fp16) {
    refuse("precision is fp16: gradients are too small for it; train with bf16 or fp32");
  }
}

model_files::ModelFolder opened(const std::filesystem::path& path, const FineTunerOptions& options) {
  check(options);
  auto folder = model_files::open_model_folder(path);
  if (model_files::is_causal(folder.config.family)) {
    throw UsageError(
        fmt::format("{}: is a causal model ({}); classifiers are trained from encoders: bert, roberta, xlm-roberta, "
                    "camembert, distilbert, mpnet, deberta-v2 or modernbert",
                    path.string(), folder.config.model_type));
  }
  folder.config.labels = options.labels;
  folder.config.problem = options.problem;
  return folder;
}

/// While it lives, a GPU adds up in a fixed order wherever libtorch can.
class FixedOrder {
 public:
  FixedOrder() : before_(at::globalContext().deterministicAlgorithms()) { set(true); }
  ~FixedOrder() { set(before_); }
  FixedOrder(const FixedOrder&) = delete;
  FixedOrder& operator=(const FixedOrder&) = delete;

 private:
  static void set(bool on) { at::globalContext().setDeterministicAlgorithms(on, /*warn_only=*/true); }

  bool before_;
};

/// The model, its optimiser and how far it is.
struct Training {
  FineTunerOptions options;
  TrainedWeights weights;                    // filled while the model is loaded
  std::unique_ptr<ClassificationHead> head;  // likewise
  LoadedModel model;
  bool mixed;
  GradientSums sums;
  AdamW optimizer;
  std::uint64_t step = 0;
  std::vector<double> step_losses;

  Training(const model_files::ModelFolder& folder, const FineTunerOptions& given)
      : options(given),
        weights(given.seed),
        model(
            folder, given.execution, given.max_tokens,
            [&](Parameters& parameters) { head = make_classification_head(folder.config, parameters); }, &weights),
        mixed(place(given.execution).type == at::kBFloat16),
        sums(weights.all()),
        optimizer(weights.all(), given.weight_decay) {}

  /// Of the micro-batches, on all threads; a GPU takes one after the other.
  void compute(std::span<const MicroBatch> batches, double whole_weight, Losses& losses) {
    const auto one = [&](const MicroBatch& batch) {
      Dropout dropout = dropout_of(options.seed, step, batch.place, model.placement.device);
      PackedMicroBatch packed(batch, model.rules, model.placement.device, whole_weight);
      if (options.dropout) packed.batch.dropout = &dropout;
      const Autocast autocast(model.placement.device, mixed);
      const at::Tensor hidden = model.backbone->hidden(packed.batch);
      const at::Tensor logits = head->logits(hidden, packed.batch).to(at::kFloat);
      const at::Tensor each = losses_of(logits, packed.targets, options.problem);
      if (losses.add(each, packed.weights)) sums.add(gradients_of((each * packed.weights).sum(), weights.all()));
    };
    if (!model.placement.on_cpu()) {
      const FixedOrder fixed;
      for (const auto& batch : batches) one(batch);
      return;
    }
    parallel_for(batches.size(), 1, [&](std::size_t, std::size_t begin, std::size_t end) {
      const OneThread alone;
      for (std::size_t i = begin; i < end; ++i) one(batches[i]);
    });
  }

  [[noreturn]] void fail(const std::string& what) {
    sums.clear();
    throw comm::AgreedError(
        fmt::format("training: {} in step {} of {}; try a smaller learning rate (it is {}) or a longer warm-up, and "
                    "look at the grades: a regression wants them near 1, not in thousands",
                    what, step + 1, options.steps, options.learning_rate));
  }
};

class LoadedFineTuner final : public FineTuner::Implementation {
 public:
  LoadedFineTuner(const model_files::ModelFolder& folder, const FineTunerOptions& options)
      : training_(folder, options) {}

  const tokenizer::Tokenizer& tokenizer() const override { return training_.model.tokenizer; }
  std::int64_t max_tokens() const override { return training_.model.max_tokens; }
  std::uint64_t step() const override { return training_.step; }
  std::uint64_t steps() const override { return training_.options.steps; }
  const std::vector<double>& losses() const override { return training_.step_losses; }
  double train(comm::Communicator& comm, std::span<const MicroBatch> mine) override;
  Classification classify(const tokenizer::TokenLists& texts) const override;
  void save_state(const std::filesystem::path& file, std::string_view fingerprint) const override;
  bool load_state(const std::filesystem::path& file, std::string_view fingerprint) override;
  void save_folder(const std::filesystem::path& folder) const override;

 private:
  Training training_;
};

double LoadedFineTuner::train(comm::Communicator& comm, std::span<const MicroBatch> mine) {
  auto& of = training_;
  std::int64_t weight = 0;
  comm::agree(comm, [&] { weight = checked_weight(mine, of.options); });
  weight = comm::all_reduce(comm, weight, comm::Reduction::sum);
  if (weight == 0) throw comm::AgreedError("training: all examples of a batch have weight 0");

  Losses losses;
  comm::agree(comm, [&] { of.compute(mine, from_weight(weight), losses); });
  std::array<std::int64_t, 3> all{losses.sum(), losses.bad(), of.sums.greatest()};
  comm::all_reduce(comm, std::span<std::int64_t>(all), comm::Reduction::sum);
  if (all[1] > 0) of.fail("the loss is not finite");
  if (all[2] >= GradientSums::limit()) of.fail("the gradient is not finite, or far too large,");

  of.sums.reduce(comm);
  const double norm = of.sums.norm();
  const double clip = of.options.clip;
  // As torch.nn.utils.clip_grad_norm_.
  const double scale = clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1;
  const double rate = of.options.learning_rate * learning_rate_share(of.step, of.options.steps, of.options.warmup);
  of.optimizer.update(of.sums, scale, rate, of.step + 1);
  of.sums.clear();
  ++of.step;
  of.step_losses.push_back(from_fixed(all[0]));
  return of.step_losses.back();
}

Classification LoadedFineTuner::classify(const tokenizer::TokenLists& texts) const {
  const auto& of = training_;
  const auto width = static_cast<std::int64_t>(of.options.labels.size());
  auto rows = map_distinct_texts(of.model, texts, width, [&](const PackedBatch& batch) {
    // Our kernels, which take what is not recorded on a CPU, want weights and numbers of one type.
    const Autocast autocast(of.model.placement.device, of.mixed && !of.model.placement.on_cpu());
    return of.head->logits(of.model.backbone->hidden(batch), batch).to(at::kFloat);
  });
  return {std::move(rows.rows), std::move(rows.failed)};
}

void LoadedFineTuner::save_state(const std::filesystem::path& file, std::string_view fingerprint) const {
  const auto& of = training_;
  write_state(file, {of.weights.all(), of.optimizer.first_moments(), of.optimizer.second_moments()}, of.step_losses,
              fingerprint);
}

bool LoadedFineTuner::load_state(const std::filesystem::path& file, std::string_view fingerprint) {
  auto& of = training_;
  auto losses =
      read_state(file, {of.weights.all(), of.optimizer.first_moments(), of.optimizer.second_moments()}, fingerprint);
  if (!losses) return false;
  of.step_losses = std::move(*losses);
  of.step = of.step_losses.size();
  return true;
}

void LoadedFineTuner::save_folder(const std::filesystem::path& folder) const {
  const auto& of = training_;
  write_classifier(folder, of.model.folder, of.model.prefix,
                   {of.options.labels, of.options.problem, of.model.max_tokens}, of.weights.all());
}

}  // namespace

std::unique_ptr<FineTuner::Implementation> make_fine_tuner(const std::filesystem::path& folder,
                                                           const FineTunerOptions& options) {
  return std::make_unique<LoadedFineTuner>(opened(folder, options), options);
}

}  // namespace farpoint::models
