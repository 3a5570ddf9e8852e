// SPDX-License-Identifier: Apache-2.0
// Regression on vectors: a column's, or made here by the built-in embedding or a model.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "embed.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/learn/linear_folder.hpp"
#include "farpoint/select/distance.hpp"
#include "kept_fits.hpp"
#include "learner.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::string_view inner_prefix = "vectors/";
/// Rows that a thread predicts at a time.
constexpr std::size_t block_rows = 256;

/// Where the vectors come from.
class VectorSource {
 public:
  VectorSource(const std::string& job, LearnerOptions& options, const Node& where, const JobSetup& setup) {
    if (!options.model.empty()) {
      if (!options.vectors.empty()) {
        throw ConfigError(where.place_of("vectors"),
                          fmt::format("'{}.vectors' and '{}.model' both say where the vectors come from", job, job));
      }
      make(options, options.model, where, setup);
      return;
    }
    choose_column(job, options, where, setup);
    if (options.vectors.empty()) make(options, "builtin", where, setup);
    column_ = options.vectors;
  }

  const std::string& column() const { return column_; }
  /// The model that makes the vectors, as models::Embedder takes it; unset when none does.
  struct Encoder {
    std::filesystem::path path;
    models::EmbedderOptions options;
  };
  const std::optional<Encoder>& encoder() const { return encoder_; }
  /// Makes the vectors; null when a column has them.
  ShardJob* inner() const { return inner_.get(); }

  void begin(PoolPass& pass) {
    if (!inner_) return;
    if (inner_->needs_preparation()) {
      prepared_ = inner_->prepare(pass);
      inner_->use(prepared_);
    }
    comm::agree(pass.comm(), [&] { inner_->load(pass.node_rank()); });
  }
  std::vector<store::Column> prepared() const { return prepared_; }

  /// Rows of the shard's records.
  store::Column of(const Shard& shard) const {
    if (!inner_) return shard.column(column_);
    return std::move(inner_->process(shard).columns.front());
  }

 private:
  void make(const LearnerOptions& options, const std::string& model, const Node& where, const JobSetup& setup) {
    EmbedOptions embed;
    embed.model = model;
    embed.text = options.text;
    embed.max_tokens = options.max_tokens;
    embed.batch_tokens = options.batch_tokens;
    // As the folder says: what save() writes computes the same.
    embed.normalize = model == "builtin";
    if (model == "builtin") {
      inner_ = make_builtin_embedding(std::move(embed));
      return;
    }
    if (const auto found = setup.config->models.find(model); found != setup.config->models.end()) {
      encoder_.emplace();
      encoder_->path = setup.config->folder / found->second.path;
      if (options.max_tokens) encoder_->options.max_tokens = static_cast<std::int64_t>(*options.max_tokens);
    }
    inner_ = make_model_embedding(std::move(embed), where, setup);
  }

  static void choose_column(const std::string& job, LearnerOptions& options, const Node& where, const JobSetup& setup) {
    std::vector<std::string> names;
    for (const auto& column : setup.columns) {
      if (column.in_pool && column.kind == ColumnSpec::Kind::vector) names.push_back(column.name);
      if (column.name == options.vectors && column.kind == ColumnSpec::Kind::scalar) {
        throw ConfigError(
            where.place_of("vectors"),
            fmt::format("'{}.vectors': the column '{}' holds one number a record, not vectors", job, column.name));
      }
    }
    if (!options.vectors.empty() || names.empty()) return;
    if (names.size() > 1) {
      throw ConfigError(where.place,
                        fmt::format("'{}' needs the key 'vectors': there are {}", job, fmt::join(names, ", ")));
    }
    options.vectors = names.front();
  }

  std::string column_;
  std::unique_ptr<ShardJob> inner_;
  std::optional<Encoder> encoder_;
  std::vector<store::Column> prepared_;
};

class LinearLearner final : public Learner {
 public:
  LinearLearner(const std::string& job, LearnerOptions& options, const Node& where, const JobSetup& setup)
      : job_(job), l2_(options.l2), source_(job, options, where, setup) {}

  std::vector<std::string> reads() const override {
    return source_.inner() == nullptr ? std::vector{source_.column()} : std::vector<std::string>();
  }
  bool reads_text() const override { return source_.inner() != nullptr; }
  std::string device() const override { return source_.inner() != nullptr ? source_.inner()->device() : "cpu"; }
  std::vector<std::filesystem::path> model_files() const override {
    return source_.inner() != nullptr ? source_.inner()->model_files() : std::vector<std::filesystem::path>();
  }
  Node result_options(Node options) const override {
    if (source_.inner() != nullptr) options.set("embedding", source_.inner()->options(true));
    std::erase_if(options.entries, [](const auto& entry) { return entry.key == "model"; });
    return options;
  }
  void check() const override {
    if (source_.inner() != nullptr) source_.inner()->check(0);
  }
  void prefetch() const override {
    if (source_.inner() != nullptr) source_.inner()->prefetch();
  }

  void work_in(const std::filesystem::path& folder) override { kept_ = KeptFits(folder); }

  void begin(PoolPass& pass) override {
    may_clear_ = pass.comm().rank() == 0;
    source_.begin(pass);
  }

  std::vector<std::uint8_t> add(const Shard& shard, std::span<const std::size_t> rows) override {
    std::vector<std::uint8_t> added(rows.size(), 0);
    if (rows.empty()) return added;
    const auto column = source_.of(shard);
    check_width(column);
    const auto& numbers = column.as<std::vector<float>>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = std::span(numbers).subspan(rows[i] * width_, width_);
      if (!select::is_finite(row)) continue;
      rows_.insert(rows_.end(), row.begin(), row.end());
      added[i] = 1;
    }
    return added;
  }

  std::map<std::string, double> train(PoolPass& pass, std::size_t model, const Goal& goal,
                                      std::span<const std::uint64_t>, std::span<const double> targets,
                                      std::span<const double> weights) override {
    // Ranks without an example do not know it yet.
    width_ = comm::all_reduce(pass.comm(), width_, comm::Reduction::max);
    const auto key = fmt::format("{}-{}", pass.fingerprint(), model);
    auto fit = kept_.read(pass.comm(), model, key);
    if (!fit) {
      fit = fit_model(pass.comm(), goal, targets, weights);
      kept_.write(pass.comm(), model, key, *fit);
    }
    if (models_.size() <= model) models_.resize(model + 1);
    models_[model] = std::move(fit->model);
    return {{"loss", fit->loss},
            {"iterations", static_cast<double>(fit->iterations)},
            {"converged", fit->converged ? 1.0 : 0.0}};
  }

  std::vector<double> predict(std::size_t model, const Goal& goal, std::span<const std::size_t> chosen) override {
    std::vector<double> predictions(chosen.size() * goal.outputs());
    parallel_for(chosen.size(), block_rows, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        write(models_[model], goal, example(chosen[i]),
              std::span(predictions).subspan(i * goal.outputs(), goal.outputs()));
      }
    });
    return predictions;
  }

  /// The model that made the vectors and a layer more; vectors of a column could be anybody's, and the built-in ones
  /// hang on this run's pool.
  void save(std::size_t model, const Goal& goal, const std::filesystem::path& folder) const override {
    const auto& encoder = source_.encoder();
    if (!encoder) return;
    learn::LinearFolder facts{encoder->path, encoder->options, goal.labels, model_files::ProblemType::single_label};
    if (goal.task == learn::Task::binary) {
      facts.labels = {goal.labels.back()};
      facts.problem = model_files::ProblemType::multi_label;
    } else if (goal.task == learn::Task::grade) {
      facts.labels = {"grade"};
      facts.problem = model_files::ProblemType::regression;
    }
    learn::save_linear_folder(models_.at(model), facts, folder);
  }

  std::vector<store::Column> finish() override {
    rows_ = {};
    std::vector<double> weights;
    std::vector<double> biases;
    for (const auto& model : models_) {
      weights.insert(weights.end(), model.weights.begin(), model.weights.end());
      biases.insert(biases.end(), model.biases.begin(), model.biases.end());
    }
    std::vector<store::Column> columns;
    columns.push_back({"weights", std::move(weights), width_});
    columns.push_back({"biases", std::move(biases), models_.front().outputs()});
    for (auto& column : source_.prepared()) {
      column.name.insert(0, inner_prefix);
      columns.push_back(std::move(column));
    }
    if (source_.inner() != nullptr) source_.inner()->unload();
    return columns;
  }

  void use(const std::vector<store::Column>& prepared) override {
    // All models are in `prepared` now.
    if (may_clear_) kept_.remove();
    models_.clear();
    std::vector<store::Column> inner;
    const store::Column* weights = nullptr;
    const store::Column* biases = nullptr;
    for (const auto& column : prepared) {
      if (column.name == "weights") weights = &column;
      if (column.name == "biases") biases = &column;
      if (!column.name.starts_with(inner_prefix)) continue;
      inner.push_back(column);
      inner.back().name.erase(0, inner_prefix.size());
    }
    if (source_.inner() != nullptr && source_.inner()->needs_preparation()) source_.inner()->use(inner);
    width_ = weights->width;
    const auto outputs = biases->width;
    auto weight = weights->as<std::vector<double>>().begin();
    const auto& all_biases = biases->as<std::vector<double>>();
    for (auto bias = all_biases.begin(); bias != all_biases.end();) {
      const auto end = weight + static_cast<std::ptrdiff_t>(outputs * width_);
      const auto next = bias + static_cast<std::ptrdiff_t>(outputs);
      models_.push_back({width_, {weight, end}, {bias, next}});
      weight = end;
      bias = next;
    }
  }
  void load(int node_rank, const std::function<void()>& between_batches) override {
    if (source_.inner() == nullptr) return;
    source_.inner()->interrupt_by(between_batches);
    source_.inner()->load(node_rank);
  }
  void unload() override {
    if (source_.inner() != nullptr) source_.inner()->unload();
  }

  std::vector<double> predict(const Shard& shard, std::span<const std::uint32_t> models,
                              const Goal& goal) const override {
    const auto column = source_.of(shard);
    if (column.width != width_ && column.rows() > 0) throw UsageError(about_widths(column.width));
    const auto& numbers = column.as<std::vector<float>>();
    std::vector<double> predictions(models.size() * goal.outputs(), std::numeric_limits<double>::quiet_NaN());
    parallel_for(models.size(), block_rows, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto row = std::span(numbers).subspan(i * width_, width_);
        if (!select::is_finite(row)) continue;
        write(models_.at(models[i]), goal, row, std::span(predictions).subspan(i * goal.outputs(), goal.outputs()));
      }
    });
    return predictions;
  }

 private:
  std::span<const float> example(std::size_t i) const { return std::span(rows_).subspan(i * width_, width_); }

  learn::Fit fit_model(comm::Communicator& comm, const Goal& goal, std::span<const double> targets,
                       std::span<const double> weights) const {
    std::vector<float> rows;
    std::vector<double> chosen_targets;
    std::vector<double> chosen_weights;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (weights[i] == 0) continue;
      const auto row = example(i);
      rows.insert(rows.end(), row.begin(), row.end());
      chosen_targets.push_back(targets[i]);
      chosen_weights.push_back(weights[i]);
    }
    learn::LinearOptions options;
    options.task = goal.task;
    options.classes = std::max<std::uint64_t>(goal.labels.size(), 2);
    options.l2 = l2_;
    return learn::fit_linear(comm, {rows, width_, chosen_targets, chosen_weights}, options);
  }

  std::string about_widths(std::size_t found) const {
    return fmt::format(
        "{}: vectors of {} numbers where {} were learnt from; those of one column must come from one "
        "model",
        job_, found, width_);
  }
  void check_width(const store::Column& column) {
    if (width_ == 0) width_ = column.width;
    if (column.width != width_) throw UsageError(about_widths(column.width));
  }

  static void write(const learn::LinearModel& model, const Goal& goal, std::span<const float> row,
                    std::span<double> result) {
    auto outputs = model.outputs_of(row);
    if (goal.task == learn::Task::binary) outputs[0] = learn::sigmoid(outputs[0]);
    if (goal.task == learn::Task::classes) learn::softmax(outputs);
    std::copy(outputs.begin(), outputs.end(), result.begin());
  }

  std::string job_;
  double l2_;
  VectorSource source_;
  KeptFits kept_;
  bool may_clear_ = true;  // false on ranks that may be at use() before prepared.h5 is written
  std::uint64_t width_ = 0;
  std::vector<float> rows_;  // of this rank's examples
  std::vector<learn::LinearModel> models_;
};

}  // namespace

std::unique_ptr<Learner> make_linear_learner(const std::string& job, LearnerOptions& options, const Node& where,
                                             const JobSetup& setup) {
  return std::make_unique<LinearLearner>(job, options, where, setup);
}

}  // namespace farpoint::jobs
