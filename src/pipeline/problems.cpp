// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace farpoint::pipeline {

namespace {

thread_local Problems* innermost = nullptr;

auto key_of(const Problem& problem) {
  const auto& place = problem.place;
  return std::tuple(place.file == nullptr ? std::string() : *place.file, place.line, place.column);
}

}  // namespace

std::string Place::prefix() const {
  if (file == nullptr) return "";
  return line == 0 ? *file + ": " : fmt::format("{}:{}:{}: ", *file, line, column);
}

Problems::Problems() : outer_(innermost) {
  innermost = this;
}

Problems::~Problems() {
  innermost = outer_;
}

void Problems::add(Problem problem) {
  found_.push_back(std::move(problem));
}

std::vector<Problem> Problems::sorted() const {
  auto problems = found_;
  std::stable_sort(problems.begin(), problems.end(),
                   [](const auto& a, const auto& b) { return key_of(a) < key_of(b); });
  const auto same = [](const Problem& a, const Problem& b) { return key_of(a) == key_of(b) && a.message == b.message; };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
  return problems;
}

Problems* Problems::current() {
  return innermost;
}

std::string to_text(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.place.prefix() + problem.message;
  }
  return problems.size() < 2 ? text : text + fmt::format("\n{} problems", problems.size());
}

bool attempt(const std::function<void()>& body, const Place& otherwise) {
  auto* problems = Problems::current();
  if (problems == nullptr) {
    body();
    return true;
  }
  try {
    body();
    return true;
  } catch (const ConfigError& error) {
    problems->add({error.place(), error.message()});
  } catch (const UsageError& error) {
    problems->add({otherwise, error.what()});
  }
  return false;
}

}  // namespace farpoint::pipeline
