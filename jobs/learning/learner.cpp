// SPDX-License-Identifier: Apache-2.0
#include "learner.hpp"

namespace farpoint::jobs {

std::unique_ptr<Learner> make_learner(const std::string& job, LearnerOptions& options, const pipeline::Node& where,
                                      const pipeline::JobSetup& setup) {
  check_learner_options(job, options, where);
  return options.learner == LearnerKind::linear ? make_linear_learner(job, options, where, setup)
                                                : make_encoder_learner(job, options, where, setup);
}

}  // namespace farpoint::jobs
