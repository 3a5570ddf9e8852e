// SPDX-License-Identifier: Apache-2.0
// jobs/rate/rater.hpp: the kinds of models that rate.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chosen_model.hpp"
#include "options.hpp"

namespace farpoint::jobs {

class Rater {
 public:
  virtual ~Rater() = default;
  virtual void load(const models::Execution& execution) = 0;
  virtual void unload() = 0;
  /// One number a record, NaN where there is none; units and counters go into `result`.
  virtual std::vector<double> rate(const pipeline::Shard& shard, pipeline::ShardResult& result) const = 0;
  /// Why records may have no number.
  virtual std::string reason(const pipeline::ShardResult& result) const = 0;
};

/// The rater that the folder calls for. What the options leave to it is written into them. Throws ConfigError.
std::unique_ptr<Rater> make_rater(const ChosenModel& model, RateOptions& options, const pipeline::Node& where);
std::unique_ptr<Rater> make_asked_model(const ChosenModel& model, RateOptions& options, const pipeline::Node& where);
std::unique_ptr<Rater> make_judge(const ChosenModel& model, RateOptions& options, const pipeline::Node& where);

}  // namespace farpoint::jobs
