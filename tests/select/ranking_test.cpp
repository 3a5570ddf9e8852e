// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/ranking.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "charged_pool.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/select/random.hpp"
#include "mpi_world.hpp"

namespace farpoint::select {
namespace {

using Ids = std::vector<std::uint64_t>;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Many ties, and all that is special about numbers.
double value_of(std::uint64_t id) {
  const std::vector<double> values{0.0, -0.0, 1, 1, -2.5, std::nan(""), infinity, -infinity, 5e-324, -5e-324, 1e300};
  return values[random_bits(1, 2, id) % values.size()];
}

Ids ids_below(std::uint64_t n) {
  Ids ids(n);
  std::iota(ids.begin(), ids.end(), std::uint64_t{0});
  for (auto& id : ids) id = 3 * id + 7;
  return ids;
}

/// In split 0 every rank has a range of ids, the last one none; in others anything goes.
Ids part_of(const Ids& ids, std::uint64_t split) {
  const auto ranks = static_cast<std::uint64_t>(world().size());
  const auto rank = static_cast<std::uint64_t>(world().rank());
  const std::uint64_t usable = ranks > 1 && split == 0 ? ranks - 1 : ranks;
  Ids part;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::uint64_t owner = split == 0 ? i * usable / ids.size() : random_bits(split, 0, ids[i]) % usable;
    if (owner == rank) part.push_back(ids[i]);
  }
  return part;
}

Ids reference(const Ids& ids, const std::function<bool(std::size_t, std::size_t)>& before, const Books& books) {
  const Ids must_keep = must_keep_of(books, ids);
  Ids chosen = must_keep;
  Ledger ledger(books.limits);
  std::vector<bool> gone(ids.size(), false);
  for (const std::uint64_t id : must_keep) {
    ledger.take_anyway(label_of(id), tokens_of(id));
    gone[(id - 7) / 3] = true;
  }
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), before);
  reference_walk(
      ids, order, ledger, gone, [](std::size_t) { return false; }, [&](std::size_t i) { chosen.push_back(ids[i]); });
  return chosen;
}

class RankingBooks : public testing::TestWithParam<Books> {};

TEST_P(RankingBooks, ChooseLargestAsTheReference) {
  const Ids ids = ids_below(3000);
  const auto expected = reference(
      ids,
      [&](std::size_t a, std::size_t b) {
        const double x = value_of(ids[a]);
        const double y = value_of(ids[b]);
        return std::isnan(y) ? !std::isnan(x) : x > y;
      },
      GetParam());

  for (const std::uint64_t split : {0, 1, 2}) {
    const Ids mine = part_of(ids, split);
    const ChargesOf charged(mine);
    std::vector<double> values(mine.size());
    std::transform(mine.begin(), mine.end(), values.begin(), value_of);
    Ledger ledger(GetParam().limits);
    EXPECT_EQ(choose_largest(world(), mine, values, charged.charges(), must_keep_of(GetParam(), ids), ledger), expected)
        << "in split " << split;
    EXPECT_EQ(ledger.records(), expected.size());
  }
}

TEST_P(RankingBooks, ChooseAtRandomAsTheReference) {
  const Ids ids = ids_below(3000);
  const auto expected = reference(
      ids, [&](std::size_t a, std::size_t b) { return random_key(4, ids[a]) < random_key(4, ids[b]); }, GetParam());

  for (const std::uint64_t split : {0, 1, 2}) {
    const Ids mine = part_of(ids, split);
    const ChargesOf charged(mine);
    Ledger ledger(GetParam().limits);
    EXPECT_EQ(choose_at_random(world(), mine, charged.charges(), must_keep_of(GetParam(), ids), 4, ledger), expected)
        << "in split " << split;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RankingBooks, testing::ValuesIn(all_books()),
                         [](const auto& test) { return test.param.name; });

TEST(Ranking, WalksThroughManyBlocks) {
  const Ids ids = ids_below(150'000);
  // Nearly all that come first are passed over: the wanted ones are the rarest.
  const Books books{"", {.records = 12'000, .labels = {{0, 10}, {0, 20}, {11'500, Limits::no_limit}}}};
  const auto expected = reference(
      ids, [](std::size_t a, std::size_t b) { return a > b; }, books);

  for (const std::uint64_t split : {0, 1}) {
    const Ids mine = part_of(ids, split);
    const ChargesOf charged(mine);
    Ids keys(mine.size());
    std::transform(mine.begin(), mine.end(), keys.begin(), [](std::uint64_t id) { return ~id; });
    Ledger ledger(books.limits);
    EXPECT_EQ(choose_in_order(world(), mine, keys, charged.charges(), {}, ledger), expected) << "in split " << split;
  }
}

TEST(Ranking, NeedsFewCallsForManyRecords) {
  const Ids ids = ids_below(400'000);
  const Ids mine = part_of(ids, 1);
  const auto before = world().collective_calls();

  const auto drawn = random_subset(world(), mine, 300'000, 1);

  EXPECT_EQ(drawn.size(), 300'000);
  EXPECT_LT(world().collective_calls() - before, 12);
}

TEST(Ranking, OfNothingIsEmpty) {
  Ledger ledger({.records = 5});

  EXPECT_TRUE(choose_largest(world(), {}, {}, {}, {}, ledger).empty());
}

TEST(Ranking, RefusesWhatDoesNotFit) {
  const Ids ids = part_of(ids_below(30), 1);
  const std::vector<double> values(ids.size(), 1.0);
  const std::vector<std::uint32_t> labels(ids.size(), 2);
  const std::vector<std::uint64_t> tokens(ids.size() + 1, 2);
  Ledger any({.records = 5});
  Ledger two_labels({.records = 5, .labels = {{}, {}}});

  EXPECT_THROW(choose_in_order(world(), ids, tokens, {}, {}, any), Error);
  EXPECT_THROW(choose_largest(world(), ids, values, {{}, tokens}, {}, any), Error);
  EXPECT_THROW(choose_largest(world(), ids, values, {labels, {}}, {}, two_labels), Error);
  EXPECT_THROW(choose_largest(world(), ids, values, {}, Ids{8}, any), Error);
}

TEST(DescendingKey, OrdersValuesWithNanLast) {
  const std::vector<double> descending{infinity, 1e300, 1, 5e-324, 0, -5e-324, -1, -1e300, -infinity, std::nan("")};
  const auto keys = descending_keys(descending);

  for (std::size_t i = 1; i < keys.size(); ++i) EXPECT_LT(keys[i - 1], keys[i]) << descending[i];
  EXPECT_EQ(descending_key(-0.0), descending_key(0.0));
  EXPECT_EQ(descending_key(-std::nan("1")), descending_key(std::nan("")));
}

}  // namespace
}  // namespace farpoint::select
