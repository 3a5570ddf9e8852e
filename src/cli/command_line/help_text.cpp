// SPDX-License-Identifier: Apache-2.0
#include "command_line/help_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "command_line/command.hpp"

namespace farpoint::cli {

namespace {

constexpr std::size_t text_column = 30;
constexpr std::size_t line_width = 100;

/// `text` in lines that begin at `column`; the first one is already there.
std::string wrapped(const std::string& text, std::size_t column) {
  std::string result;
  std::size_t at = column;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find(' ', begin), text.size());
    const auto length = end - begin;
    if (at > column && at + 1 + length > line_width) {
      result += "\n" + std::string(column, ' ');
      at = column;
    } else if (at > column) {
      result += ' ';
      ++at;
    }
    result += text.substr(begin, length);
    at += length;
    begin = end + 1;
  }
  return result;
}

std::string entry(const std::string& name, const std::string& text) {
  if (2 + name.size() + 1 > text_column) {
    return fmt::format("  {}\n{:{}}{}\n", name, "", text_column, wrapped(text, text_column));
  }
  return fmt::format("  {:<{}}{}\n", name, text_column - 2, wrapped(text, text_column));
}

std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const auto& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  const auto value = value_name(option);
  return value.empty() ? names : names + " " + value;
}

std::string positional_name(const CLI::Option& option) {
  const auto name = value_name(option) + (option.get_items_expected_max() > 1 ? "..." : "");
  return option.get_required() ? name : "[" + name + "]";
}

std::string meaning(const CLI::Option& option) {
  auto text = option.get_description();
  if (option.get_required() && option.nonpositional()) text += " (needed)";
  if (!option.get_default_str().empty()) text += fmt::format(" [{}]", option.get_default_str());
  return text;
}

class Layout final : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override {
    const auto positionals = app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    auto text = wrapped(app->get_description(), 0) + "\n\nUsage: " + name + usage(*app, positionals) + "\n";
    if (!positionals.empty()) text += '\n';
    for (const auto* option : positionals) text += entry(positional_name(*option), meaning(*option));
    text += commands(*app) + options(*app);
    return text + (app->get_footer().empty() ? "" : "\n" + app->get_footer());
  }

 private:
  static std::string usage(const CLI::App& app, const std::vector<const CLI::Option*>& positionals) {
    if (app.get_parent() == nullptr) return " [OPTIONS] COMMAND ...";
    std::string text = " [OPTIONS]";
    for (const auto* option : positionals) text += " " + positional_name(*option);
    return text;
  }

  static std::string commands(const CLI::App& app) {
    std::vector<std::string> sections;
    const auto all = app.get_subcommands([](const CLI::App*) { return true; });
    for (const auto* command : all) {
      if (std::find(sections.begin(), sections.end(), command->get_group()) == sections.end()) {
        sections.push_back(command->get_group());
      }
    }
    std::string text;
    for (const auto& section : sections) {
      text += fmt::format("\n{}:\n", section);
      for (const auto* command : all) {
        if (command->get_group() == section) text += entry(command->get_name(), command->get_description());
      }
    }
    return text;
  }

  /// Those of the command by group, then those of the program, which hold for every command.
  static std::string options(const CLI::App& app) {
    std::string text;
    auto groups = app.get_groups();
    // The program's own options follow those of the output.
    std::stable_partition(groups.begin(), groups.end(), [](const auto& name) { return name != group::output; });
    for (const auto& group : groups) {
      std::string lines;
      for (const auto* option : app.get_options()) {
        if (option->nonpositional() && option->get_group() == group)
          lines += entry(names_of(*option), meaning(*option));
      }
      if (lines.empty()) continue;
      text += fmt::format("\n{}:\n{}", group, lines);
    }
    if (app.get_parent() == nullptr) return text;
    for (const auto* option : app.get_parent()->get_options()) {
      if (option->get_lnames().front() == "quiet" || option->get_lnames().front() == "verbose") {
        text += entry(names_of(*option), meaning(*option));
      }
    }
    return text;
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_layout() {
  return std::make_shared<Layout>();
}

std::string value_name(const CLI::Option& option) {
  if (option.get_expected_max() == 0) return "";
  const auto name = option.get_type_name();
  return name.substr(0, name.find(':'));
}

}  // namespace farpoint::cli
