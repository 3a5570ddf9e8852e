// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <variant>

#include "farpoint/corpus/npy.hpp"
#include "farpoint/corpus/sample.hpp"
#include "farpoint/pipeline/estimate.hpp"

namespace farpoint::pipeline {

namespace {

constexpr std::uint64_t sampled_bytes = 4U << 20;
constexpr std::size_t sampled_files = 16;
constexpr std::size_t sampled_records = 200;

/// What the files of one source came to that were looked at; the others are like them.
struct Source {
  std::uint64_t stored = 0;
  std::uint64_t sampled = 0;  ///< of `stored`, in files that were sampled
  std::uint64_t records = 0;  ///< in these
  std::uint64_t bytes = 0;
  bool is_text = true;
};

class Sampler {
 public:
  Sampler(const std::vector<corpus::InputFile>& files, const std::vector<corpus::SourceSpec>& specs, std::uint64_t seed)
      : files_(files), specs_(specs), seed_(seed), sources_(specs.size()) {}

  void read(bool keeps_texts, CorpusSample& into) {
    // Sources may be few files each: every source is looked at.
    std::vector<std::size_t> chosen;
    const auto step = std::max<std::size_t>(1, files_.size() / sampled_files);
    for (std::size_t i = 0; i < files_.size(); ++i) {
      auto& source = sources_[files_[i].spec];
      const bool is_first = source.stored == 0;
      source.stored += files_[i].bytes;
      // Of these, headers cost no more than their number.
      const bool is_cheap = files_[i].format == corpus::Format::npy;
      if (is_first || is_cheap || i % step == 0) chosen.push_back(i);
    }
    limits_.bytes = std::max<std::uint64_t>(sampled_bytes / std::max<std::size_t>(1, chosen.size()), 64U << 10);
    limits_.records =
        std::max<std::size_t>(1, (sampled_records + chosen.size() - 1) / std::max<std::size_t>(1, chosen.size()));
    limits_.seed = seed_;
    for (const auto i : chosen) look_at(files_[i], keeps_texts, into);
    into.is_exact = into.is_exact && chosen.size() == files_.size();
  }

  void add_up(Population population, CorpusSample& into) const {
    for (const auto& source : sources_) {
      into.stored += source.stored;
      if (source.sampled == 0) continue;
      const double growth = static_cast<double>(source.stored) / static_cast<double>(source.sampled);
      const auto grown = [&](std::uint64_t count) {
        return static_cast<std::uint64_t>(std::round(growth * static_cast<double>(count)));
      };
      into.records[index_of(population)] += grown(source.records);
      into.bytes[index_of(population)] += grown(source.bytes);
      if (!source.is_text && population == Population::pool) into.vector_bytes += grown(source.bytes);
    }
  }

 private:
  void look_at(const corpus::InputFile& file, bool keeps_texts, CorpusSample& into) {
    auto& source = sources_[file.spec];
    const auto sample = corpus::sample_file(file, limits_);
    source.sampled += file.bytes;
    source.records += sample.records;
    source.bytes += sample.bytes;
    into.is_exact = into.is_exact && sample.is_exact;
    const auto& spec = specs_[file.spec];
    if (file.format == corpus::Format::npy) {
      source.is_text = false;
      into.widths[spec.as] = corpus::NpyFile(file.path, file.compression).width();
    }
    if (!keeps_texts) return;
    for (const auto& text : sample.texts) {
      if (file.format == corpus::Format::txt && !corpus::is_valid_utf8(text)) continue;
      auto parsed = parser_.parse(file.format == corpus::Format::txt ? corpus::text_record(text) : text, spec.fields);
      if (auto* record = std::get_if<corpus::Record>(&parsed)) into.texts.push_back(std::move(*record));
    }
  }

  const std::vector<corpus::InputFile>& files_;
  const std::vector<corpus::SourceSpec>& specs_;
  std::uint64_t seed_;
  corpus::SampleLimits limits_;
  std::vector<Source> sources_;
  corpus::RecordParser parser_;
};

}  // namespace

CorpusSample sample_corpus(const CorpusFiles& files, const Config& config, std::uint64_t seed) {
  CorpusSample sample;
  for (const auto population : populations) {
    const auto& of_population = files[index_of(population)];
    if (of_population.empty()) continue;
    Sampler sampler(of_population, sources_of(config.corpus, population), seed);
    sampler.read(population == Population::pool, sample);
    sampler.add_up(population, sample);
  }
  return sample;
}

}  // namespace farpoint::pipeline
