// SPDX-License-Identifier: Apache-2.0
#include "survey.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "farpoint/clean/html.hpp"
#include "farpoint/clean/language.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "farpoint/corpus/npy.hpp"
#include "farpoint/corpus/sample.hpp"
#include "guess.hpp"

namespace farpoint::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_sampled_files = 32;  // of a source; more say little new
constexpr corpus::SampleLimits limits{.bytes = 4U << 20, .records = 500, .seed = 17};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// ".jsonl", ".jsonl.gz"; "" of what is no data by its name.
std::string data_ending(const fs::path& path) {
  auto outer = lower(path.extension().string());
  std::string inner = outer;
  if (outer == ".gz" || outer == ".zst") {
    inner = lower(path.stem().extension().string());
  } else {
    outer.clear();
  }
  static constexpr std::array<std::string_view, 6> known{".jsonl", ".ndjson", ".json", ".txt", ".parquet", ".npy"};
  return std::find(known.begin(), known.end(), inner) == known.end() ? "" : inner + outer;
}

bool is_run(const fs::path& folder) {
  return fs::exists(folder / "config.yaml") && fs::is_directory(folder / "stages");
}

/// The files below a folder by folder and ending; runs of this program and hidden names are passed over.
using Kinds = std::map<std::pair<fs::path, std::string>, std::vector<fs::path>>;
Kinds files_below(const fs::path& folder, std::uint64_t& passed_over) {
  Kinds kinds;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const auto& path = entry->path();
    if (path.filename().native().starts_with('.') || (entry->is_directory() && is_run(path))) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      const auto ending = data_ending(path);
      if (ending.empty()) {
        ++passed_over;
      } else {
        kinds[{path.parent_path(), ending}].push_back(path);
      }
    }
  }
  if (error) throw UsageError(fmt::format("{}: cannot be searched: {}", folder.string(), error.message()));
  for (auto& [kind, files] : kinds) std::sort(files.begin(), files.end());
  return kinds;
}

/// The files of a path, with the format of each; by what it says itself where they hold vectors.
std::vector<corpus::InputFile> resolve(const std::string& pattern) {
  corpus::SourceSpec spec{.path = pattern};
  const bool is_npy = data_ending(pattern).starts_with(".npy");
  if (is_npy) spec.as = "emb";
  return corpus::resolve(std::span(&spec, 1), fs::current_path());
}

/// Names stand in quotas and tables.
std::string name_for(const fs::path& path, std::set<std::string>& taken) {
  const auto stem = path.filename().string();
  std::string name;
  for (const char c : std::string_view(stem).substr(0, stem.find('.'))) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    if (is_plain) name += c;
    if (!is_plain && !name.empty() && name.back() != '-') name += '-';  // one for all bytes of a letter
  }
  while (name.ends_with('-')) name.pop_back();
  if (name.empty()) name = "data";
  auto free = name;
  for (int i = 2; !taken.insert(free).second; ++i) free = fmt::format("{}-{}", name, i);
  return free;
}

void count_record(const corpus::Record& record, std::set<Hash128>& seen, SampleCounts& counts) {
  const auto text = corpus::view(record, corpus::TextView::full);
  ++counts.schemas[record.schema];
  counts.words.push_back(clean::text_statistics(text).words);
  std::string stripped;
  if (clean::strip_html(text, stripped)) ++counts.html;
  const auto language = clean::detect_language(text);
  if (language.reliable) ++counts.languages[language.code];
  const bool has_tools = std::any_of(record.turns.begin(), record.turns.end(), [](const corpus::Turn& turn) {
    return turn.role == corpus::Role::tool_call || turn.role == corpus::Role::tool;
  });
  if (has_tools) ++counts.tools;
  if (!seen.insert(hash128(text)).second) ++counts.copies;
}

/// Reads texts as records of the source's format.
SampleCounts count(std::span<const std::string> texts, corpus::Format format, const corpus::FieldMap& fields,
                   std::set<Hash128>& seen) {
  SampleCounts counts;
  corpus::RecordParser parser;
  const auto refuse = [&](corpus::Fault fault) {
    ++counts.faulty;
    ++counts.faults[fault];
  };
  for (const auto& text : texts) {
    ++counts.records;
    if (format == corpus::Format::txt && !corpus::is_valid_utf8(text)) {
      refuse(corpus::Fault::bad_utf8);
      continue;
    }
    const auto parsed = parser.parse(format == corpus::Format::txt ? corpus::text_record(text) : text, fields);
    if (const auto* record = std::get_if<corpus::Record>(&parsed)) {
      count_record(*record, seen, counts);
    } else {
      refuse(std::get<corpus::Fault>(parsed));
    }
  }
  return counts;
}

/// The same of the texts of the source's first files; `ends` says where those of each end. Notes a file unlike the
/// others.
SampleCounts count_files(std::span<const std::string> texts, std::span<const std::size_t> ends, SurveyedSource& source,
                         std::set<Hash128>& seen) {
  SampleCounts all;
  source.faulty_file.clear();
  std::size_t begin = 0;
  for (std::size_t file = 0; file < ends.size(); begin = ends[file++]) {
    const auto counts = count(texts.subspan(begin, ends[file] - begin), source.format, source.fields, seen);
    if (source.faulty_file.empty() && counts.is_mostly_faulty()) source.faulty_file = source.files[file].string();
    all.add(counts);
  }
  return all;
}

void look_at_vectors(SurveyedSource& source, const std::vector<corpus::InputFile>& files) {
  for (const auto& file : files) {
    const corpus::NpyFile npy(file.path, file.compression);
    source.records += npy.rows();
    source.width = npy.width();
  }
  source.is_exact = true;
}

/// What is wrong with a source of which most records cannot be read.
std::string trouble_with(const SurveyedSource& source, const SampleCounts& counts) {
  if (source.records == 0) return "holds no record";
  if (!counts.is_mostly_faulty()) return "";
  if (source.files.size() > 1 && counts.faulty < counts.records)
    return "its files are unlike each other; name them apart";
  if (source.keys.empty()) return "holds no JSON objects; is the ending of its name right?";
  return fmt::format("no known schema, and no key that holds a text; its keys are {}", fmt::join(source.keys, ", "));
}

void look_at_records(SurveyedSource& source, const std::vector<corpus::InputFile>& files, std::set<Hash128>& seen) {
  std::vector<std::string> texts;
  std::vector<std::size_t> ends;
  source.is_exact = files.size() <= most_sampled_files;
  for (const auto& file : std::span(files).first(std::min(files.size(), most_sampled_files))) {
    auto sample = corpus::sample_file(file, limits);
    source.records += sample.records;
    source.is_exact = source.is_exact && sample.is_exact;
    source.has_empty_file = source.has_empty_file || sample.records == 0;
    std::move(sample.texts.begin(), sample.texts.end(), std::back_inserter(texts));
    ends.push_back(texts.size());
  }
  if (!ends.empty()) source.records = source.records * files.size() / ends.size();
  std::set<Hash128> tried = seen;
  auto counts = count_files(texts, ends, source, tried);
  if (counts.is_mostly_faulty() && source.format != corpus::Format::txt) {
    source.keys = keys_of(texts);
    source.fields = guess_fields(texts);
    if (!source.fields.empty()) {
      tried = seen;
      counts = count_files(texts, ends, source, tried);
    }
  }
  seen = std::move(tried);
  source.trouble = trouble_with(source, counts);
  source.sample = std::move(counts);
}

SurveyedSource look_at(const std::string& path, const std::string& name, std::set<Hash128>& seen) {
  SurveyedSource source;
  source.path = path;
  source.name = name;
  try {
    const auto files = resolve(path);
    for (const auto& file : files) source.files.push_back(file.path);
    source.format = files.front().format;
    source.compression = files.front().compression;
    const bool is_mixed = std::any_of(files.begin(), files.end(), [&](const auto& file) {
      return (file.format == corpus::Format::npy) != source.holds_vectors();
    });
    if (is_mixed) {
      source.trouble = "holds texts and vectors; name them apart";
    } else if (source.holds_vectors()) {
      look_at_vectors(source, files);
    } else {
      look_at_records(source, files, seen);
    }
  } catch (const Error& error) {
    source.trouble = error.what();
  }
  return source;
}

class Surveyor {
 public:
  void look(const std::string& argument) {
    std::error_code ignored;
    if (fs::is_directory(argument, ignored)) {
      for (const auto& [kind, files] : files_below(argument, survey_.passed_over)) look_at_kind(kind, files);
    } else {
      // A glob, or a file; names nothing: that is an error, and not a source in trouble.
      if (!fs::exists(argument, ignored) && argument.find_first_of("*?[") == std::string::npos) {
        throw UsageError(fmt::format("{}: there is no such file or folder", argument));
      }
      const bool is_file = fs::exists(argument, ignored);
      add(look_at(argument, name_for(is_file ? fs::path(argument) : fs::path(argument).parent_path(), names_), seen_));
    }
  }

  Survey finish() && { return std::move(survey_); }

 private:
  /// Files of one folder and ending are one source where they are alike, else one each.
  void look_at_kind(const std::pair<fs::path, std::string>& kind, const std::vector<fs::path>& files) {
    const auto& [folder, ending] = kind;
    const auto path_of = [](const fs::path& path) { return path.lexically_normal().string(); };
    if (files.size() > 1) {
      const auto pattern = path_of(corpus::quoted_pattern(folder.string()) + "/*" + ending);
      const auto before = seen_;
      auto together = look_at(pattern, "", seen_);
      const bool are_alike = together.trouble.empty() && !together.has_empty_file && together.faulty_file.empty() &&
                             (together.holds_vectors() || together.sample.only_schema()) &&
                             together.files.size() == files.size();
      if (are_alike) {
        together.name = name_for(fs::absolute(folder).lexically_normal(), names_);
        return add(std::move(together));
      }
      seen_ = before;
    }
    for (const auto& file : files) {
      add(look_at(path_of(file), name_for(file, names_), seen_));
    }
  }

  void add(SurveyedSource source) { survey_.sources.push_back(std::move(source)); }

  Survey survey_;
  std::set<std::string> names_;
  std::set<Hash128> seen_;  // hashes of sampled texts
};

}  // namespace

void SampleCounts::add(const SampleCounts& other) {
  records += other.records;
  faulty += other.faulty;
  for (const auto& [fault, number] : other.faults) faults[fault] += number;
  html += other.html;
  tools += other.tools;
  copies += other.copies;
  words.insert(words.end(), other.words.begin(), other.words.end());
  for (const auto& [code, number] : other.languages) languages[code] += number;
  for (const auto& [schema, number] : other.schemas) schemas[schema] += number;
}

std::uint64_t SampleCounts::median_words() const {
  if (words.empty()) return 0;
  auto sorted = words;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

const corpus::Schema* SampleCounts::only_schema() const {
  return schemas.size() == 1 ? &schemas.begin()->first : nullptr;
}

std::string_view schema_name(corpus::Schema schema) {
  // In the order of the enumeration.
  static constexpr std::array<std::string_view, 10> names{
      "Alpaca", "prompt and completion", "question and answer", "ShareGPT", "messages", "XTuner",
      "text",   "multiple choice",       "fields of its own",   "vectors"};
  return names.at(static_cast<std::size_t>(schema));
}

Survey survey(const std::vector<std::string>& arguments) {
  Surveyor surveyor;
  for (const auto& argument : arguments) surveyor.look(argument);
  return std::move(surveyor).finish();
}

}  // namespace farpoint::cli
