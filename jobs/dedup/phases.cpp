// SPDX-License-Identifier: Apache-2.0
#include "phases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/map.hpp>
#include <chrono>

#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/pipeline/kept_file.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::jobs {

namespace {

using Flags = std::vector<std::uint8_t>;

constexpr const char* folder_name = "phases";

/// "near"
std::string_view name_of(DuplicateBy method) {
  auto name = duplicate_reasons[static_cast<std::size_t>(method)];
  name.remove_prefix(name.find('_') + 1);
  return name;
}

template <typename T>
std::vector<T> part(const std::vector<T>& values, std::size_t begin, std::size_t end) {
  return {values.begin() + static_cast<std::ptrdiff_t>(begin), values.begin() + static_cast<std::ptrdiff_t>(end)};
}

template <typename T>
void append(std::vector<T>& values, const store::Column& column) {
  const auto& more = column.as<std::vector<T>>();
  values.insert(values.end(), more.begin(), more.end());
}

}  // namespace

PhaseFiles::PhaseFiles(comm::Communicator& comm, const std::filesystem::path& job_folder, std::string key,
                       std::uint64_t shard_records)
    : comm_(comm), folder_(job_folder / folder_name), key_(std::move(key)), shard_records_(shard_records) {}

std::filesystem::path PhaseFiles::record(DuplicateBy method) const {
  return folder_ / fmt::format("{}.h5", name_of(method));
}

std::filesystem::path PhaseFiles::file(DuplicateBy method, std::uint64_t shard) const {
  return folder_ / fmt::format("{}-{:05}.h5", name_of(method), shard);
}

void PhaseFiles::write(DuplicateBy method, const PhaseState& state) const {
  const auto start = std::chrono::steady_clock::now();
  const auto& ids = state.found.ids;
  Flags by;
  for (const auto reason : state.found.by) by.push_back(static_cast<std::uint8_t>(reason));
  for (std::size_t begin = 0, end = 0; begin < ids.size(); begin = end) {
    const auto shard = ids[begin] / shard_records_;
    while (end < ids.size() && ids[end] / shard_records_ == shard) ++end;
    std::vector<store::Column> columns;
    columns.push_back({"id", part(ids, begin, end)});
    columns.push_back({"kept", part(state.found.kept, begin, end)});
    columns.push_back({"by", part(by, begin, end)});
    columns.push_back({"component", part(state.components, begin, end)});
    columns.push_back({"hit", part(state.hits, begin, end)});
    store::write_shard(file(method, shard), {{"key", key_}}, columns);
  }
  comm_.barrier();
  if (comm_.rank() != 0) return;
  store::Strings names;
  std::vector<double> values;
  for (const auto& [name, value] : state.found.facts) {
    names.push_back(name);
    values.push_back(value);
  }
  store::write_shard(record(method), {{"key", key_}},
                     std::vector<store::Column>{{"fact/name", std::move(names)}, {"fact/value", std::move(values)}});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  log::info("dedup: the phase '{}' is over; what it found is kept, which took {:.2f} s", name_of(method),
            seconds.count());
}

bool PhaseFiles::has(DuplicateBy method) const {
  std::uint8_t found = 0;
  if (comm_.rank() == 0 && std::filesystem::exists(record(method))) {
    found = pipeline::is_kept(record(method), key_) ? 1 : 0;
    if (found == 0) {
      log::warning("{}: damaged, or of other options or records; what it was kept for is done again",
                   record(method).string());
    }
  }
  comm::broadcast(comm_, std::span(&found, 1));
  return found != 0;
}

/// Appends the shard's records to `state`. False for what cannot be used.
bool PhaseFiles::read_shard(DuplicateBy method, std::uint64_t shard, PhaseState& state) const {
  const auto path = file(method, shard);
  if (!pipeline::is_kept(path, key_)) return false;
  const store::ShardFile stored(path);
  append(state.found.ids, stored.read("id"));
  append(state.found.kept, stored.read("kept"));
  append(state.components, stored.read("component"));
  append(state.hits, stored.read("hit"));
  const auto by = stored.read("by").as<Flags>();
  for (const auto reason : by) state.found.by.push_back(static_cast<DuplicateBy>(reason));
  return true;
}

std::optional<PhaseState> PhaseFiles::read(DuplicateBy method, const std::vector<std::uint64_t>& ids) const {
  PhaseState state;
  std::uint8_t usable = 1;
  for (std::size_t begin = 0, end = 0; begin < ids.size() && usable != 0; begin = end) {
    const auto shard = ids[begin] / shard_records_;
    while (end < ids.size() && ids[end] / shard_records_ == shard) ++end;
    if (read_shard(method, shard, state)) continue;
    usable = 0;
    log::warning("{}: gone, damaged, or of other options or records; the phase '{}' is done again",
                 file(method, shard).string(), name_of(method));
  }
  if (usable != 0 && state.found.ids != ids) usable = 0;
  if (comm::all_reduce(comm_, usable, comm::Reduction::min) == 0) return std::nullopt;
  if (comm_.rank() == 0) {
    const store::ShardFile stored(record(method));
    const auto names = stored.read("fact/name").as<store::Strings>();
    const auto values = stored.read("fact/value").as<std::vector<double>>();
    for (std::size_t i = 0; i < names.size(); ++i) state.found.facts[std::string(names[i])] = values[i];
    log::info("dedup: goes on behind the phase '{}' of an interrupted run", name_of(method));
  }
  comm::broadcast_object(comm_, state.found.facts);
  return state;
}

void PhaseFiles::remove(const std::filesystem::path& job_folder) {
  std::error_code ignored;
  std::filesystem::remove_all(job_folder / folder_name, ignored);
}

}  // namespace farpoint::jobs
