// SPDX-License-Identifier: Apache-2.0
// The parts of a configuration as `farpoint jobs` and `farpoint help` tell of them; docs/configuration.md is made from
// the same structs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/config.hpp"
#include "jobs.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;

struct Topic {
  std::string name;
  std::string summary;
  bool is_job = false;
  std::vector<FieldDoc> fields;
};

/// "corpus.pool[], corpus.curated[], ..." is told of with "corpus".
std::string short_name(const std::string& section) {
  return section.substr(0, section.find_first_of(".["));
}

/// Before a key of a section that stands inside another one.
std::string prefix_of(const std::string& section) {
  if (section.starts_with("corpus.")) return "pool[].";
  return section.find('.') == std::string::npos ? "" : section.substr(section.find('.') + 1) + ".";
}

std::vector<Topic> all_topics() {
  std::vector<Topic> topics;
  for (const auto& type : jobs::all_jobs()) topics.push_back({type.name, type.summary, true, type.document()});
  for (const auto& [section, fields] : document_config()) {
    const auto name = short_name(section);
    if (topics.back().name != name) topics.push_back({name, "a part of the configuration beside the jobs", false, {}});
    for (auto field : fields) {
      field.key = prefix_of(section) + field.key;
      topics.back().fields.push_back(std::move(field));
    }
  }
  return topics;
}

Topic find_topic(const std::string& name) {
  const auto topics = all_topics();
  const auto found = std::find_if(topics.begin(), topics.end(), [&](const Topic& topic) { return topic.name == name; });
  if (found != topics.end()) return *found;
  throw UsageError(
      fmt::format("there is no job '{}'{}; farpoint jobs lists them", name, suggestion(name, topic_names())));
}

/// Of an enumeration, whose type is "top or random or ...".
bool is_value_of(const FieldDoc& field, const std::string& word) {
  if (field.type == "true or false" || field.type.find(" or ") == std::string::npos) return false;
  return (" or " + field.type + " or ").find(" or " + word + " or ") != std::string::npos;
}

std::string field_text(const FieldDoc& field) {
  const bool has_default = !field.required && !field.fallback.empty() && field.fallback != "~";
  return fmt::format("  {}: {}{}{}\n      {}\n", field.key, field.type, field.required ? " (needed)" : "",
                     has_default ? fmt::format(" [{}]", field.fallback) : "", field.help);
}

nlohmann::ordered_json to_json(const Topic& topic) {
  nlohmann::ordered_json options = nlohmann::ordered_json::array();
  for (const auto& field : topic.fields) {
    options.push_back({{"key", field.key},
                       {"type", field.type},
                       {"default", field.fallback},
                       {"required", field.required},
                       {"changes_results", field.effect == Effect::results},
                       {"help", field.help}});
  }
  return {{"name", topic.name}, {"is_job", topic.is_job}, {"summary", topic.summary}, {"options", options}};
}

}  // namespace

std::vector<std::string> job_names() {
  std::vector<std::string> names;
  for (const auto& type : jobs::all_jobs()) names.push_back(type.name);
  return names;
}

std::vector<std::string> topic_names() {
  std::vector<std::string> names;
  for (const auto& topic : all_topics()) names.push_back(topic.name);
  return names;
}

bool is_topic(const std::string& name) {
  const auto names = topic_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string known_as(const std::string& word) {
  constexpr std::size_t most_named = 4;  // "as" is an option of nearly all
  std::vector<std::string> options, valued, jobs;
  for (const auto& topic : all_topics()) {
    for (const auto& field : topic.fields) {
      const auto place = fmt::format("'{}.{}'", topic.name, field.key);
      const bool is_key = field.key.substr(field.key.rfind('.') + 1) == word;
      if (is_key) options.push_back(place);
      if (!is_key && !is_value_of(field, word)) continue;
      if (!is_key) valued.push_back(place);
      if (jobs.empty() || jobs.back() != topic.name) jobs.push_back(topic.name);
    }
  }
  auto& places = options.empty() ? valued : options;
  if (places.empty()) return "";
  const auto more = places.size() > most_named ? ", ..." : "";
  places.resize(std::min(places.size(), most_named));
  return fmt::format("'{}' is {} {}{}: farpoint help {}", word, options.empty() ? "a value of" : "the option",
                     fmt::join(places, ", "), more, jobs.size() == 1 ? jobs.front() : "JOB");
}

std::string topic_text(const std::string& name) {
  const auto topic = find_topic(name);
  auto text = topic.is_job ? fmt::format("Job '{}': {}.\n\n", topic.name, topic.summary)
                           : fmt::format("'{}', {}.\n\n", topic.name, topic.summary);
  for (const auto& field : topic.fields) text += field_text(field);
  if (!topic.is_job) return text;
  return text + fmt::format("\nUnder 'pipeline': - {}: {{...}}; on the command line: --set {}.KEY=VALUE.\n", topic.name,
                            topic.name);
}

std::string job_list() {
  std::string text;
  for (const auto& type : jobs::all_jobs()) text += fmt::format("{:<12} {}\n", type.name, type.summary);
  return text + "\nfarpoint jobs JOB prints a job's options.\n";
}

std::string topics_json(const std::string& name) {
  if (!name.empty()) return to_json(find_topic(name)).dump(2) + "\n";
  auto list = nlohmann::ordered_json::array();
  for (const auto& topic : all_topics()) list.push_back(to_json(topic));
  return list.dump(2) + "\n";
}

std::vector<std::string> setting_keys() {
  std::vector<std::string> keys;
  for (const auto& topic : all_topics()) {
    for (const auto& field : topic.fields) {
      const bool is_plain =
          field.key.find_first_of("[]") == std::string::npos && field.key.find("NAME") == std::string::npos;
      if (is_plain) keys.push_back(topic.name + "." + field.key + "=");
    }
  }
  return keys;
}

}  // namespace farpoint::cli
