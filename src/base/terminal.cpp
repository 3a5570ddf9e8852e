// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace farpoint::terminal {

namespace {

std::atomic<Verbosity> chosen{Verbosity::normal};

/// Guards what stands at the bottom.
std::mutex mutex;
bool has_status = false;

constexpr std::string_view clear_line = "\r\033[K";

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_forced(const char* name) {
  const auto value = variable(name);
  return !value.empty() && value != "0";
}

std::string_view code(Colour colour) {
  switch (colour) {
    case Colour::red:
      return "\033[1;31m";
    case Colour::yellow:
      return "\033[1;33m";
    case Colour::green:
      return "\033[32m";
    case Colour::faint:
      return "\033[2m";
  }
  return "";
}

bool has_colours() {
  if (!variable("NO_COLOR").empty()) return false;
  return is_forced("FORCE_COLOR") || is_forced("CLICOLOR_FORCE") || can_redraw();
}

void write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

void set_verbosity(Verbosity verbosity) {
  chosen = verbosity;
}

Verbosity verbosity() {
  return chosen;
}

bool can_redraw() {
  const auto term = variable("TERM");
  return isatty(STDERR_FILENO) == 1 && !term.empty() && term != "dumb";
}

bool is_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto locale = variable(name);
    if (locale.empty()) continue;
    return locale.find("UTF-8") != std::string_view::npos || locale.find("utf8") != std::string_view::npos;
  }
  return false;
}

std::string painted(Colour colour, std::string_view text) {
  if (!has_colours()) return std::string(text);
  return std::string(code(colour)).append(text).append("\033[0m");
}

std::size_t width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void show_status(std::string_view line) {
  const std::lock_guard lock(mutex);
  write(std::string(clear_line).append(line));
  has_status = true;
}

void print_line(std::string_view line) {
  const std::lock_guard lock(mutex);
  write(std::string(has_status ? clear_line : "").append(line).append("\n"));
  has_status = false;
}

}  // namespace farpoint::terminal
