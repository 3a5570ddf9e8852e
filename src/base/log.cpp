// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/log.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "farpoint/base/error.hpp"
#include "farpoint/base/terminal.hpp"

namespace farpoint::log {

namespace {

/// "warning: ..." on standard error, above a progress bar; what is no warning only where people want to see it all.
/// terminal::print_line() does the locking.
class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string text(message.payload.data(), message.payload.size());
    if (message.level >= spdlog::level::err) {
      terminal::print_line(terminal::painted(terminal::Colour::red, "error:") + " " + text);
    } else if (message.level == spdlog::level::warn) {
      terminal::print_line(terminal::painted(terminal::Colour::yellow, "warning:") + " " + text);
    } else if (terminal::verbosity() == terminal::Verbosity::verbose) {
      terminal::print_line(terminal::painted(terminal::Colour::faint, "log: " + text));
    }
  }
  void flush_() override {}
};

std::shared_ptr<spdlog::sinks::sink> stderr_sink() {
  return std::make_shared<StderrSink>();
}

spdlog::logger& logger() {
  static spdlog::logger instance("farpoint", stderr_sink());
  return instance;
}

/// Set by open().
std::shared_ptr<spdlog::sinks::sink>& log_file() {
  static std::shared_ptr<spdlog::sinks::sink> file;
  return file;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void open(const std::filesystem::path& path, bool warnings_to_stderr) {
  try {
    auto file = std::make_shared<spdlog::sinks::basic_file_sink_mt>(path.string());
    file->set_pattern("%Y-%m-%d %H:%M:%S.%e %L %v");
    auto& sinks = logger().sinks();
    sinks.clear();
    sinks.push_back(file);
    log_file() = file;
    if (warnings_to_stderr) sinks.push_back(stderr_sink());
  } catch (const spdlog::spdlog_ex& error) {
    throw Error(fmt::format("{}: cannot open the log: {}", path.string(), error.what()));
  }
  // A killed process should leave its last lines behind.
  logger().flush_on(spdlog::level::info);
}

void write(Level level, std::string_view message) {
  logger().log(to_spdlog(level), message);
}

void record(Level level, std::string_view message) {
  if (!log_file()) return;
  log_file()->log(spdlog::details::log_msg("farpoint", to_spdlog(level), message));
  log_file()->flush();
}

}  // namespace farpoint::log
