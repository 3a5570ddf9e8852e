// SPDX-License-Identifier: Apache-2.0
#include "evaluation.hpp"

#include <fmt/format.h>

#include "farpoint/base/error.hpp"
#include "farpoint/corpus/file_index.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/record_reader.hpp"

namespace farpoint::jobs {

namespace {

/// Longer ones are no evaluation items.
constexpr std::uint64_t most_record_bytes = 64U << 20;

corpus::FileIndex index_of(const corpus::InputFile& file) {
  std::vector<corpus::Section> sections;
  const std::vector<corpus::InputFile> files{file};
  for (const auto& unit : corpus::plan_scan(files)) {
    for (const auto& section : corpus::scan(file, unit)) sections.push_back(section);
  }
  return corpus::FileIndex(std::move(sections));
}

}  // namespace

std::vector<corpus::InputFile> evaluation_files(const DecontaminateOptions& options,
                                                const std::filesystem::path& base) {
  auto files = corpus::resolve(options.sources, base);
  for (const auto& file : files) {
    if (file.format == corpus::Format::npy) {
      throw UsageError(fmt::format("{}: evaluation sets are texts, not vectors", file.path.string()));
    }
  }
  return files;
}

EvaluationSets read_evaluation_sets(const DecontaminateOptions& options, const std::vector<corpus::InputFile>& files) {
  dedup::ContaminationOptions how;
  how.ngram = options.ngram;
  how.min_words = options.min_words;
  EvaluationSets sets;
  sets.ngrams = std::make_unique<dedup::EvaluationNgrams>(how);
  corpus::RecordParser parser;
  for (const auto& file : files) {
    const auto index = index_of(file);
    corpus::RecordReader reader(file, index, most_record_bytes);
    corpus::RawRecord raw;
    while (reader.next(raw)) {
      const auto place = fmt::format("{}:{}", file.path.filename().string(), raw.line);
      const auto refuse = [&](std::string_view reason) {
        return UsageError(fmt::format("{}:{}: {}; evaluation sets must be whole: mend the record", file.path.string(),
                                      raw.line, reason));
      };
      if (raw.too_large) throw refuse("too_large");
      if (file.format == corpus::Format::txt && !corpus::is_valid_utf8(raw.text)) throw refuse("bad_utf8");
      const auto json = file.format == corpus::Format::txt ? corpus::text_record(raw.text) : std::string(raw.text);
      const auto parsed = parser.parse(json, options.sources[file.spec].fields);
      if (const auto* fault = std::get_if<corpus::Fault>(&parsed)) throw refuse(corpus::fault_name(*fault));
      const auto item = static_cast<std::uint32_t>(sets.places.size());
      sets.places.push_back(place);
      // Turn by turn: what a question and its answer make together no text needs to have.
      for (const auto& turn : std::get<corpus::Record>(parsed).turns) sets.ngrams->add(turn.text, item);
    }
  }
  sets.ngrams->finish();
  return sets;
}

}  // namespace farpoint::jobs
