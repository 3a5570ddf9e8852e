// SPDX-License-Identifier: Apache-2.0
// Fine-tuning of a model folder on the records' texts.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "chosen_model.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/learn/encoder_training.hpp"
#include "farpoint/models/classifier.hpp"
#include "farpoint/pipeline/stage_record.hpp"
#include "farpoint/pipeline/stop.hpp"
#include "learner.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

namespace fs = std::filesystem;

fs::path model_folder(const fs::path& stage, std::size_t model) {
  return stage / fmt::format("model-{}", model);
}

/// What is kept of a model beside its folder: that it is whole, of which training, and what is known of that.
fs::path note_of(const fs::path& stage, std::size_t model) {
  return stage / fmt::format("model-{}.json", model);
}

/// The contents of a folder's files, by name.
std::map<std::string, std::string> hashes_in(const fs::path& folder) {
  std::map<std::string, std::string> hashes;
  for (const auto& entry : fs::directory_iterator(folder)) {
    hashes[entry.path().filename().string()] = content_hash(entry.path());
  }
  return hashes;
}

/// The note beside a model whose folder is whole; empty when there is none.
nlohmann::json intact_note(const fs::path& stage, std::size_t model) {
  if (!fs::exists(note_of(stage, model))) return nlohmann::json::object();
  auto note = nlohmann::json::parse(read_file(note_of(stage, model)), nullptr, false);
  const auto folder = model_folder(stage, model);
  if (note.is_object() && fs::is_directory(folder) &&
      note.value("files", nlohmann::json()) == nlohmann::json(hashes_in(folder))) {
    return note;
  }
  log::warning("{}: damaged, or not what {} says", folder.string(), note_of(stage, model).string());
  return nlohmann::json::object();
}

/// Appends the tokens of one text.
void append(tokenizer::TokenLists& lists, std::span<const std::uint32_t> ids, bool truncated) {
  if (lists.offsets.empty()) lists.offsets.push_back(0);
  lists.ids.insert(lists.ids.end(), ids.begin(), ids.end());
  lists.offsets.push_back(lists.ids.size());
  lists.truncated.push_back(truncated ? 1 : 0);
}

struct Mark {
  std::uint64_t key = 0;
  double target = 0;
  double weight = 0;
};

class EncoderLearner final : public Learner {
 public:
  EncoderLearner(const std::string& job, LearnerOptions& options, const Node& where, const JobSetup& setup)
      : job_(job), model_(choose_model(job, options.model, where, setup)) {
    model_.execution.batch_tokens = resolve_batch_tokens(job, options.batch_tokens, where);
    if (model_.folder) {
      if (model_files::is_causal(model_.folder->config.family)) {
        throw ConfigError(where.place_of("model"),
                          fmt::format("'{}.model': {} holds a causal language model (model type '{}'); an encoder is "
                                      "what can be trained here",
                                      job, model_.path.string(), model_.folder->config.model_type));
      }
      // The special tokens and one more.
      options.max_tokens = resolve_max_tokens(job, options.max_tokens, 3, *model_.folder, where);
    }
    options_ = options;
  }

  bool reads_text() const override { return true; }
  std::string device() const override { return model_.device(); }
  std::vector<fs::path> model_files() const override { return model_.files(); }
  Node result_options(Node options) const override { return model_.result_options(std::move(options)); }
  void check() const override { models::describe(model_.execution); }
  void work_in(const fs::path& folder) override { stage_ = folder; }
  void prefetch() const override { model_.prefetch(); }

  void begin(PoolPass& pass) override {
    texts_ = {};
    texts_.offsets = {0};
    all_.reset();
    node_rank_ = pass.node_rank();
    tokenizer_.emplace(model_.folder->tokenizer);
  }

  std::vector<std::uint8_t> add(const Shard& shard, std::span<const std::size_t> rows) override {
    std::vector<std::uint8_t> added(rows.size(), 0);
    if (rows.empty()) return added;
    const auto texts = shard.texts(options_.text);
    std::vector<std::string_view> views;
    for (const auto row : rows) views.push_back(texts[row]);
    const auto tokens = encode(*tokenizer_, views);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (views[i].empty() || tokens[i].empty()) continue;
      append(texts_, tokens[i], tokens.truncated[i] != 0);
      added[i] = 1;
    }
    return added;
  }

  std::map<std::string, double> train(PoolPass& pass, std::size_t model, const Goal& goal,
                                      std::span<const std::uint64_t> keys, std::span<const double> targets,
                                      std::span<const double> weights) override {
    auto& comm = pass.comm();
    const auto fingerprint = fmt::format("{}-{}", pass.fingerprint(), model);
    auto note = read_note(comm, model);
    if (note.value("fingerprint", "") == fingerprint) return note.at("facts").get<std::map<std::string, double>>();

    share_examples(comm, keys, targets, weights);
    std::vector<std::uint32_t> chosen;
    for (std::size_t i = 0; i < all_->size(); ++i) {
      if (all_->weights[i] > 0) chosen.push_back(static_cast<std::uint32_t>(i));
    }
    auto schedule = schedule_of(pass, model, fingerprint);
    models::FineTuner tuner(model_.path, tuner_options(pass, goal, learn::training_steps(chosen.size(), schedule)));
    if (comm.rank() == 0) {
      log::info("{}: model {} learns from {} texts in {} steps on {}", job_, model, chosen.size(),
                learn::training_steps(chosen.size(), schedule), models::describe(model_.execution));
    }
    const auto losses = learn::train_encoder(comm, tuner, *all_, chosen, schedule);
    if (losses.size() < tuner.steps()) pass.stops().stop();
    const auto facts = facts_of(losses, learn::training_steps(chosen.size(), schedule));
    comm::agree(comm, [&] {
      if (comm.rank() != 0) return;
      const auto folder = model_folder(stage_, model);
      tuner.save_folder(folder);
      const nlohmann::json whole{{"fingerprint", fingerprint}, {"facts", facts}, {"files", hashes_in(folder)}};
      write_file(note_of(stage_, model), whole.dump());
      fs::remove(schedule.checkpoint);
    });
    return facts;
  }

  std::vector<double> predict(std::size_t model, const Goal& goal, std::span<const std::size_t> chosen) override {
    tokenizer::TokenLists lists;
    lists.offsets = {0};
    for (const auto i : chosen) append(lists, texts_[i], texts_.truncated[i] != 0);
    if (chosen.empty()) return {};
    return probabilities(open(model, node_rank_), goal, lists);
  }

  /// A copy under the name that users look for; it is there whole or not at all.
  void save(std::size_t model, const Goal&, const fs::path& folder) const override {
    auto unfinished = folder;
    unfinished += ".tmp";
    fs::remove_all(unfinished);
    fs::copy(model_folder(stage_, model), unfinished);
    fs::remove_all(folder);
    fs::rename(unfinished, folder);
  }

  std::vector<store::Column> finish() override {
    texts_ = {};
    all_.reset();
    tokenizer_.reset();
    return {};
  }

  void use(const std::vector<store::Column>&) override {}
  void load(int node_rank, const std::function<void()>& between_batches) override {
    node_rank_ = node_rank;
    model_.execution.between_batches = between_batches;
    tokenizer_.emplace(model_.folder->tokenizer);
  }
  void unload() override {
    classifiers_.clear();
    tokenizer_.reset();
  }

  std::vector<double> predict(const Shard& shard, std::span<const std::uint32_t> models,
                              const Goal& goal) const override {
    const auto texts = shard.texts(options_.text);
    const auto views = texts.views();
    const auto tokens = encode(*tokenizer_, views);
    std::map<std::uint32_t, std::vector<std::size_t>> rows_of;
    for (std::size_t i = 0; i < models.size(); ++i) {
      if (!views[i].empty()) rows_of[models[i]].push_back(i);
    }
    const auto width = goal.outputs();
    std::vector<double> predictions(models.size() * width, std::numeric_limits<double>::quiet_NaN());
    for (const auto& [model, rows] : rows_of) {
      tokenizer::TokenLists lists;
      lists.offsets = {0};
      for (const auto row : rows) append(lists, tokens[row], false);
      auto& classifier = classifiers_[model];
      if (!classifier) classifier.emplace(open(model, node_rank_));
      const auto found = probabilities(*classifier, goal, lists);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        std::copy_n(found.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                    predictions.begin() + static_cast<std::ptrdiff_t>(rows[i] * width));
      }
    }
    return predictions;
  }

 private:
  tokenizer::TokenLists encode(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> texts) const {
    return tokenizer.encode(texts, {true, static_cast<std::size_t>(*options_.max_tokens)});
  }

  /// What is known of the model from before; empty when there is nothing. Collective.
  nlohmann::json read_note(comm::Communicator& comm, std::size_t model) const {
    std::string text;
    comm::agree(comm, [&] {
      if (comm.rank() == 0) text = intact_note(stage_, model).dump();
    });
    comm::broadcast_object(comm, text, 0);
    return nlohmann::json::parse(text);
  }

  /// All ranks' texts the first time, and their marks each time: they differ from model to model.
  void share_examples(comm::Communicator& comm, std::span<const std::uint64_t> keys, std::span<const double> targets,
                      std::span<const double> weights) {
    if (!all_) {
      learn::TextExamples mine{texts_, std::vector<float>(keys.size()), std::vector<float>(keys.size())};
      all_.emplace(learn::gather_examples(comm, mine, keys));
    }
    std::vector<Mark> marks;
    for (std::size_t i = 0; i < keys.size(); ++i) marks.push_back({keys[i], targets[i], weights[i]});
    auto everyone = comm::all_gather<Mark>(comm, marks).data;
    std::sort(everyone.begin(), everyone.end(), [](const Mark& a, const Mark& b) { return a.key < b.key; });
    for (std::size_t i = 0; i < everyone.size(); ++i) {
      all_->targets[i] = static_cast<float>(everyone[i].target);
      all_->weights[i] = static_cast<float>(everyone[i].weight);
    }
  }

  learn::TrainingSchedule schedule_of(PoolPass& pass, std::size_t model, const std::string& fingerprint) const {
    learn::TrainingSchedule schedule;
    schedule.epochs = options_.epochs;
    schedule.batch = options_.batch;
    schedule.micro_batch = options_.micro_batch;
    schedule.seed = pass.seed() + model;
    schedule.checkpoint = stage_ / fmt::format("model-{}.training", model);
    schedule.fingerprint = fingerprint;
    schedule.checkpoint_seconds = options_.checkpoint_seconds;
    schedule.interrupted = [&pass] { return pass.stops().wanted(); };
    // In records, as the line says that shows it.
    schedule.progress = [&pass, batch = options_.batch](std::uint64_t step, std::uint64_t steps, double) {
      pass.progress(step * batch, steps * batch);
    };
    return schedule;
  }

  models::FineTunerOptions tuner_options(PoolPass& pass, const Goal& goal, std::uint64_t steps) const {
    models::FineTunerOptions tuner;
    const bool is_grade = goal.task == learn::Task::grade;
    tuner.labels = is_grade ? std::vector<std::string>{"grade"} : goal.labels;
    tuner.problem = is_grade ? model_files::ProblemType::regression : model_files::ProblemType::single_label;
    tuner.max_tokens = static_cast<std::int64_t>(*options_.max_tokens);
    tuner.steps = steps;
    tuner.learning_rate = options_.learning_rate;
    tuner.warmup = options_.warmup;
    tuner.weight_decay = options_.weight_decay;
    tuner.clip = options_.clip;
    tuner.dropout = options_.dropout;
    tuner.seed = pass.seed();
    tuner.execution = model_.execution;
    tuner.execution.node_rank = pass.node_rank();
    return tuner;
  }

  static std::map<std::string, double> facts_of(std::span<const double> losses, std::uint64_t steps) {
    std::map<std::string, double> facts{{"steps", static_cast<double>(steps)}};
    const auto last = losses.last(std::min<std::size_t>(losses.size(), 10));
    double sum = 0;
    for (const double loss : last) sum += loss;
    if (!last.empty()) facts["training_loss"] = sum / static_cast<double>(last.size());
    return facts;
  }

  models::Classifier open(std::size_t model, int node_rank) const {
    models::ClassifierOptions options;
    options.max_tokens = static_cast<std::int64_t>(*options_.max_tokens);
    options.execution = model_.execution;
    options.execution.node_rank = node_rank;
    if (intact_note(stage_, model).empty()) {
      throw UsageError(fmt::format("{}: the model is gone or damaged; delete the folder {} and run again",
                                   model_folder(stage_, model).string(), stage_.string()));
    }
    return models::Classifier(model_folder(stage_, model), options);
  }

  /// [texts, goal.outputs()]
  static std::vector<double> probabilities(const models::Classifier& classifier, const Goal& goal,
                                           const tokenizer::TokenLists& lists) {
    const auto found = classifier.classify(lists);
    const auto width = classifier.labels().size();
    std::vector<double> result;
    std::vector<double> row;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const auto logits = std::span(found.logits).subspan(i * width, width);
      row.assign(logits.begin(), logits.end());
      if (goal.task != learn::Task::grade) learn::softmax(row);
      if (goal.task == learn::Task::binary) row.erase(row.begin());
      result.insert(result.end(), row.begin(), row.end());
    }
    return result;
  }

  std::string job_;
  ChosenModel model_;
  LearnerOptions options_;
  fs::path stage_;
  int node_rank_ = 0;
  std::optional<tokenizer::Tokenizer> tokenizer_;
  tokenizer::TokenLists texts_;             // of this rank's examples
  std::optional<learn::TextExamples> all_;  // of all ranks', with the marks of the model in hand
  mutable std::map<std::uint32_t, std::optional<models::Classifier>> classifiers_;  // shards come one at a time
};

}  // namespace

std::unique_ptr<Learner> make_encoder_learner(const std::string& job, LearnerOptions& options, const Node& where,
                                              const JobSetup& setup) {
  return std::make_unique<EncoderLearner>(job, options, where, setup);
}

}  // namespace farpoint::jobs
