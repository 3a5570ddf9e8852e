// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <filesystem>

#include "farpoint/pipeline/column_name.hpp"
#include "output_path.hpp"

namespace farpoint::jobs {

using namespace pipeline;

Fields<ProfileOptions> ProfileOptions::fields() {
  using P = ProfileOptions;
  return {option("as", &P::as, "part of the name of the job's folder; it writes no column"),
          option("text", &P::text, "which view of the record is read"),
          option("tokenizer", &P::tokenizer, "a name under models, by whose tokenizer tokens are counted; unset: none"),
          option("languages", &P::languages, "find out which language each record is written in"),
          option("vocabulary", &P::vocabulary, "count words"),
          option("top_words", &P::top_words, "so many of the most frequent words are listed"),
          option("sample", &P::sample, "so many records that each stage kept, and as many that it removed, are shown"),
          option("path", &P::path,
                 "relative to the run's folder; the records that are shown go to a file of the same name with "
                 "-samples.jsonl in place of its ending")};
}

std::string ProfileOptions::samples_path() const {
  const std::filesystem::path whole(path);
  return (whole.parent_path() / (whole.stem().string() + "-samples.jsonl")).string();
}

ProfileOptions checked(ProfileOptions options, const Node& where, const Config& config) {
  constexpr std::uint64_t most_words = 1'000'000;
  constexpr std::uint64_t most_records = 10'000;
  check_bounds(where.place_of("top_words"), "profile.top_words", options.top_words, 0, most_words);
  check_bounds(where.place_of("sample"), "profile.sample", options.sample, 0, most_records);
  if (!options.as.empty()) check_column_name(where.place_of("as"), options.as);
  options.path = checked_output("profile.path", options.path, where.place_of("path"), config);
  checked_output("profile.path", options.samples_path(), where.place_of("path"), config);
  return options;
}

}  // namespace farpoint::jobs
