// SPDX-License-Identifier: Apache-2.0
#include "samples.hpp"

#include <algorithm>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "farpoint/base/random.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/text/beginning.hpp"

namespace farpoint::jobs {

namespace {

constexpr std::uint64_t sample_stream = 0x70726f66696c65;  // "profile": own numbers

bool is_lower(const SampledRecord& one, const SampledRecord& other) {
  return std::pair(one.key, one.id) < std::pair(other.key, other.id);
}

}  // namespace

void RecordSample::offer(std::uint64_t id, const std::function<SampledRecord()>& make) {
  if (size_ == 0) return;
  const auto key = random_bits(seed_, sample_stream, id);
  if (heap_.size() == size_ && std::pair(key, id) > std::pair(heap_.front().key, heap_.front().id)) return;
  auto record = make();
  record.key = key;
  record.id = id;
  insert(std::move(record));
}

void RecordSample::insert(SampledRecord record) {
  heap_.push_back(std::move(record));
  std::push_heap(heap_.begin(), heap_.end(), is_lower);
  if (heap_.size() <= size_) return;
  std::pop_heap(heap_.begin(), heap_.end(), is_lower);
  heap_.pop_back();
}

std::vector<SampledRecord> RecordSample::finish(comm::Communicator& comm) {
  const auto mine = std::exchange(heap_, {});
  for (auto& of_rank : comm::gather_objects(comm, mine, 0)) {
    for (auto& record : of_rank) insert(std::move(record));
  }
  auto sample = std::exchange(heap_, {});
  std::sort(sample.begin(), sample.end(), [](const auto& one, const auto& other) { return one.id < other.id; });
  return sample;
}

std::string to_line(const std::string& stage, const SampledRecord& record) {
  nlohmann::ordered_json line;
  line["stage"] = stage;
  line["kept"] = record.is_kept;
  line["id"] = record.id;
  line["source"] = record.source;
  line["rule"] = record.rule;
  line["detail"] = record.detail;
  line["before"] = text::beginning(record.before, shown_characters);
  line["after"] = nullptr;
  if (record.is_changed) line["after"] = text::beginning(record.after, shown_characters);
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace farpoint::jobs
