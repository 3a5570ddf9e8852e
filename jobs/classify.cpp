// SPDX-License-Identifier: Apache-2.0
// jobs/classify.cpp: what a classifier says of each record that was trained on labelled ones.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/learn/folds.hpp"
#include "jobs.hpp"
#include "labels.hpp"
#include "learning/learning_job.hpp"

namespace farpoint::jobs {

enum class TaskChoice : std::uint8_t { automatic, classes, grade };

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::TaskChoice> {
  static constexpr std::array<std::string_view, 3> values{"auto", "classes", "grade"};
};

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// More labels than that are surely no classes.
constexpr std::size_t most_labels = 1000;
constexpr const char* labels_column = "goal/labels";
constexpr const char* task_column = "goal/task";

struct ClassifyOptions : LearnerOptions {
  std::string as = "classify";
  std::string label = "source";
  TaskChoice task = TaskChoice::automatic;
  std::string positive;

  static Fields<ClassifyOptions> fields() {
    using C = ClassifyOptions;
    Fields<C> fields{
        option("as", &C::as, "name of the column"),
        option("label", &C::label,
               "where a labelled record's label stands: source (the name of its source) or record.KEY"),
        option(
            "task", &C::task,
            "classes: the column is the probability of 'positive'; grade: labels are numbers, and the column is one; "
            "auto: grade if all labels are numbers and there are more than two"),
        option("positive", &C::positive,
               "classes: the label whose probability the column is; unset: 1 of 0 and 1, else it must be given"),
    };
    add_learner_fields(fields);
    return fields;
  }
};

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

class Classify final : public LearningJob<ClassifyOptions> {
 public:
  Classify(ClassifyOptions options, const Node& where, const JobSetup& setup)
      : LearningJob("classify", std::move(options), where, setup) {
    if (!is_label_of_records(options_.label)) {
      throw ConfigError(where.place_of("label"),
                        fmt::format("'classify.label' must be source or record.KEY, not '{}'", options_.label));
    }
    for (const auto& column : setup.columns) {
      if (setup.finished != nullptr || column.name != options_.vectors || column.in_labelled ||
          setup.config->corpus.labelled.empty()) {
        continue;
      }
      throw ConfigError(where.place_of("vectors"),
                        fmt::format("'classify': the column '{}' does not exist for the labelled records; use an "
                                    "'embed', or name the model that makes the vectors with 'model'",
                                    column.name));
    }
  }

  bool uses_labelled() const override { return true; }
  /// Unless vectors are learnt from the pool.
  bool prepares_from_pool() const override { return options_.model.empty(); }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    learner_->begin(pass);
    Training training{{}, {}, static_cast<const LearnerOptions&>(options_)};
    std::map<std::string, double> facts;
    const auto labels = find_goal(pass, training.goal, facts);
    take_all(pass, labels, training, facts);
    for (const auto& [name, value] :
         training.cross_validate(*learner_, pass, [](const Example&, std::uint64_t) { return true; })) {
      facts[name] = value;
    }
    // The one that is used knows all examples.
    training.train(
        *learner_, pass, options_.folds, [](const Example&) { return true; }, "", facts);
    comm::agree(pass.comm(), [&] {
      if (pass.comm().rank() == 0) learner_->save(options_.folds, training.goal, stage_ / "model");
    });
    auto columns = finish(facts);
    store::Strings names;
    for (const auto& label : training.goal.labels) names.push_back(label);
    columns.push_back({labels_column, std::move(names)});
    columns.push_back({task_column, std::vector<std::uint64_t>{static_cast<std::uint64_t>(training.goal.task)}});
    return columns;
  }

  void use(const std::vector<store::Column>& prepared) override {
    learner_->use(prepared);
    goal_ = {};
    for (const auto& column : prepared) {
      if (column.name == task_column) {
        goal_.task = static_cast<learn::Task>(column.as<std::vector<std::uint64_t>>().front());
      } else if (column.name == labels_column) {
        const auto& names = column.as<store::Strings>();
        for (std::size_t i = 0; i < names.size(); ++i) goal_.labels.emplace_back(names[i]);
      }
    }
  }
  ShardResult process(const Shard& shard) const override {
    const std::vector<std::uint32_t> models(shard.ids().size(), static_cast<std::uint32_t>(options_.folds));
    const auto predictions = learner_->predict(shard, models, goal_);
    const auto width = goal_.outputs();
    const auto place = goal_.task == learn::Task::classes ? positive_of(goal_.labels) : 0;
    std::vector<double> values;
    for (std::size_t i = 0; i < models.size(); ++i) values.push_back(predictions[i * width + place]);
    return result_of(shard, std::move(values));
  }

 private:
  /// Each of this rank's shards of labelled records, with its records' labels.
  using ShardLabels = std::map<std::uint64_t, std::vector<std::string>>;  // by first id

  /// All labels that there are, of all ranks; what is learnt follows from them. Collective.
  ShardLabels find_goal(PoolPass& pass, Goal& goal, std::map<std::string, double>& facts) const {
    ShardLabels labels;
    NameNumbers names;
    std::vector<std::uint32_t> numbers;
    std::uint64_t without = 0;
    pass.for_each_shard(Population::labelled, [&](const Shard& shard) {
      if (shard.ids().empty()) return;
      auto& of_shard = labels[shard.ids().front()] = labels_of(shard, options_.label);
      for (const auto& label : of_shard) {
        if (label.empty() || label == "null") {
          ++without;
        } else {
          numbers.push_back(names.of(label));
        }
      }
    });
    pass.sum(std::span(&without, 1));
    facts["unlabelled"] = static_cast<double>(without);
    const auto all = names.agree(pass.comm(), numbers);
    const bool numeric =
        std::all_of(all.begin(), all.end(), [](const auto& label) { return number_in(label).has_value(); });
    if (options_.task == TaskChoice::grade && !numeric) {
      const auto wrong = std::find_if(all.begin(), all.end(), [](const auto& label) { return !number_in(label); });
      throw comm::AgreedError(
          fmt::format("classify {}: with 'task: grade' the labels under '{}' must be numbers, but "
                      "one is '{}'",
                      options_.as, options_.label, *wrong));
    }
    if (all.size() < 2) {
      throw comm::AgreedError(
          fmt::format("classify {}: the labelled records have {} under '{}' ({}), and two labels at least are needed; "
                      "'label' says where they stand",
                      options_.as, all.empty() ? "no label" : "one label only", options_.label, fmt::join(all, ", ")));
    }
    if (options_.task == TaskChoice::grade || (options_.task == TaskChoice::automatic && numeric && all.size() > 2)) {
      goal = {learn::Task::grade, {}};
      return labels;
    }
    if (all.size() > most_labels) {
      throw comm::AgreedError(fmt::format("classify {}: {} different labels under '{}' are too many for classes",
                                          options_.as, all.size(), options_.label));
    }
    goal = {all.size() == 2 ? learn::Task::binary : learn::Task::classes, all};
    // Of two, the positive one is number 1.
    if (positive_of(all) == 0 && all.size() == 2) std::swap(goal.labels[0], goal.labels[1]);
    return labels;
  }

  std::size_t positive_of(const std::vector<std::string>& labels) const {
    const bool zero_and_one = labels.size() == 2 && std::find(labels.begin(), labels.end(), "0") != labels.end();
    const auto wanted = options_.positive.empty() && zero_and_one ? std::string("1") : options_.positive;
    const auto found = std::find(labels.begin(), labels.end(), wanted);
    if (found != labels.end()) return static_cast<std::size_t>(found - labels.begin());
    throw comm::AgreedError(
        wanted.empty()
            ? fmt::format("classify {}: the labels are {}; say with 'positive' whose probability the column is",
                          options_.as, fmt::join(labels, ", "))
            : fmt::format("classify {}: there is no label '{}'; there are {}", options_.as, wanted,
                          fmt::join(labels, ", ")));
  }

  void take_all(PoolPass& pass, const ShardLabels& labels, Training& training,
                std::map<std::string, double>& facts) const {
    const auto counts = count_labels(pass, labels, training.goal);
    std::vector<std::uint64_t> taken(1, 0);
    pass.for_each_shard(Population::labelled, [&](const Shard& shard) {
      if (shard.ids().empty()) return;
      const auto& of_shard = labels.at(shard.ids().front());
      std::vector<std::size_t> rows;
      std::vector<double> targets;
      for (std::size_t row = 0; row < of_shard.size(); ++row) {
        const auto target = target_of(of_shard[row], training.goal);
        if (!target) continue;
        const auto count = counts[training.goal.labels.empty() ? 0 : static_cast<std::size_t>(*target)];
        const double share = static_cast<double>(options_.max_examples) / static_cast<double>(count);
        if (!learn::is_sampled(pass.seed(), 0, index_of(Population::labelled), shard.ids()[row], share)) continue;
        rows.push_back(row);
        targets.push_back(*target);
      }
      taken[0] += take_examples(*learner_, shard, rows, targets, pass.seed(), options_.folds, training.examples);
    });
    pass.sum(taken);
    facts["examples"] = static_cast<double>(taken[0]);
    if (taken[0] >= 2 * options_.folds) return;
    throw comm::AgreedError(
        fmt::format("classify {}: only {} of the labelled records can be learnt from, which is too few for {} folds; "
                    "mend corpus.labelled (rejects.jsonl lists its faulty records), or lower 'folds'",
                    options_.as, taken[0], options_.folds));
  }

  static std::optional<double> target_of(const std::string& label, const Goal& goal) {
    if (label.empty() || label == "null") return std::nullopt;
    if (goal.task == learn::Task::grade) return number_in(label);
    const auto found = std::find(goal.labels.begin(), goal.labels.end(), label);
    return static_cast<double>(found - goal.labels.begin());
  }

  static std::vector<std::uint64_t> count_labels(PoolPass& pass, const ShardLabels& labels, const Goal& goal) {
    std::vector<std::uint64_t> counts(std::max<std::size_t>(goal.labels.size(), 1), 0);
    for (const auto& [first, of_shard] : labels) {
      for (const auto& label : of_shard) {
        const auto target = target_of(label, goal);
        if (target) ++counts[goal.labels.empty() ? 0 : static_cast<std::size_t>(*target)];
      }
    }
    pass.sum(counts);
    return counts;
  }

  Goal goal_;
};

}  // namespace

JobType classify_job() {
  return job_type<Classify, ClassifyOptions>(
      "classify",
      "what a classifier says of each record that was trained on the records under corpus.labelled "
      "(docs/classifiers.md)");
}

}  // namespace farpoint::jobs
