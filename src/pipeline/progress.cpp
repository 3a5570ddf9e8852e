// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/progress.hpp"

#include <fmt/format.h>

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
constexpr std::size_t widest_bar = 24;
constexpr std::size_t narrowest_bar = 8;

/// "[=====>    ]", or lines of which the rest is fainter.
std::string bar(double share, std::size_t width, bool unicode) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  if (!unicode) {
    const std::string head = full < width ? ">" : "";
    return fmt::format("[{:=<{}}{}{: <{}}]", "", full, head, "", width - full - head.size());
  }
  std::string done, rest;
  for (std::size_t i = 0; i < width; ++i) (i < full ? done : rest) += "\u2501";
  return terminal::painted(terminal::Colour::green, done) + terminal::painted(terminal::Colour::faint, rest);
}

/// By this run.
double made_of(const ProgressState& state) {
  return state.done > state.kept ? static_cast<double>(state.done - state.kept) : 0;
}

std::string rate_of(const ProgressState& state) {
  return format_amount(made_of(state) / std::max(1e-9, state.seconds), state.unit) + "/s";
}

std::string amount_of(std::uint64_t amount, const std::string& unit) {
  return unit == "bytes" ? format_amount(static_cast<double>(amount), unit) : format_count(amount);
}

double share_of(const ProgressState& state) {
  return static_cast<double>(state.done) / static_cast<double>(state.total);
}

bool knows_its_end(const ProgressState& state) {
  return state.total > 0 && state.done <= state.total;
}

/// "26 s left"; "" where that is not known.
std::string time_left(const ProgressState& state) {
  const auto made = made_of(state);
  if (!knows_its_end(state) || made == 0) return "";
  const auto lacking = static_cast<double>(state.total - state.done);
  if (lacking == 0) return "";  // what follows the last step is not counted
  return format_duration(std::max(1e-9, state.seconds) * lacking / made) + " left";
}

}  // namespace

std::string progress_line(const ProgressState& state) {
  const auto whole =
      state.total == 0 ? state.unit : "of " + format_amount(static_cast<double>(state.total), state.unit);
  const auto left = time_left(state);
  return fmt::format("{:<18} {} {}, {}{}{}", state.job, amount_of(state.done, state.unit), whole, rate_of(state),
                     left.empty() ? "" : ", ", left);
}

std::string progress_bar(const ProgressState& state, std::size_t columns, bool unicode) {
  std::vector<std::string> parts{amount_of(state.done, state.unit), rate_of(state)};
  if (state.total > 0) parts.front() += " / " + amount_of(state.total, state.unit);
  if (auto left = time_left(state); !left.empty()) parts.push_back(std::move(left));
  auto text = fmt::format("{:<14}", state.job);
  // In characters: colours and lines have more bytes.
  std::size_t length = text.size();
  std::size_t taken = length + 1 + (unicode ? 0 : 2);
  for (const auto& part : parts) taken += 2 + part.size();
  if (knows_its_end(state) && taken + narrowest_bar < columns) {
    const auto width = std::min(widest_bar, columns - 1 - taken);
    text += " " + bar(share_of(state), width, unicode);
    length += 1 + width + (unicode ? 0 : 2);
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

namespace {

/// Files of runs may say anything.
std::uint64_t whole_number(double number) {
  constexpr double largest = 1e18;
  return number >= 0 ? static_cast<std::uint64_t>(std::min(number, largest)) : 0;
}

}  // namespace

std::string format_amount(double amount, const std::string& unit) {
  if (unit != "bytes") return fmt::format("{} {}", format_count(whole_number(amount)), unit);
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
  const auto whole = whole_number(seconds);
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
  work_board().note(done, total_, unit_, kept_);
}

void ProgressLine::set_kept(std::uint64_t own, std::uint64_t all) {
  kept_ = own;
  kept_all_ = all;
  note(added_);
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
  const ProgressState state{job_, done, total_, unit_, seconds(), kept_all_};
  if (redrawn_)
    terminal::show_status(progress_bar(state, terminal::width(), terminal::is_unicode()));
  else
    terminal::print_line(progress_line(state));
}

}  // namespace farpoint::pipeline
