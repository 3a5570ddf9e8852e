// SPDX-License-Identifier: Apache-2.0
#include "device_row_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "stopwatch.hpp"

namespace farpoint::select {

namespace {

/// Before anything is allocated, so that the message can say how much is needed.
Accelerator& with_room(Accelerator& accelerator, const Vectors& vectors, std::uint64_t picks) {
  const std::uint64_t needed = k_center_device_memory(vectors.size(), vectors.dimension(), storage_of(vectors), picks);
  const std::uint64_t free = accelerator.free_memory();
  if (needed <= free) return accelerator;
  const auto gigabytes = [](std::uint64_t bytes) { return static_cast<double>(bytes) * 1e-9; };
  throw UsageError(fmt::format(
      "k-center of {} vectors of {} components on this rank needs {:.1f} GB of {}'s memory, of which {:.1f} GB are "
      "free: store vectors as bfloat16, use more ranks and GPUs, or set device to cpu",
      vectors.size(), vectors.dimension(), gigabytes(needed), accelerator.name(), gigabytes(free)));
}

bool earlier(const Candidate& a, const Candidate& b) {
  return a.key.before(b.key);
}

std::vector<std::uint32_t> rows_of(std::span<const Candidate> candidates) {
  std::vector<std::uint32_t> rows(candidates.size());
  std::transform(candidates.begin(), candidates.end(), rows.begin(), [](const Candidate& c) { return c.row; });
  return rows;
}

/// The last place before this key.
Place last_before(const Key& key, std::span<const std::uint64_t> ids) {
  const auto lower = static_cast<std::uint32_t>(std::lower_bound(ids.begin(), ids.end(), key.id) - ids.begin());
  // Rows of the same value come before it if their ids are lower.
  if (lower > 0) return Place::of(key.value, lower - 1);
  return {ordered(key.value) + 1, 0};
}

}  // namespace

DeviceRowBounds::DeviceRowBounds(Accelerator& accelerator, const Candidates& pool, const Screening& screening,
                                 const Centres& centres, std::uint64_t picks, KCenterCosts& costs)
    : RowBounds(pool, screening, centres, costs),
      accelerator_(with_room(accelerator, pool.vectors, picks)),
      rows_(accelerator, pool.vectors),
      centres_(accelerator, centres, picks),
      search_(accelerator, size()),
      selection_(accelerator, size()),
      bounds_(accelerator),
      applied_(accelerator),
      screened_(accelerator),
      weights_(accelerator),
      label_of_row_(accelerator),
      barred_(accelerator),
      is_open_(accelerator),
      asked_rows_(accelerator),
      asked_applied_(accelerator),
      asked_bounds_(accelerator),
      asked_values_(accelerator),
      ages_(accelerator),
      sorted_(accelerator, size()),
      nearest_(accelerator, size()) {
  bounds_.write(std::vector<double>(size(), std::numeric_limits<double>::infinity()));
  applied_.clear(size());
  screened_.clear(size());
  weights_.write(weights());
  label_of_row_.write(pool.charges.labels);
  barred_.write(pool.barred);
}

OrderView DeviceRowBounds::order() const {
  OrderView order{bounds_.data()};
  if (!weights().empty()) order.weights = weights_.data();
  if (looks_at_all()) return order;
  if (!pool().barred.empty()) order.barred = barred_.data();
  if (!open_labels().empty()) {
    order.is_open = is_open_.data();
    if (!charges().labels.empty()) order.labels = label_of_row_.data();
  }
  return order;
}

BoundsView DeviceRowBounds::bounds_view() const {
  return {bounds_.data(), applied_.data(), screened_.data(), rows_.norms()};
}

ProductView DeviceRowBounds::all_products() const {
  ProductView view{rows_.view(), centres_.view()};
  view.count = static_cast<std::uint32_t>(size());
  view.scale = screening().scale();
  view.end = view.centres.count;
  return view;
}

RowFilter DeviceRowBounds::filter(const DeviceArray<std::uint32_t>& counts, bool complete) const {
  return {order(), counts.data(), static_cast<std::uint32_t>(centres().count()), complete, {}};
}

DeviceRowBounds::Known DeviceRowBounds::gather(std::span<const std::uint32_t> rows) const {
  asked_rows_.write(rows);
  asked_bounds_.reserve(rows.size());
  asked_applied_.reserve(rows.size());
  accelerator_.run(GatherTask{asked_rows_.data(), bounds_view(), asked_bounds_.data(), asked_applied_.data()},
                   rows.size());
  return {asked_bounds_.read(rows.size()), asked_applied_.read(rows.size())};
}

std::vector<double> DeviceRowBounds::bounds_of(std::span<const Candidate> candidates) const {
  return gather(rows_of(candidates)).bounds;
}

std::vector<Candidate> DeviceRowBounds::top(std::size_t count) {
  const Stopwatch watch(costs().screening_seconds);
  if (count == 0 || size() == 0) return {};
  centres_.update();
  is_open_.write(open_labels());
  // As on a CPU: the farthest first, because they raise the limit that the others must reach.
  const std::size_t batch = std::max({4 * count, std::size_t{16384}, size() / 16});
  while (true) {
    RowFilter current = filter(screened_, true);
    const auto first = selection_.first(current, count);
    current.last = first.last;
    RowFilter stale = filter(screened_, false);
    if (first.count == count) stale.last = first.last;
    // At the start nothing is known of any row: there is no order to gain from.
    const auto behind = selection_.first(stale, is_begun_ ? batch : size());
    if (behind.count == 0) {
      selection_.make_list(current, first.count);
      return listed(first.count);
    }
    stale.last = behind.last;
    screen(selection_.make_list(stale));
    is_begun_ = true;
  }
}

/// In the order of choice.
std::vector<Candidate> DeviceRowBounds::listed(std::size_t count) const {
  const auto rows = selection_.list().read(count);
  const auto values = selection_.values().read(count);
  std::vector<Candidate> candidates(count);
  for (std::size_t i = 0; i < count; ++i) candidates[i] = {{from_ordered(values[i]), id(rows[i])}, rows[i]};
  std::sort(candidates.begin(), candidates.end(), earlier);
  return candidates;
}

void DeviceRowBounds::screen(std::size_t count) {
  const auto of_age = sort_by_age(count);
  std::size_t begin = 0, before = 0;
  std::uint32_t age = 0;  // of the first row of the slice
  for (; begin < count; begin += std::min(DeviceSearch::most_rows, count - begin)) {
    while (before + of_age[age] <= begin) before += of_age[age++];
    ProductView view = all_products();
    view.list = sorted_.data() + begin;
    view.count = static_cast<std::uint32_t>(std::min(DeviceSearch::most_rows, count - begin));
    view.applied = screened_.data();
    view.begin = age;
    accelerator_.run(LowerTask{search_.fold(view), bounds_view(), screening()}, view.count);
  }
}

std::vector<std::uint32_t> DeviceRowBounds::sort_by_age(std::size_t count) {
  const auto centres = static_cast<std::uint32_t>(this->centres().count());
  const std::uint32_t* const list = selection_.list().data();
  ages_.clear(centres);
  accelerator_.run(CountAgesTask{list, screened_.data(), ages_.data()}, count);
  auto of_age = ages_.read(centres);
  std::vector<std::uint32_t> next(centres, 0);
  for (std::uint32_t age = 0; age < centres; ++age) {
    if (age > 0) next[age] = next[age - 1] + of_age[age - 1];
    costs().distances += std::uint64_t{of_age[age]} * (centres - age);
  }
  ages_.write(next);
  accelerator_.run(SortByAgeTask{list, screened_.data(), ages_.data(), sorted_.data()}, count);
  return of_age;
}

void DeviceRowBounds::make_exact(std::span<Candidate> candidates) {
  const Stopwatch watch(costs().exact_seconds);
  if (candidates.empty()) return;
  centres_.update();
  const auto known = gather(rows_of(candidates));
  std::vector<std::size_t> asking;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (known.applied[i] != centres().count()) asking.push_back(i);
  }
  for (std::size_t begin = 0; begin < asking.size(); begin += DeviceSearch::most_queries) {
    const auto batch = std::span(asking).subspan(begin, std::min(DeviceSearch::most_queries, asking.size() - begin));
    std::vector<std::uint32_t> rows, applied;
    for (const std::size_t i : batch) {
      rows.push_back(candidates[i].row);
      applied.push_back(known.applied[i]);
    }
    const auto values = make_rows_exact(rows, applied);
    for (std::size_t q = 0; q < batch.size(); ++q) {
      Candidate& candidate = candidates[batch[q]];
      candidate.key.value = weight(candidate.row) * values[q];
    }
  }
}

std::vector<double> DeviceRowBounds::make_rows_exact(std::span<const std::uint32_t> rows,
                                                     std::span<const std::uint32_t> applied) {
  for (const std::uint32_t seen : applied) costs().distances += centres().count() - seen;
  asked_rows_.write(rows);
  QueriesView queries{all_products(), screening(), rows_.norms(), bounds_.data()};
  queries.view.list = asked_rows_.data();
  queries.view.count = static_cast<std::uint32_t>(rows.size());
  queries.view.applied = applied_.data();
  queries.view.begin = *std::min_element(applied.begin(), applied.end());
  queries = search_.search(queries);
  accelerator_.run(SetExactTask{asked_rows_.data(), queries.found, bounds_view(), queries.view.centres.count},
                   rows.size());
  return gather(rows).bounds;
}

void DeviceRowBounds::make_exact_before(const Key& key) {
  RowFilter wanted = filter(applied_, false);
  wanted.last = last_before(key, vectors().ids());
  const std::size_t count = selection_.make_list(wanted);
  // With many ties these are many; a batch bounds the memory.
  constexpr std::size_t batch = 8 * DeviceSearch::most_queries;
  for (std::size_t begin = 0; begin < count; begin += batch) {
    std::vector<std::uint32_t> rows(std::min(batch, count - begin));
    selection_.list().read(begin, rows);
    std::vector<Candidate> candidates;
    for (const std::uint32_t row : rows) candidates.push_back({{0, id(row)}, row});
    make_exact(candidates);
  }
}

void DeviceRowBounds::settle(std::span<const Outcome> outcomes) {
  if (outcomes.empty()) return;
  std::vector<std::uint32_t> rows;
  std::vector<std::uint64_t> values;
  std::vector<std::uint32_t> centres;
  for (const Outcome& outcome : outcomes) {
    centres.push_back(outcome.centres);
    rows.push_back(outcome.row);
    values.push_back(ordered(outcome.is_chosen ? chosen : outcome.value));
    if (outcome.is_chosen) chosen_rows_.push_back(outcome.row);
  }
  asked_rows_.write(rows);
  asked_values_.write(values);
  asked_applied_.write(centres);
  accelerator_.run(SetExactTask{asked_rows_.data(), asked_values_.data(), bounds_view(), 0, asked_applied_.data()},
                   rows.size());
}

std::vector<std::uint64_t> DeviceRowBounds::nearest_labels() const {
  std::vector<std::uint64_t> labels(size(), curated_representative);
  if (centres().count() == 0 || labels.empty()) return labels;
  centres_.update();
  centres_.update_labels();
  for (std::size_t begin = 0; begin < size(); begin += DeviceSearch::most_rows) {
    ProductView view = all_products();
    view.first_row = static_cast<std::uint32_t>(begin);
    view.count = static_cast<std::uint32_t>(std::min(DeviceSearch::most_rows, size() - begin));
    view.hopeful = true;
    DeviceArray<std::uint32_t> undecided(accelerator_, 1);
    undecided.clear(1);
    accelerator_.run(AssignTask{search_.fold(view), bounds_view(), screening(), !centres_.has_infinite_norm(),
                                nearest_.data(), undecided.data(), selection_.list().data()},
                     view.count);
    assign_undecided(undecided.read(1).front());
  }
  nearest_.read(0, labels);
  for (const std::uint32_t row : chosen_rows_) labels[row] = id(row);
  return labels;
}

void DeviceRowBounds::assign_undecided(std::size_t count) const {
  for (std::size_t begin = 0; begin < count; begin += DeviceSearch::most_queries) {
    QueriesView queries{all_products(), screening(), rows_.norms()};
    queries.view.list = selection_.list().data() + begin;
    queries.view.count = static_cast<std::uint32_t>(std::min(DeviceSearch::most_queries, count - begin));
    search_.label(search_.search(queries), nearest_.data());
  }
}

}  // namespace farpoint::select
