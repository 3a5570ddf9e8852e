// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <system_error>
#include <thread>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"

namespace farpoint::pipeline {

namespace fs = std::filesystem;

namespace {

/// How the config.yaml of a run begins.
constexpr std::string_view config_mark = "# Written by a run of farpoint";

}  // namespace

fs::path RunFolder::log(int rank) const {
  return path / "log" / fmt::format("rank-{:04}.log", rank);
}

std::vector<fs::path> RunFolder::stages() const {
  const auto folder = path / "stages";
  std::vector<fs::path> found;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  if (error == std::errc::no_such_file_or_directory) return found;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) found.push_back(entry->path());
  if (error) throw Error(fmt::format("{}: cannot list the folder: {}", folder.string(), error.message()));
  std::sort(found.begin(), found.end());
  return found;
}

void RunFolder::create() const {
  for (const auto& folder : {path, path / "log", path / "stages", status()}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw Error(fmt::format("{}: cannot create the folder: {}", folder.string(), error.message()));
  }
}

void RunFolder::check_config() const {
  if (!fs::exists(config())) {
    // A run that ended before it could write its configuration leaves an empty folder of stages.
    const bool has_stages = !stages().empty();
    for (const auto& part : {subset(), summary(), rejects(), has_stages ? path / "stages" : subset()}) {
      if (!fs::exists(part)) continue;
      throw UsageError(fmt::format(
          "{}: this is not from a run in this folder, and one would replace it; choose another folder with --output or "
          "run.output",
          part.string()));
    }
    return;
  }
  if (read_file(config()).starts_with(config_mark)) return;
  throw UsageError(fmt::format(
      "{}: this file is not from a run, and a run in its folder would replace it; choose another folder with "
      "--output or run.output",
      config().string()));
}

void RunFolder::write_config(const std::string& resolved) const {
  write_file(config(), fmt::format("{}; the next one in this folder replaces it\n{}", config_mark, resolved));
}

void RunFolder::clear() const {
  // The configuration last: it says whose the rest is.
  for (const auto& part : {summary(), rejects(), subset(), path / "stages", config()}) fs::remove_all(part);
}

void RunFolder::check_output(const fs::path& file) const {
  const auto name = target_of(file).lexically_relative(target_of(path));
  if (name.empty() || *name.begin() == "..") return;
  const auto refusal = output_refusal(name);
  if (!refusal.empty())
    throw UsageError(fmt::format("'{}' {}; choose another name", file.lexically_normal().string(), refusal));
}

std::string output_refusal(const fs::path& name) {
  static constexpr std::array<std::string_view, 8> own{"config.yaml", "summary.json", "rejects.jsonl", "subset.h5",
                                                       ".lock",       "stages",       "log",           "status"};
  const auto& text = name.native();
  if (text.empty()) return "names no file";
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 32 || c == 127; })) {
    return "holds a control character";
  }
  const auto plain = name.lexically_normal();
  if (std::find(own.begin(), own.end(), plain.begin()->native()) != own.end()) return "belongs to the run itself";
  if (!plain.has_filename() || plain == ".") return "names a folder, not a file";
  if (text.ends_with(".tmp")) return "ends in .tmp, as files in the making do";
  return "";
}

namespace {

/// flock() that waits a moment: whoever asks is_locked() holds the lock for as long as it takes to ask.
int take_lock(int descriptor) {
  int result = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    result = ::flock(descriptor, LOCK_EX | LOCK_NB);
    if (result == 0 || errno != EWOULDBLOCK) break;
  }
  return result;
}

}  // namespace

FolderLock::FolderLock(const RunFolder& folder) {
  const auto path = folder.path / ".lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw Error(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
  if (take_lock(descriptor_) != 0) {
    const int error = errno;
    char holder[256] = {};
    const auto length = ::read(descriptor_, holder, sizeof holder - 1);
    ::close(descriptor_);
    if (error != EWOULDBLOCK) throw Error(fmt::format("{}: cannot lock: {}", path.string(), std::strerror(error)));
    throw UsageError(
        fmt::format("{}: another run is at work in this folder ({}); wait for it, end it, or choose "
                    "another folder with --output",
                    folder.path.string(), length > 0 ? holder : "unknown process"));
  }
  const auto holder = fmt::format("process {} on {}", ::getpid(), host_name());
  if (::ftruncate(descriptor_, 0) != 0 || ::write(descriptor_, holder.data(), holder.size()) < 0) {
    const int error = errno;
    ::close(descriptor_);
    throw Error(fmt::format("{}: cannot write: {}", path.string(), std::strerror(error)));
  }
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

bool is_locked(const RunFolder& folder) {
  const int descriptor = ::open((folder.path / ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

}  // namespace farpoint::pipeline
