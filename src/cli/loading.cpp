// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/string.hpp>
#include <optional>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "jobs.hpp"
#include "loaded.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;

/// What a path for --set begins with must be there: else a mistyped job would be a new part of the configuration.
void check_beginning(const Node& root, const std::string& setting, std::string_view first) {
  std::vector<std::string> known{"run", "corpus", "models", "pipeline"};
  if (const auto* pipeline = root.find("pipeline")) {
    for (const auto& item : pipeline->items) {
      for (const auto& entry : item.entries) {
        known.push_back(entry.key);
        if (entry.key != "parallel") continue;
        for (const auto& inner : entry.value.items) {
          for (const auto& job : inner.entries) known.push_back(job.key);
        }
      }
    }
  }
  if (root.find(first) != nullptr || std::find(known.begin(), known.end(), first) != known.end()) return;
  const auto hint = suggestion(first, known);
  throw UsageError(
      fmt::format("--set {}: neither a part of the configuration nor a job of its pipeline is called "
                  "'{}'{}",
                  setting, first, hint));
}

void apply_setting(Node& root, const std::string& setting) {
  const auto equals = setting.find('=');
  if (equals == std::string::npos) throw UsageError(fmt::format("--set {}: this is not KEY=VALUE", setting));
  const auto path = std::string_view(setting).substr(0, equals);
  check_beginning(root, setting, path.substr(0, path.find('.')));
  set_by_path(root, path, std::string_view(setting).substr(equals + 1));
}

/// The folder that relative paths start from, the same however the configuration's path is spelt: the names of files
/// are part of what shards depend on.
std::filesystem::path folder_of(const std::string& config) {
  const auto path = std::filesystem::absolute(config);
  auto plain = path.lexically_normal().parent_path();
  std::error_code ignored;
  // Behind a link to a folder '..' is not where it seems to be.
  if (std::filesystem::equivalent(path.parent_path(), plain, ignored)) return plain;
  return std::filesystem::weakly_canonical(path.parent_path());
}

/// By its name. A .json may be a configuration: YAML takes JSON.
bool is_data(const std::string& path) {
  static constexpr std::string_view endings[] = {".jsonl", ".ndjson", ".txt", ".parquet", ".npy", ".gz", ".zst"};
  return std::any_of(std::begin(endings), std::end(endings), [&](auto ending) { return path.ends_with(ending); });
}

std::string read_configuration(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    throw UsageError(fmt::format("{}: there is no such file; farpoint init FILES... writes a configuration", path));
  }
  if (std::filesystem::is_directory(path)) {
    const auto inside = (std::filesystem::path(path) / "config.yaml").string();
    throw UsageError(std::filesystem::exists(inside)
                         ? fmt::format("{}: this is a folder; its configuration is {}", path, inside)
                         : fmt::format("{0}: this is a folder; farpoint init {0} writes a configuration for it", path));
  }
  if (is_data(path)) {
    throw UsageError(
        fmt::format("{0}: this is data by its name, and no configuration; farpoint init {0} writes one", path));
  }
  try {
    return read_file(path);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

/// A configuration with all that is wrong with it.
struct Checked {
  Node root;
  Loaded loaded;
  std::vector<Problem> problems;
};

Checked check(const std::string& text, const RunArguments& arguments) {
  Checked checked;
  Problems problems;
  attempt([&] {
    checked.root = parse_yaml(text, arguments.config);
    for (const auto& setting : arguments.set) attempt([&] { apply_setting(checked.root, setting); });
    auto& config = checked.loaded.config;
    config = read_config(checked.root, folder_of(arguments.config));
    if (!arguments.output.empty()) config.run.output = arguments.output;
    checked.loaded.plan = make_plan(config, jobs::all_jobs(), arguments.until);
  });
  checked.problems = problems.sorted();
  return checked;
}

/// Where the configuration names the source.
Place place_of_source(const Node& root, Population population, const std::string& path) {
  const auto* corpus = root.find("corpus");
  const auto* list = corpus == nullptr ? nullptr : corpus->find(name_of(population));
  if (list == nullptr) return root.place;
  for (const auto& item : list->items) {
    const auto* node = item.find("path");
    if (node != nullptr && node->text == path) return node->place;
  }
  return list->place;
}

/// The file beside a missing one whose name is nearest, as a suggestion.
std::string nearest_file(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return "";
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(path.parent_path(), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return suggestion(path.filename().string(), names);
}

/// Adds the sources that cannot be used. Opens each of their files.
void add_missing_inputs(const Node& root, const Config& config, std::vector<Problem>& problems) {
  for (const auto population : populations) {
    for (const auto& spec : sources_of(config.corpus, population)) {
      if (spec.path.empty()) continue;  // has been said
      try {
        corpus::resolve(std::span(&spec, 1), config.folder);
      } catch (const Error& error) {
        problems.push_back(
            {place_of_source(root, population, spec.path), error.what() + nearest_file(config.folder / spec.path)});
      }
    }
  }
}

/// Throws what rank 0 has found on every rank, where it has found something. Collective.
void throw_alike(comm::Communicator& comm, const std::vector<Problem>& problems, std::vector<Problem>* found) {
  std::string text = comm.rank() == 0 ? to_text(problems) : "";
  comm::broadcast_object(comm, text, 0);
  if (text.empty()) return;
  if (comm.rank() == 0 && found != nullptr) *found = problems;
  throw comm::AgreedError(text, ExitCode::usage);
}

std::vector<Problem> in_order(const std::vector<Problem>& problems) {
  Problems all;
  for (const auto& problem : problems) all.add(problem);
  return all.sorted();
}

std::string read_for_all(comm::Communicator& comm, const RunArguments& arguments) {
  std::string text;
  comm::agree(comm, [&] {
    if (comm.rank() == 0) text = read_configuration(arguments.config);
  });
  comm::broadcast_object(comm, text, 0);
  return text;
}

}  // namespace

Loaded load(comm::Communicator& comm, const RunArguments& arguments, std::vector<Problem>* found) {
  const auto text = read_for_all(comm, arguments);
  Checked checked;
  comm::agree(comm, [&] {
    checked = check(text, arguments);
    if (comm.rank() != 0 || checked.problems.empty()) return;
    add_missing_inputs(checked.root, checked.loaded.config, checked.problems);
    checked.problems = in_order(checked.problems);
  });
  throw_alike(comm, checked.problems, found);
  // A file that one node alone cannot see.
  comm::agree(comm, [&] {
    if (!checked.problems.empty()) throw UsageError(to_text(checked.problems));
  });
  return std::move(checked.loaded);
}

CorpusFiles find_inputs(comm::Communicator& comm, const RunArguments& arguments, const Loaded& loaded,
                        std::vector<Problem>* found) {
  std::optional<comm::AgreedError> failure;
  try {
    return resolve_corpus(comm, loaded.config);
  } catch (const comm::AgreedError& error) {
    failure = error;
  }
  const auto text = read_for_all(comm, arguments);
  std::vector<Problem> problems;
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    add_missing_inputs(check(text, arguments).root, loaded.config, problems);
    problems = in_order(problems);
  });
  // A run that can be repeated when a file system is back must not look like one whose configuration is wrong.
  if (failure->code() == ExitCode::usage) throw_alike(comm, problems, found);
  throw comm::AgreedError(*failure);
}

}  // namespace farpoint::cli
