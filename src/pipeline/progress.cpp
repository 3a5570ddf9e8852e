// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/progress.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "farpoint/base/log.hpp"
#include "farpoint/base/terminal.hpp"
#include "farpoint/pipeline/work_board.hpp"

namespace farpoint::pipeline {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto redraw_every = 200ms;
constexpr auto line_every = 10s;
constexpr std::size_t bar_width = 24;

/// "[=====>    ]", or lines of which the rest is fainter.
std::string bar(double share, bool unicode) {
  const auto full = static_cast<std::size_t>(share * bar_width);
  if (!unicode) {
    const std::string head = full < bar_width ? ">" : "";
    return fmt::format("[{:=<{}}{}{: <{}}]", "", full, head, "", bar_width - full - head.size());
  }
  std::string done, rest;
  for (std::size_t i = 0; i < bar_width; ++i) (i < full ? done : rest) += "\u2501";
  return terminal::painted(terminal::Colour::green, done) + terminal::painted(terminal::Colour::faint, rest);
}

/// What follows the job's name, most important first.
std::vector<std::string> parts_of(const ProgressState& state) {
  const double elapsed = std::max(1e-9, state.seconds);
  const double done = static_cast<double>(state.done);
  const auto count = state.unit == "bytes" ? format_amount(done, state.unit) : format_count(state.done);
  const auto whole =
      state.total == 0 ? state.unit : "of " + format_amount(static_cast<double>(state.total), state.unit);
  std::vector<std::string> parts{count + " " + whole, format_amount(done / elapsed, state.unit) + "/s"};
  if (state.total > 0 && state.done > 0 && state.done <= state.total) {
    const double share = done / static_cast<double>(state.total);
    parts.push_back(format_duration(elapsed * (1 - share) / share) + " left");
  }
  return parts;
}

}  // namespace

std::string progress_line(const ProgressState& state) {
  return fmt::format("{:<18} {}", state.job, fmt::join(parts_of(state), ", "));
}

std::string progress_bar(const ProgressState& state, std::size_t columns, bool unicode) {
  const auto parts = parts_of(state);
  auto text = fmt::format("{:<18}", state.job);
  // The bar's own length in characters: colours and lines have more bytes.
  const bool has_bar = state.total > 0 && state.done <= state.total;
  std::size_t length = text.size();
  std::size_t after = 0;
  for (const auto& part : parts) after += 2 + part.size();
  if (has_bar && length + 1 + bar_width + 2 + after < columns) {
    text += " " + bar(static_cast<double>(state.done) / static_cast<double>(state.total), unicode);
    length += 1 + bar_width + (unicode ? 0 : 2);
  }
  for (const auto& part : parts) {
    if (length + 2 + part.size() >= columns) break;
    text += "  " + part;
    length += 2 + part.size();
  }
  return length < columns ? text : text.substr(0, columns == 0 ? 0 : columns - 1);
}

std::string format_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), 1, ',');
  }
  return digits;
}

std::string format_amount(double amount, const std::string& unit) {
  if (unit != "bytes") return fmt::format("{} {}", format_count(static_cast<std::uint64_t>(amount)), unit);
  static constexpr const char* names[] = {"B", "kB", "MB", "GB", "TB"};
  std::size_t step = 0;
  while (amount >= 1000 && step < 4) {
    amount /= 1000;
    ++step;
  }
  return fmt::format("{:.{}f} {}", amount, step == 0 ? 0 : 1, names[step]);
}

std::string format_duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

ProgressLine::ProgressLine(comm::Communicator& comm, std::string job, std::uint64_t total, std::string unit)
    : comm_(comm),
      job_(std::move(job)),
      unit_(std::move(unit)),
      total_(total),
      done_(comm.make_counter()),
      shown_(terminal::verbosity() != terminal::Verbosity::quiet),
      redrawn_(terminal::can_redraw()),
      start_(Clock::now()),
      drawn_(start_) {
  note(0);
}

ProgressLine::~ProgressLine() = default;

double ProgressLine::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void ProgressLine::set_total(std::uint64_t total) {
  total_ = total;
  note(added_);
}

void ProgressLine::note(std::uint64_t done) const {
  work_board().note(done, total_, unit_);
}

void ProgressLine::add(std::uint64_t amount) {
  added_ += amount;
  note(added_);
  done_->add(amount);
  if (comm_.rank() == 0) draw(done_->read());
}

void ProgressLine::show(std::uint64_t done, std::uint64_t total) {
  if (comm_.rank() != 0) return;
  total_ = total;
  note(done);
  draw(done);
}

void ProgressLine::wait(const std::function<void()>& meanwhile) {
  comm_.wait_for_all([&] {
    if (comm_.rank() == 0) draw(done_->read());
    meanwhile();
  });
}

void ProgressLine::finish(const std::string& result) {
  if (comm_.rank() != 0) return;
  if (shown_) terminal::print_line(fmt::format("{:<18} {}", job_, result));
  // With -v the log goes to standard error, where this stands already.
  if (shown_)
    log::record(log::Level::info, fmt::format("{}: {}", job_, result));
  else
    log::info("{}: {}", job_, result);
}

void ProgressLine::draw(std::uint64_t done) {
  if (!shown_) return;
  const auto time = Clock::now();
  if (time - drawn_ < (redrawn_ ? Clock::duration(redraw_every) : Clock::duration(line_every))) return;
  drawn_ = time;
  const ProgressState state{job_, done, total_, unit_, seconds()};
  if (redrawn_)
    terminal::show_status(progress_bar(state, terminal::width(), terminal::is_unicode()));
  else
    terminal::print_line(progress_line(state));
}

}  // namespace farpoint::pipeline
