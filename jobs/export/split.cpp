// SPDX-License-Identifier: Apache-2.0
#include "split.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>

#include "farpoint/base/hash.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/dedup/near.hpp"
#include "farpoint/dedup/text_hash.hpp"
#include "labels.hpp"
#include "sides.hpp"

namespace farpoint::jobs {

namespace {

/// random_bits' stream of the split; part of the results.
constexpr std::uint64_t split_stream = 0x73706c6974;  // "split"
constexpr std::size_t batch_bytes = 4U << 20;

/// Numbers the strata in the order of their names, so that they do not depend on that of the records.
class Strata {
 public:
  explicit Strata(std::string by) : by_(std::move(by)) {}
  void add(const ParsedRecord& parsed) { records_.push_back(number_of(name_of(parsed))); }

  std::vector<std::uint32_t> finish() const {
    std::vector<std::uint32_t> place(names_.size());
    std::uint32_t next = 0;
    for (const auto& [name, number] : names_) place[number] = next++;
    std::vector<std::uint32_t> strata;
    strata.reserve(records_.size());
    for (const auto number : records_) strata.push_back(place[number]);
    return strata;
  }

 private:
  std::string name_of(const ParsedRecord& parsed) const {
    if (by_ == "none") return "";
    return by_ == "source" ? std::string(parsed.stored.source) : label_of(parsed.stored.json, by_);
  }
  std::uint32_t number_of(const std::string& name) {
    return names_.emplace(name, static_cast<std::uint32_t>(names_.size())).first->second;
  }

  std::string by_;
  std::map<std::string, std::uint32_t> names_;
  std::vector<std::uint32_t> records_;
};

/// The texts again, for what candidates are compared by.
class Texts final : public dedup::TextSource {
 public:
  Texts(const RecordPass& pass, const std::vector<corpus::SourceSpec>& specs) : pass_(pass), specs_(specs) {}

  void visit(std::span<const std::uint64_t> ascending_ids, const Visit& visit) override {
    std::size_t next = 0;
    for_each_parsed(pass_, specs_, [&](const ParsedRecord& parsed) {
      if (next == ascending_ids.size() || ascending_ids[next] != parsed.number) return;
      visit(next++, text_of(parsed));
    });
  }

 private:
  const RecordPass& pass_;
  const std::vector<corpus::SourceSpec>& specs_;
};

/// Hands the texts on in batches, which are hashed on all threads.
class NearFinder {
 public:
  NearFinder(comm::Communicator& comm, double threshold, const std::filesystem::path& scratch)
      : near_(comm, {.threshold = threshold}, scratch) {}

  void add(std::uint64_t id, std::string text) {
    bytes_ += text.size();
    ids_.push_back(id);
    texts_.push_back(std::move(text));
    if (bytes_ >= batch_bytes) flush();
  }
  void find(dedup::TextSource& texts, dedup::Components& components, std::span<const std::uint8_t> active) {
    flush();
    near_.find(texts, components, active);
  }

 private:
  void flush() {
    near_.add(ids_, std::vector<std::string_view>(texts_.begin(), texts_.end()));
    ids_.clear();
    texts_.clear();
    bytes_ = 0;
  }

  dedup::NearDuplicates near_;
  std::vector<std::uint64_t> ids_;
  std::vector<std::string> texts_;
  std::size_t bytes_ = 0;
};

struct Equal {
  std::vector<dedup::Edge> edges;
  std::vector<std::uint8_t> first;  ///< of each record: no earlier one is equal
};

Equal find_equal(const std::vector<Hash128>& hashes) {
  std::vector<std::uint64_t> order(hashes.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return std::pair(hashes[a], a) < std::pair(hashes[b], b); });
  Equal equal{{}, std::vector<std::uint8_t>(hashes.size(), 1)};
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (hashes[order[i]] != hashes[order[i - 1]]) continue;
    equal.edges.push_back({order[i - 1], order[i]});
    equal.first[order[i]] = 0;
  }
  return equal;
}

/// The key of a cluster is made from its texts, so that a record's part does not depend on where it stands.
std::vector<std::uint64_t> keys_of(const std::vector<std::uint64_t>& labels, const std::vector<Hash128>& hashes,
                                   std::uint64_t seed) {
  std::vector<Hash128> least = hashes;
  for (std::size_t i = 0; i < labels.size(); ++i) least[labels[i]] = std::min(least[labels[i]], hashes[i]);
  std::vector<std::uint64_t> keys;
  keys.reserve(labels.size());
  for (const auto label : labels) keys.push_back(random_bits(seed, split_stream, least[label].low));
  return keys;
}

void count_clusters(const std::vector<std::uint64_t>& labels, Split& split) {
  std::vector<std::uint32_t> sizes(labels.size());
  for (const auto label : labels) ++sizes[label];
  for (const auto size : sizes) {
    if (size < 2) continue;
    ++split.clusters;
    split.in_clusters += size;
  }
}

/// Gone again, whatever happens.
struct Scratch {
  const std::filesystem::path& folder;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
};

}  // namespace

Split split_records(const RecordPass& pass, const std::vector<corpus::SourceSpec>& specs, const ExportOptions& options,
                    std::uint64_t seed, const std::filesystem::path& scratch) {
  const Scratch removed{scratch};
  const auto comm = comm::make_local();
  std::unique_ptr<NearFinder> near;
  if (options.near > 0) near = std::make_unique<NearFinder>(*comm, options.near, scratch);
  Strata strata(options.stratify);
  std::vector<Hash128> hashes;
  std::string work;
  const auto count = for_each_parsed(pass, specs, [&](const ParsedRecord& parsed) {
    auto text = text_of(parsed);
    hashes.push_back(dedup::text_hash(text, true, work));
    strata.add(parsed);
    if (near) near->add(parsed.number, std::move(text));
  });

  Split split;
  split.names = {"train"};
  std::vector<double> shares;
  for (const auto& [name, share] : options.split) {
    split.names.push_back(name);
    shares.push_back(share);
  }
  if (count == 0) return split;

  dedup::Components components(*comm, count);
  const auto equal = find_equal(hashes);
  components.join(equal.edges);
  Texts texts(pass, specs);
  if (near) near->find(texts, components, equal.first);
  std::vector<std::uint64_t> ids(count);
  std::iota(ids.begin(), ids.end(), 0);
  auto labels = components.labels(ids);

  count_clusters(labels, split);
  auto keys = keys_of(labels, hashes, seed);
  split.parts = choose_parts({std::move(labels), std::move(keys), strata.finish()}, shares);
  return split;
}

}  // namespace farpoint::jobs
