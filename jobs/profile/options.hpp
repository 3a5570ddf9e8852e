// SPDX-License-Identifier: Apache-2.0
// jobs/profile/options.hpp: everything that users may set of a profile.
#pragma once

#include <cstdint>
#include <string>

#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"

namespace farpoint::jobs {

struct ProfileOptions {
  std::string as;
  corpus::TextView text = corpus::TextView::full;
  std::string tokenizer;  ///< empty: tokens are not counted
  bool languages = true;
  bool vocabulary = true;
  std::uint64_t top_words = 100;
  std::uint64_t sample = 20;
  std::string path = "profile.json";

  static pipeline::Fields<ProfileOptions> fields();

  /// Where the samples go: beside `path`.
  std::string samples_path() const;
};

/// Throws ConfigError for what is out of range and for paths that cannot be. Returns the options with `path` in its
/// normal form.
ProfileOptions checked(ProfileOptions options, const pipeline::Node& where, const pipeline::Config& config);

}  // namespace farpoint::jobs
