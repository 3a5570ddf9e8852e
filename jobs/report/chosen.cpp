// SPDX-License-Identifier: Apache-2.0
#include "chosen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <numeric>
#include <unordered_map>

#include "farpoint/store/table_file.hpp"
#include "subset_attributes.hpp"

namespace farpoint::jobs {

namespace {

constexpr std::uint64_t block_rows = 1U << 16;
/// Below it a distance is what rounding makes of none (docs/coverage.md).
constexpr double hardly_any = 1e-7;
constexpr std::size_t members_shown = 4;

using Order = std::function<bool(const Represented&, const Represented&)>;

bool is_nearer(const Represented& one, const Represented& other) {
  return std::pair(one.distance, one.id) < std::pair(other.distance, other.id);
}
bool is_farther(const Represented& one, const Represented& other) {
  return std::pair(-one.distance, one.id) < std::pair(-other.distance, other.id);
}

/// Keeps the first of many, in order.
class First {
 public:
  First(std::size_t count, Order order) : count_(count), order_(std::move(order)) {}

  void offer(const Represented& one) {
    if (count_ == 0 || (kept_.size() == count_ && !order_(one, kept_.back()))) return;
    kept_.insert(std::upper_bound(kept_.begin(), kept_.end(), one, order_), one);
    if (kept_.size() > count_) kept_.pop_back();
  }
  std::vector<Represented> take() { return std::move(kept_); }

 private:
  std::size_t count_;
  Order order_;
  std::vector<Represented> kept_;
};

template <typename T>
std::vector<T> read_all(const store::TableFile& table, const std::string& name) {
  if (!table.has(name)) return {};
  return table.read(name, 0, ~std::uint64_t{0}).as<std::vector<T>>();
}

/// Of columns that say something of the same records.
void check_lengths(std::size_t rows, std::initializer_list<std::size_t> lengths) {
  for (const auto length : lengths) {
    if (length == rows) continue;
    throw store::DamagedFile(
        fmt::format("subset.h5: columns of {} and of {} rows stand for the same records; delete it "
                    "and run again",
                    rows, length));
  }
}

std::vector<Group> largest_groups(const Chosen& chosen, std::size_t count) {
  std::vector<std::size_t> order(chosen.weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t one, std::size_t other) {
                      const auto& w = chosen.weights;
                      return w[one] != w[other] ? w[one] > w[other] : chosen.ids[one] < chosen.ids[other];
                    });
  std::vector<Group> groups;
  for (std::size_t i = 0; i < count; ++i) groups.push_back({chosen.ids[order[i]], chosen.weights[order[i]], {}, {}});
  return groups;
}

/// The records of the pool, as the file has them.
void for_each_represented(const store::TableFile& table, const std::function<void(const Represented&)>& visit) {
  if (!table.has("pool/id")) return;
  for (std::uint64_t begin = 0;; begin += block_rows) {
    const auto ids = table.read("pool/id", begin, block_rows).as<std::vector<std::uint64_t>>();
    if (ids.empty()) return;
    const auto representatives = table.read("pool/representative", begin, block_rows).as<std::vector<std::uint64_t>>();
    const auto distances = table.read("pool/distance", begin, block_rows).as<std::vector<double>>();
    check_lengths(ids.size(), {representatives.size(), distances.size()});
    for (std::size_t i = 0; i < ids.size(); ++i) visit({ids[i], representatives[i], distances[i]});
  }
}

/// The lists that need all records of the pool.
void look_at_pool(const store::TableFile& table, std::size_t examples, Chosen& chosen) {
  First farthest(examples, is_farther), nearest(examples, is_nearer);
  std::unordered_map<std::uint64_t, std::size_t> group_of;
  for (std::size_t g = 0; g < chosen.groups.size(); ++g) group_of[chosen.groups[g].chosen] = g;
  std::vector<First> near(chosen.groups.size(), First(members_shown, is_nearer));
  std::vector<First> far(chosen.groups.size(), First(members_shown, is_farther));
  for_each_represented(table, [&](const Represented& one) {
    if (one.id == one.representative) return;
    farthest.offer(one);
    if (one.distance > hardly_any) nearest.offer(one);
    const auto group = group_of.find(one.representative);
    if (group == group_of.end()) return;
    near[group->second].offer(one);
    far[group->second].offer(one);
  });
  chosen.farthest = farthest.take();
  chosen.nearest = nearest.take();
  for (std::size_t g = 0; g < chosen.groups.size(); ++g) {
    auto& group = chosen.groups[g];
    group.nearest = near[g].take();
    group.farthest = far[g].take();
    std::erase_if(group.farthest, [&](const Represented& one) {
      return std::any_of(group.nearest.begin(), group.nearest.end(), [&](const auto& n) { return n.id == one.id; });
    });
  }
}

}  // namespace

Chosen read_chosen(const std::filesystem::path& subset, std::size_t examples) {
  const store::TableFile table(subset);
  Chosen chosen;
  chosen.ids = read_all<std::uint64_t>(table, "id");
  chosen.distances = read_all<double>(table, "distance");
  chosen.weights = read_all<std::uint64_t>(table, "weight");
  // A column that is not there says nothing.
  const auto length = [&](std::size_t found) { return found == 0 ? chosen.ids.size() : found; };
  check_lengths(chosen.ids.size(), {length(chosen.distances.size()), length(chosen.weights.size())});
  chosen.groups = largest_groups(chosen, examples);
  look_at_pool(table, examples, chosen);
  chosen.method = text_attribute(table, "method");
  chosen.exactness = text_attribute(table, "exactness");
  chosen.created = text_attribute(table, "created");
  return chosen;
}

}  // namespace farpoint::jobs
