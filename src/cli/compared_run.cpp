// SPDX-License-Identifier: Apache-2.0
#include "compared_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/store/table_file.hpp"
#include "farpoint/text/beginning.hpp"
#include "jobs.hpp"
#include "json_file.hpp"
#include "subset_attributes.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;

constexpr std::uint64_t block_rows = 4096;
constexpr std::size_t example_characters = 600;

/// "run.seed", "pipeline[1].select.method" and what stands there.
void flatten(const Node& node, const std::string& path, std::map<std::string, std::string>& options) {
  switch (node.kind) {
    case Node::Kind::map:
      for (const auto& entry : node.entries) {
        flatten(entry.value, path.empty() ? entry.key : path + "." + entry.key, options);
      }
      break;
    case Node::Kind::list:
      for (std::size_t i = 0; i < node.items.size(); ++i)
        flatten(node.items[i], fmt::format("{}[{}]", path, i), options);
      break;
    default:
      options[path] = node.text;
  }
}

/// The options of a run but for where it lies.
std::map<std::string, std::string> options_of(const RunFolder& folder) {
  std::map<std::string, std::string> options;
  flatten(parse_yaml(read_file(folder.config()), folder.config().string()), "", options);
  options.erase("run.output");
  return options;
}

/// Lengths of a chosen record's text; records that are only vectors have none.
struct Lengths {
  double characters = std::numeric_limits<double>::quiet_NaN();
  double words = std::numeric_limits<double>::quiet_NaN();
};

/// Reads texts of records by the fields of their sources.
class TextReader {
 public:
  explicit TextReader(const std::vector<corpus::SourceSpec>& specs) : specs_(specs) {}

  std::string text(std::string_view json, std::uint32_t source) {
    const auto& spec = specs_.at(source);
    if (!spec.as.empty()) return "";
    const auto parsed = parser_.parse(json, spec.fields);
    const auto* record = std::get_if<corpus::Record>(&parsed);
    return record == nullptr ? "" : corpus::view(*record, corpus::TextView::full);
  }

 private:
  const std::vector<corpus::SourceSpec>& specs_;
  corpus::RecordParser parser_;
};

Lengths lengths_of(const std::string& text) {
  if (text.empty()) return {};
  const auto statistics = clean::text_statistics(text);
  return {static_cast<double>(statistics.characters), static_cast<double>(statistics.words)};
}

using Records = std::function<void(std::uint64_t row, std::string_view json, std::uint32_t source)>;

void for_each_record(const store::TableFile& table, std::uint64_t count, const Records& visit) {
  for (std::uint64_t begin = 0; begin < count; begin += block_rows) {
    const auto records = table.read("record", begin, block_rows);
    const auto sources = table.read("source_index", begin, block_rows);
    const auto& texts = records.as<store::Strings>();
    const auto& indices = sources.as<std::vector<std::uint32_t>>();
    if (texts.size() != indices.size() || texts.size() != std::min<std::uint64_t>(block_rows, count - begin)) {
      throw store::DamagedFile(
          "subset.h5: /id, /record and /source_index are of different lengths; delete it and run again");
    }
    for (std::size_t i = 0; i < texts.size(); ++i) visit(begin + i, texts[i], indices[i]);
  }
}

/// Brings what was read in order of choice into the order of ids.
template <typename T>
void reorder(std::vector<T>& values, const std::vector<std::size_t>& order) {
  std::vector<T> ordered;
  ordered.reserve(values.size());
  if (values.size() != order.size()) {
    throw store::DamagedFile(
        "subset.h5: columns of the chosen records are of different lengths; delete it and run again");
  }
  for (const auto row : order) ordered.push_back(values[row]);
  values = std::move(ordered);
}

void read_chosen_records(const store::TableFile& table, const std::vector<corpus::SourceSpec>& specs,
                         ComparedRun& run) {
  run.ids = table.read("id", 0, ~std::uint64_t{0}).as<std::vector<std::uint64_t>>();
  const auto names = table.read("source", 0, ~std::uint64_t{0});
  const auto& sources = names.as<store::Strings>();
  for (std::size_t i = 0; i < sources.size(); ++i) run.sources.emplace_back(sources[i]);
  TextReader reader(specs);
  auto& characters = run.numbers["characters"];
  auto& words = run.numbers["words"];
  for_each_record(table, run.ids.size(), [&](std::uint64_t, std::string_view json, std::uint32_t source) {
    run.hashes.push_back(hash64(json));
    const auto lengths = lengths_of(reader.text(json, source));
    characters.push_back(lengths.characters);
    words.push_back(lengths.words);
  });
  constexpr std::string_view scores = "scores/";
  for (const auto& column : table.columns()) {
    if (!column.name.starts_with(scores)) continue;
    run.numbers[column.name.substr(scores.size())] =
        table.read(column.name, 0, ~std::uint64_t{0}).as<std::vector<double>>();
  }
  std::vector<std::size_t> order(run.ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return run.ids[a] < run.ids[b]; });
  reorder(run.ids, order);
  reorder(run.hashes, order);
  reorder(run.sources, order);
  for (auto& [name, values] : run.numbers) reorder(values, order);
}

/// What the distances of a run are measured in: equal of two runs when their vectors are the same.
std::string vectors_hash(const FinishedRun& run) {
  for (const auto& column : store::TableFile(run.folder().subset()).columns()) {
    constexpr std::string_view vectors = "vectors/";
    if (column.name.starts_with(vectors)) return run.column_hash(column.name.substr(vectors.size()));
  }
  return "";
}

}  // namespace

ComparedRun read_run(const std::filesystem::path& folder) {
  const FinishedRun finished(folder, jobs::all_jobs());
  if (!finished.has_subset()) {
    throw UsageError(fmt::format("{}: the run has chosen no subset: {}", folder.string(),
                                 finished.selects() ? "it has not finished its select, or subset.h5 was changed since; "
                                                      "run the same command again"
                                                    : "its pipeline has no select"));
  }
  ComparedRun run;
  run.name = folder.string();
  run.options = options_of(finished.folder());
  run.summary = finished.summary();
  const store::TableFile table(finished.folder().subset());
  run.pool_hash = jobs::text_attribute(table, "pool_sha");
  run.method = jobs::text_attribute(table, "method");
  if (const auto* select = run.summary.find("select"); select != nullptr && select->facts.contains("radius")) {
    run.radius = select->facts.at("radius");
  }
  const auto coverage = folder / "coverage.json";
  if (std::filesystem::exists(coverage)) run.coverage = jobs::read_json_file(coverage);
  run.vectors_hash = vectors_hash(finished);
  read_chosen_records(table, finished.config().corpus.pool, run);
  return run;
}

std::vector<ChosenText> first_chosen(const std::filesystem::path& folder, std::size_t count,
                                     const std::function<bool(std::uint64_t id, std::uint64_t hash)>& is_wanted) {
  const FinishedRun finished(folder, jobs::all_jobs());
  const store::TableFile table(finished.folder().subset());
  TextReader reader(finished.config().corpus.pool);
  const auto column = table.read("id", 0, ~std::uint64_t{0});
  const auto& ids = column.as<std::vector<std::uint64_t>>();
  std::vector<ChosenText> found;
  for_each_record(table, ids.size(), [&](std::uint64_t row, std::string_view json, std::uint32_t source) {
    if (found.size() >= count || !is_wanted(ids[row], hash64(json))) return;
    const auto text = reader.text(json, source);
    const auto name = table.read("source", row, 1);
    found.push_back(
        {ids[row], std::string(name.as<store::Strings>()[0]), std::string(text::beginning(text, example_characters))});
  });
  return found;
}

}  // namespace farpoint::cli
