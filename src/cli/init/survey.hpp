// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/source.hpp"

/// What somebody's files hold, told from a sample of them.
namespace farpoint::cli {

/// What a sample of records says of a source, or of all.
struct SampleCounts {
  std::uint64_t records = 0;                      ///< that were looked at
  std::uint64_t faulty = 0;                       ///< of them: no JSON, no UTF-8, no text, too long
  std::map<corpus::Fault, std::uint64_t> faults;  ///< the faulty ones by reason
  std::uint64_t html = 0;                         ///< of them: with markup
  std::uint64_t tools = 0;                        ///< with tool calls
  std::uint64_t copies = 0;                       ///< with a text that an earlier one has
  std::vector<std::uint64_t> words;
  std::map<std::string, std::uint64_t> languages;  ///< by code, of those that are told with certainty
  std::map<corpus::Schema, std::uint64_t> schemas;

  void add(const SampleCounts& other);
  bool is_mostly_faulty() const { return faulty * 2 > records; }
  std::uint64_t median_words() const;
  /// Their schema, where all have one.
  const corpus::Schema* only_schema() const;
};

/// What becomes an entry of corpus.pool.
struct SurveyedSource {
  std::string path;  ///< a file, or a glob, relative to the working folder or absolute
  std::string name;
  std::vector<std::filesystem::path> files;
  corpus::Format format = corpus::Format::automatic;
  corpus::Compression compression = corpus::Compression::none;
  std::uint64_t records = 0;
  bool is_exact = false;  ///< they were counted, not estimated
  bool has_empty_file = false;
  std::string faulty_file;        ///< one of several, of which most records cannot be read as those of the others are
  std::uint64_t width = 0;        ///< of vectors
  corpus::FieldMap fields;        ///< guessed, where no known schema fits
  std::vector<std::string> keys;  ///< seen in records of no known schema
  std::string trouble;            ///< why it cannot be used; empty: it can
  SampleCounts sample;

  bool holds_vectors() const { return format == corpus::Format::npy; }
};

struct Survey {
  std::vector<SurveyedSource> sources;
  /// Files in folders that nobody would read as data ("README.md"): told by their number.
  std::uint64_t passed_over = 0;
};

/// Looks at files, globs and folders (with all below them; files of one folder and ending become one source). Reads at
/// most some MiB of each. Throws UsageError naming what does not exist.
Survey survey(const std::vector<std::string>& arguments);

std::string_view schema_name(corpus::Schema schema);

}  // namespace farpoint::cli
