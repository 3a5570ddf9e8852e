// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/components.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "dealt.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/local.hpp"

namespace farpoint::dedup {
namespace {

using Ids = std::vector<std::uint64_t>;
using Edges = std::vector<Edge>;

/// The lowest id that is reached, by going along edges until nothing changes.
Ids reference(std::uint64_t ids, const Edges& edges) {
  Ids labels(ids);
  std::iota(labels.begin(), labels.end(), std::uint64_t{0});
  for (bool changed = true; changed;) {
    changed = false;
    for (const Edge& edge : edges) {
      const std::uint64_t lower = std::min(labels[edge.a], labels[edge.b]);
      changed = changed || labels[edge.a] != labels[edge.b];
      labels[edge.a] = labels[edge.b] = lower;
    }
  }
  return labels;
}

Ids all_ids(std::uint64_t ids) {
  Ids all(ids);
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  return all;
}

Edges random_edges(std::uint64_t trial, std::uint64_t ids, std::uint64_t count) {
  Edges edges;
  for (std::uint64_t i = 0; i < count; ++i) {
    edges.push_back({random_bits(1, trial, 2 * i) % ids, random_bits(1, trial, 2 * i + 1) % ids});
  }
  return edges;
}

/// A permutation of the ids, the same on all ranks.
Ids shuffled(std::uint64_t ids, std::uint64_t trial) {
  Ids order = all_ids(ids);
  for (std::uint64_t i = ids; i > 1; --i) std::swap(order[i - 1], order[random_bits(9, trial, i) % i]);
  return order;
}

void expect_as_the_reference(std::uint64_t ids, const Edges& edges) {
  const Ids expected = reference(ids, edges);
  for (const std::uint64_t gathered : {0, 5, 1 << 16}) {
    for (const Deal deal : all_deals()) {
      Components components(world(), ids, gathered);
      components.join(dealt_to_me(edges, deal));
      ASSERT_EQ(components.labels(all_ids(ids)), expected);
    }
  }
}

TEST(Components, AreThoseOfTheReference) {
  for (std::uint64_t trial = 0; trial < 40; ++trial) {
    const std::uint64_t ids = 1 + random_bits(2, trial, 0) % 120;
    expect_as_the_reference(ids, random_edges(trial, ids, random_bits(2, trial, 1) % (2 * ids)));
  }
}

RC_GTEST_PROP(Components, OfOneProcessAreThoseOfTheReference, ()) {
  const auto ids = *rc::gen::inRange<std::uint64_t>(1, 60);
  const auto ends = rc::gen::inRange<std::uint64_t>(0, ids);
  const auto pairs =
      *rc::gen::container<std::vector<std::pair<std::uint64_t, std::uint64_t>>>(rc::gen::pair(ends, ends));
  const auto comm = comm::make_local();
  Components components(*comm, ids);
  Edges edges;
  for (const auto& [a, b] : pairs) edges.push_back({a, b});
  const std::size_t half = edges.size() / 2;
  components.join(std::span(edges).first(half));
  components.join(std::span(edges).subspan(half));
  RC_ASSERT(components.labels(all_ids(ids)) == reference(ids, edges));
}

TEST(Components, GrowOverManyJoins) {
  for (std::uint64_t trial = 0; trial < 10; ++trial) {
    constexpr std::uint64_t ids = 200;
    Components components(world(), ids, trial % 2 == 0 ? 0 : 10);
    Edges all;
    for (std::uint64_t step = 0; step < 8; ++step) {
      const Edges edges = random_edges(100 * trial + step, ids, 20);
      all.insert(all.end(), edges.begin(), edges.end());
      components.join(dealt_to_me(edges, all_deals()[step % 5]));
      ASSERT_EQ(components.labels(all_ids(ids)), reference(ids, all));
    }
  }
}

TEST(Components, OfHardShapes) {
  constexpr std::uint64_t ids = 90;
  Edges path, backwards, zigzag, star_of_highest, cycle, loops;
  for (std::uint64_t i = 0; i + 1 < ids; ++i) {
    path.push_back({i, i + 1});
    backwards.push_back({ids - 1 - i, ids - 2 - i});
    // 0, 89, 1, 88, ...: every other one has no lower neighbour.
    const auto place = [](std::uint64_t k) { return k % 2 == 0 ? k / 2 : ids - 1 - k / 2; };
    zigzag.push_back({place(i), place(i + 1)});
    star_of_highest.push_back({ids - 1, i});
    loops.push_back({i, i});
  }
  cycle = path;
  cycle.push_back({ids - 1, 0});
  for (const Edges& edges : {path, backwards, zigzag, star_of_highest, cycle, loops, Edges{}}) {
    expect_as_the_reference(ids, edges);
  }
  expect_as_the_reference(1, {});
  expect_as_the_reference(1, {{0, 0}});
  expect_as_the_reference(3, {{2, 1}});
}

TEST(Components, AreAskedForByAnyRankInAnyOrder) {
  Components components(world(), 100, 0);
  components.join(dealt_to_me(Edges{{99, 40}, {40, 7}, {3, 98}}, Deal::in_turn));
  const auto rank = static_cast<std::uint64_t>(world().rank());
  const Ids asked = rank % 2 == 0 ? Ids{99, 3, 99, 5, 98, 40} : Ids{};
  EXPECT_EQ(components.labels(asked), rank % 2 == 0 ? Ids({7, 3, 7, 5, 3, 7}) : Ids{});
}

TEST(Components, RefuseWhatIsNoId) {
  const auto comm = comm::make_local();
  Components components(*comm, 10);
  EXPECT_THROW(components.join(Edges{{3, 10}}), Error);
  EXPECT_THROW(components.labels(Ids{curated_bit | 3}), Error);
}

TEST(Components, OfLongChainsTakeFewCalls) {
  constexpr std::uint64_t ids = 100'000;
  const Ids order = shuffled(ids, 1);
  Edges chain;
  for (std::uint64_t i = 0; i + 1 < ids; ++i) chain.push_back({order[i], order[i + 1]});
  Components components(world(), ids, 0);
  const std::uint64_t before = world().collective_calls();
  components.join(dealt_to_me(chain, Deal::at_random));
  // About log3 of the ids rounds, as a third of a random order are local minima.
  EXPECT_LE(world().collective_calls() - before, 500U);
  EXPECT_EQ(components.labels(all_ids(ids)), Ids(ids, 0));
}

struct Prioritised {
  std::uint64_t id;
  double priority;
};

/// Every third record has no number, and many are tied.
std::vector<Prioritised> priorities_of(const Ids& ids) {
  std::vector<Prioritised> result;
  for (const std::uint64_t id : ids) {
    const std::uint64_t draw = random_bits(5, 0, id) % 9;
    const double infinity = std::numeric_limits<double>::infinity();
    const double values[] = {std::nan(""), -infinity, -1.5, -0.0, 0.0, 2, infinity, -std::nan(""), std::nan("")};
    result.push_back({id, values[draw]});
  }
  return result;
}

TEST(KeptOfComponents, AreTheBestOnes) {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    constexpr std::uint64_t ids = 150;
    const Edges edges = random_edges(trial, ids, 20 * (1 + trial % 5));
    const Ids labels = reference(ids, edges);
    const auto records = priorities_of(shuffled(ids, trial));
    std::map<std::uint64_t, Prioritised> best;
    for (const Prioritised& record : priorities_of(all_ids(ids))) {
      const auto [at, is_new] = best.try_emplace(labels[record.id], record);
      const bool better =
          !std::isnan(record.priority) && (std::isnan(at->second.priority) || record.priority > at->second.priority);
      if (better) at->second = record;
    }
    for (const Deal deal : all_deals()) {
      Components components(world(), ids, 0);
      components.join(dealt_to_me(edges, deal));
      Ids mine, expected;
      std::vector<double> priorities;
      for (const Prioritised& record : dealt_to_me(records, deal)) {
        mine.push_back(record.id);
        priorities.push_back(record.priority);
        expected.push_back(best.at(labels[record.id]).id);
      }
      EXPECT_EQ(kept_of_components(world(), components, mine, priorities), expected);
    }
  }
}

TEST(KeptOfComponents, AreChosenAmongTheRecordsThatArePassed) {
  Components components(world(), 10, 0);
  components.join(dealt_to_me(Edges{{1, 2}, {2, 3}}, Deal::in_turn));
  const bool is_last = world().rank() + 1 == world().size();
  const Ids mine = is_last ? Ids{3, 2} : Ids{};
  const std::vector<double> priorities(mine.size(), 1.0);
  EXPECT_EQ(kept_of_components(world(), components, mine, priorities), is_last ? Ids({2, 2}) : Ids{});
}

}  // namespace
}  // namespace farpoint::dedup
