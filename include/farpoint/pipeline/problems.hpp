// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "farpoint/base/error.hpp"

/// What is wrong with a configuration, gathered so that people learn of all of it at once.
namespace farpoint::pipeline {

/// Where a value stands: in a configuration file, or on the command line. Lines and columns count from 1.
struct Place {
  std::shared_ptr<const std::string> file;  ///< or the argument, "--set run.seed"; null: the value is from neither
  int line = 0;                             ///< 0: of the command line, which has no lines
  int column = 0;
  /// "config.yaml:14:9: ", "--set run.seed: ", or "".
  std::string prefix() const;
};

/// A mistake in the configuration, shown with its place.
class ConfigError : public UsageError {
 public:
  ConfigError(const Place& place, const std::string& message)
      : UsageError(place.prefix() + message), place_(place), message_(message) {}
  const Place& place() const { return place_; }
  const std::string& message() const { return message_; }  ///< without the place

 private:
  Place place_;
  std::string message_;
};

struct Problem {
  Place place;
  std::string message;
};

/// While one of these is alive, attempt() on its thread gathers errors in it; the latest one counts. What reads a
/// configuration needs to know no more than attempt().
class Problems {
 public:
  Problems();
  ~Problems();
  Problems(const Problems&) = delete;
  Problems& operator=(const Problems&) = delete;

  void add(Problem problem);
  std::size_t count() const { return found_.size(); }
  bool empty() const { return found_.empty(); }
  /// By place: first what has none, then by file, line and column; each once.
  std::vector<Problem> sorted() const;

  /// That of this thread; null where nobody gathers.
  static Problems* current();

 private:
  std::vector<Problem> found_;
  Problems* outer_;
};

/// One problem a line, and their number at the end when there are several: the text of an error.
std::string to_text(const std::vector<Problem>& problems);

/// Runs `body`. A UsageError that it throws is gathered where somebody does, and goes on up where nobody does. Returns
/// true when there was none. `otherwise`: the place of an error that knows none.
bool attempt(const std::function<void()>& body, const Place& otherwise = {});

}  // namespace farpoint::pipeline
