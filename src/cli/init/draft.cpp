// SPDX-License-Identifier: Apache-2.0
#include "draft.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/options.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::cli {

namespace {

namespace fs = std::filesystem;
using pipeline::format_count;

constexpr std::uint64_t largest_budget = 10000;  // who wants more says so
constexpr double worth_a_word = 0.01;            // of the sampled records

std::string yaml(const std::string& text) {
  return pipeline::to_yaml(pipeline::Codec<std::string>::encode(text));
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string percent(double share) {
  return share > 0 && share < 0.01 ? "less than 1 %" : fmt::format("{:.0f} %", 100 * share);
}

/// Languages by how many records they have; those of less than one in a hundred are left out.
std::vector<std::pair<std::string, double>> languages_of(const SampleCounts& sample) {
  std::uint64_t all = 0;
  for (const auto& [code, number] : sample.languages) all += number;
  std::vector<std::pair<std::string, double>> languages;
  for (const auto& [code, number] : sample.languages) {
    if (share(number, all) >= worth_a_word) languages.emplace_back(code, share(number, all));
  }
  std::stable_sort(languages.begin(), languages.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return languages;
}

std::string languages_text(const SampleCounts& sample) {
  std::vector<std::string> parts;
  for (const auto& [code, part] : languages_of(sample)) parts.push_back(fmt::format("{} {}", code, percent(part)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// What the faulty ones among the sampled records are, by the names that stand in rejects.jsonl.
std::string faults_of(const SampleCounts& sample) {
  if (sample.faulty == 0) return "";
  std::vector<std::string> parts;
  for (const auto& [fault, number] : sample.faults) {
    parts.push_back(fmt::format("{} {}", format_count(number), corpus::fault_name(fault)));
  }
  return fmt::format("; faulty of {} sampled: {}", format_count(sample.records), fmt::join(parts, ", "));
}

bool is_pool(const SurveyedSource& source, bool of_vectors) {
  return source.trouble.empty() && source.holds_vectors() == of_vectors;
}

/// Vectors alone are a pool of vectors; beside texts they belong to these.
bool only_vectors(const Survey& survey) {
  return std::none_of(survey.sources.begin(), survey.sources.end(),
                      [](const auto& source) { return is_pool(source, false); });
}

/// `path` from the folder of the configuration.
std::string from_configuration(const std::string& path, const fs::path& output) {
  if (fs::path(path).is_absolute()) return path;
  const auto folder = fs::absolute(output).lexically_normal().parent_path();
  return fs::absolute(path).lexically_normal().lexically_relative(folder).string();
}

/// A text as the rest of a line: control characters of file names would end the comment.
std::string comment(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::string source_line(const SurveyedSource& source, const fs::path& output) {
  auto line = fmt::format("{{path: {}, name: {}", yaml(from_configuration(source.path, output)), yaml(source.name));
  if (source.holds_vectors()) line += ", as: emb";
  if (!source.fields.empty()) {
    std::vector<std::string> fields;
    for (const auto& [name, key] : source.fields) fields.push_back(fmt::format("{}: {}", name, yaml(key)));
    line += fmt::format(", fields: {{{}}}", fmt::join(fields, ", "));
  }
  return line + "}";
}

std::string pool_text(const Survey& survey, const fs::path& output) {
  const bool vectors = only_vectors(survey);
  std::string text = "  pool:\n";
  for (const auto& source : survey.sources) {
    if (is_pool(source, vectors)) {
      text += fmt::format("    # {}\n", comment(describe(source)));
      if (!source.fields.empty()) {
        text += fmt::format("    # no known schema, so the fields are guessed from its keys: {}\n",
                            comment(fmt::format("{}", fmt::join(source.keys, ", "))));
      }
      text += fmt::format("    - {}\n", source_line(source, output));
    } else if (!source.trouble.empty()) {
      text += fmt::format("    # left out: {}\n    # - {}\n", comment(source.trouble),
                          comment(source_line(source, output)));
      if (source.keys.empty()) continue;
      text += "    #   say which keys hold what with fields: {prompt: KEY, response: KEY} or {text: KEY}\n";
    }
  }
  return text;
}

/// Vectors beside texts can be attached where there is one for each record; whether there is, people know.
std::string attach_text(const Survey& survey, const fs::path& output) {
  if (only_vectors(survey)) return "";
  std::string text;
  for (const auto& source : survey.sources) {
    if (!is_pool(source, true)) continue;
    text += fmt::format("  # {} holds {} rows; where these are the vectors of the records, in their order:\n",
                        comment(source.path), format_count(source.records));
    text += fmt::format("  # - attach: {{as: {}, path: {}}}\n", comment(yaml(source.name)),
                        comment(yaml(from_configuration(source.path, output))));
  }
  return text;
}

/// A line of the pipeline with what there is to say of it.
std::string commented(const std::string& setting, const std::string& why) {
  return fmt::format("{:<36} # {}\n", setting, why);
}

std::string suggestion_line(const std::string& setting, const std::string& why) {
  return commented("      # " + setting, why);
}

std::string clean_text(const SampleCounts& sample) {
  std::string text = "  - clean:\n" +
                     commented("      unicode: nfc", "one form for each character; no invisible ones") +
                     "      white_space: tidy\n";
  const auto html = share(sample.html, sample.records);
  if (html >= worth_a_word) {
    text +=
        suggestion_line("html: strip", fmt::format("{} of the sampled texts have markup or entities", percent(html)));
  }
  const auto languages = languages_of(sample);
  if (languages.size() > 1) {
    text += suggestion_line(fmt::format("language: [{}]", languages.front().first), "seen: " + languages_text(sample));
  }
  text += suggestion_line("pii: mask", "mail addresses, phone and card numbers become <EMAIL>, <PHONE>, ...");
  if (sample.median_words() >= 200)
    text += suggestion_line("profile: web", "the rules of Gopher and C4, for long texts");
  return text + suggestion_line("min_words: 3", fmt::format("half of the sampled records have fewer than {} words",
                                                            format_count(sample.median_words() + 1)));
}

std::string dedup_text(const SampleCounts& sample) {
  const auto copies = share(sample.copies, sample.records);
  const auto seen = sample.copies == 0 ? std::string("no copies in the sample")
                                       : fmt::format("{} of the sampled records are copies of others", percent(copies));
  return "  - dedup:\n" + commented("      exact: {normalize: true}", seen) +
         suggestion_line("near: {threshold: 0.8}", "also texts that are nearly the same");
}

/// Keeps the records as they are, unless all would be read by one trainer.
std::string export_format(const SampleCounts& sample) {
  using corpus::Schema;
  const auto* schema = sample.only_schema();
  if (schema == nullptr) return "jsonl";
  switch (*schema) {
    case Schema::alpaca:
      return "alpaca";
    case Schema::sharegpt:
      return "sharegpt";
    case Schema::messages:
      return "messages";
    case Schema::xtuner:
      return "xtuner";
    default:
      return "jsonl";
  }
}

bool all_are_arrays(const Survey& survey) {
  return std::all_of(survey.sources.begin(), survey.sources.end(), [](const auto& source) {
    return !source.trouble.empty() || source.format == corpus::Format::json;
  });
}

std::string select_text(const Survey& survey) {
  const auto records = pool_records(survey);
  const auto budget = std::clamp<std::uint64_t>(records / 10, 1, largest_budget);
  return "  - select:\n" + commented("      method: k-center", "farpoint help select has the others") +
         "      vectors: emb\n" +
         commented(fmt::format("      budget: {{records: {}}}", budget),
                   fmt::format("of {}; also fraction, tokens or radius", format_count(records)));
}

std::string export_text(const Survey& survey, const SampleCounts& sample) {
  const auto line = fmt::format("  - export: {{format: {}, path: subset.{}}}", export_format(sample),
                                all_are_arrays(survey) ? "json" : "jsonl");
  if (sample.schemas.size() < 2) return line + "\n";
  return commented(line, "the records as they are, of several schemas; messages, sharegpt or alpaca writes one");
}

std::string faults_text(const SampleCounts& sample) {
  const auto faulty = share(sample.faulty, sample.records);
  // The run would end after its first stage; the sample may have met few of them.
  const double usual = pipeline::CorpusOptions{}.max_reject_fraction;
  if (2 * faulty <= usual) return "";
  const auto limit = std::min(1.0, std::ceil(100 * (2 * faulty + usual)) / 100);
  return fmt::format(
      "  # {} of the sampled records are faulty (rejects.jsonl will name them); the default is {:.2f}\n"
      "  max_reject_fraction: {:.2f}\n",
      percent(faulty), usual, limit);
}

}  // namespace

std::string describe(const SurveyedSource& source) {
  auto text = fmt::format("{}{} {}", source.is_exact ? "" : "about ", format_count(source.records),
                          source.holds_vectors() ? "vectors"
                          : source.records == 1  ? "record"
                                                 : "records");
  if (source.files.size() > 1) text += fmt::format(" in {} files", format_count(source.files.size()));
  if (source.holds_vectors()) return text + fmt::format(" of {} numbers", source.width);
  std::vector<std::string> schemas;
  for (const auto& [schema, number] : source.sample.schemas) schemas.emplace_back(schema_name(schema));
  if (schemas.size() == 1) text += ", " + schemas.front();
  if (schemas.size() > 1) text += fmt::format(", several schemas ({})", fmt::join(schemas, ", "));
  if (source.compression != corpus::Compression::none) text += ", compressed";
  if (!source.sample.words.empty()) text += fmt::format(", about {} words", format_count(source.sample.median_words()));
  const auto languages = languages_text(source.sample);
  if (!languages.empty()) text += ", " + languages;
  text += faults_of(source.sample);
  // Of a glob that people gave; what is found in folders is parted.
  const bool is_unlike = source.files.size() > 1 && !source.faulty_file.empty();
  if (is_unlike) text += fmt::format("; {} is unlike the others: make it a source of its own", source.faulty_file);
  return text;
}

std::uint64_t pool_records(const Survey& survey) {
  std::uint64_t records = 0;
  const bool vectors = only_vectors(survey);
  for (const auto& source : survey.sources) records += is_pool(source, vectors) ? source.records : 0;
  return records;
}

SampleCounts pool_sample(const Survey& survey) {
  SampleCounts sample;
  for (const auto& source : survey.sources) {
    if (is_pool(source, false)) sample.add(source.sample);
  }
  return sample;
}

std::string draft_configuration(const Survey& survey, const fs::path& output) {
  if (pool_records(survey) == 0) {
    std::string troubles;
    for (const auto& source : survey.sources) {
      troubles += fmt::format("\n  {}: {}", source.path, source.trouble.empty() ? "holds no record" : source.trouble);
    }
    throw UsageError(troubles.empty() ? "no data here: farpoint reads .parquet, and .jsonl .ndjson .json .txt .npy, "
                                        "each also .gz or .zst; name the files: farpoint init FILES..."
                                      : "none of this can be used:" + troubles);
  }
  const auto sample = pool_sample(survey);
  const bool vectors = only_vectors(survey);
  const auto stem = output.stem().string();
  std::string text =
      "# Written by farpoint init, from a sample of the files. It runs as it is; lines behind a # are suggestions.\n"
      "# farpoint help JOB, such as farpoint help select, and docs/configuration.md say what may stand here.\n\n";
  text += fmt::format("run:\n  output: {}    # relative to the folder in which farpoint is called\n\n",
                      yaml((fs::path("runs") / stem).string()));
  text += "corpus:\n" + faults_text(sample) + pool_text(survey, output) + "\npipeline:\n";
  if (!vectors) {
    text += clean_text(sample) + dedup_text(sample) + attach_text(survey, output);
    text += commented("  - embed: {as: emb}", "built in; a model's vectors are often better: docs/models.md");
  }
  text += select_text(survey);
  if (!vectors) text += export_text(survey, sample);
  return text + commented("  - report: {}", "report.html: what was chosen, and what that is worth");
}

}  // namespace farpoint::cli
