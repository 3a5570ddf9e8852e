// SPDX-License-Identifier: Apache-2.0
#include "site.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "batch_values.hpp"
#include "farpoint/base/atomic_file.hpp"

namespace farpoint::cli {

namespace {

using pipeline::ConfigError;
using pipeline::Node;

/// A line break would begin a line of its own in the script.
void check_lines(const Node& node) {
  if (has_control_characters(node.text))
    throw ConfigError(node.place, "line breaks and control characters are refused");
  for (const auto& item : node.items) check_lines(item);
  for (const auto& entry : node.entries) check_lines(entry.value);
}

void check_directives(const Node& root) {
  const auto* list = root.find("directives");
  if (list == nullptr) return;
  for (const auto& item : list->items) {
    if (item.text.starts_with("--")) continue;
    throw ConfigError(item.place,
                      fmt::format("'directives' are options of sbatch, such as --exclusive, not '{}'", item.text));
  }
}

void check_environment(const Node& root) {
  const auto* map = root.find("environment");
  if (map == nullptr) return;
  for (const auto& entry : map->entries) {
    if (is_variable_name(entry.key)) continue;
    throw ConfigError(entry.place, fmt::format("'{}' cannot be the name of a variable", entry.key));
  }
}

void check(const Site& site, const Node& root) {
  check_lines(root);
  check_directives(root);
  check_environment(root);
  if (!site.gpu_flag.starts_with("--") || site.gpu_flag.find("{n}") == std::string::npos) {
    throw ConfigError(root.place_of("gpu_flag"),
                      fmt::format("'gpu_flag' must be an option of sbatch with {{n}} in it, such as --gres=gpu:{{n}}, "
                                  "not '{}'",
                                  site.gpu_flag));
  }
  if (!site.memory_per_node.empty() && !slurm_memory(site.memory_per_node)) {
    throw ConfigError(
        root.place_of("memory_per_node"),
        fmt::format("'memory_per_node' must be a number with a unit, such as 64G, not '{}'", site.memory_per_node));
  }
  // Slurm keeps the seconds in 16 bits.
  pipeline::check_bounds(root.place_of("signal_seconds"), "signal_seconds", site.signal_seconds, 1, 65535);
  pipeline::check_bounds(root.place_of("max_restarts"), "max_restarts", site.max_restarts, 0, 1000000);
}

}  // namespace

pipeline::Fields<Site> Site::fields() {
  using pipeline::option;
  return {option("partition", &Site::partition, "--partition"),
          option("account", &Site::account, "--account"),
          option("qos", &Site::qos, "--qos"),
          option("reservation", &Site::reservation, "--reservation"),
          option("constraint", &Site::constraint, "--constraint"),
          option("directives", &Site::directives, "further options of sbatch"),
          option("modules", &Site::modules, "loaded in this order"),
          option("setup", &Site::setup, "lines of shell that run first"),
          option("environment", &Site::environment, "variables"),
          option("scratch", &Site::scratch, "TMPDIR of the job"),
          option("program", &Site::program, "farpoint on the nodes"),
          option("launcher", &Site::launcher, "what starts the ranks"),
          option("mpi", &Site::mpi, "srun --mpi"),
          option("launcher_arguments", &Site::launcher_arguments, "further arguments of the launcher"),
          option("binding", &Site::binding, "the launcher's option of binding"),
          option("gpu_flag", &Site::gpu_flag, "how GPUs are asked for"),
          option("memory_per_node", &Site::memory_per_node, "--mem"),
          option("signal_seconds", &Site::signal_seconds, "how long before the time limit the run is told to stop"),
          option("max_restarts", &Site::max_restarts, "how often a job is requeued")};
}

Site read_site(const std::filesystem::path& file) {
  std::string text;
  try {
    text = read_file(file);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  const auto root = pipeline::parse_yaml(text, file.string());
  const auto site = pipeline::decode<Site>(root, "site");
  check(site, root);
  return site;
}

Site find_site(const std::string& file) {
  if (!file.empty()) return read_site(file);
  if (const char* named = std::getenv("FARPOINT_SITE"); named != nullptr && *named != '\0') return read_site(named);
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    const auto own = std::filesystem::path(home) / ".config/farpoint/site.yaml";
    std::error_code ignored;
    if (std::filesystem::exists(own, ignored)) return read_site(own);
  }
  return {};
}

}  // namespace farpoint::cli
