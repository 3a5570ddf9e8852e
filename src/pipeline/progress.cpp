// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "farpoint/base/log.hpp"
#include "farpoint/pipeline/work_board.hpp"

namespace farpoint::pipeline {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto redraw_every = 200ms;
constexpr auto line_every = 10s;
constexpr int bar_width = 24;

std::string bar(double share) {
  const int full = static_cast<int>(share * bar_width);
  return fmt::format("[{:=<{}}{: <{}}]", "", full, "", bar_width - full);
}

}  // namespace

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
      terminal_(isatty(STDERR_FILENO) == 1),
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
  std::fprintf(stderr, "%s%-18s %s\n", terminal_ ? "\r\033[K" : "", job_.c_str(), result.c_str());
  log::info("{}: {}", job_, result);
}

void ProgressLine::draw(std::uint64_t done) {
  const auto time = Clock::now();
  if (time - drawn_ < (terminal_ ? Clock::duration(redraw_every) : Clock::duration(line_every))) return;
  drawn_ = time;
  const double elapsed = std::max(1e-9, seconds());
  const double rate = static_cast<double>(done) / elapsed;
  const auto count = unit_ == "bytes" ? format_amount(static_cast<double>(done), unit_) : format_count(done);
  const auto whole = total_ == 0 ? unit_ : "of " + format_amount(static_cast<double>(total_), unit_);
  std::string line = fmt::format("{:<18} {} {}, {}/s", job_, count, whole, format_amount(rate, unit_));
  if (total_ > 0 && done > 0 && done <= total_) {
    const double share = static_cast<double>(done) / static_cast<double>(total_);
    line += fmt::format(", {} left", format_duration(elapsed * (1 - share) / share));
    if (terminal_) line += " " + bar(share);
  }
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
}

}  // namespace farpoint::pipeline
