// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "datasets.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/select/budget.hpp"

namespace farpoint::select {

// Labels and tokens are functions of the id, so that every rank can charge the rows that it has.

/// Half of the records have label 0, few label 2.
inline std::uint32_t label_of(std::uint64_t id) {
  const auto draw = random_bits(5, 0, id) % 16;
  return draw < 8 ? 0 : draw < 14 ? 1 : 2;
}

inline std::uint64_t tokens_of(std::uint64_t id) {
  return random_bits(5, 1, id) % 30;
}

/// Charges of some ids.
struct ChargesOf {
  explicit ChargesOf(const std::vector<std::uint64_t>& ids) {
    for (const std::uint64_t id : ids) {
      labels.push_back(label_of(id));
      tokens.push_back(tokens_of(id));
    }
  }
  Charges charges() const { return {labels, tokens}; }

  std::vector<std::uint32_t> labels;
  std::vector<std::uint64_t> tokens;
};

/// Limits of a selection, and how many records must be kept.
struct Books {
  std::string name;
  Limits limits;
  std::size_t must_keep = 0;
};

inline void PrintTo(const Books& books, std::ostream* out) {
  *out << books.name;
}

inline std::vector<Books> all_books() {
  constexpr auto any = Limits::no_limit;
  return {{"none", {.records = 0}},
          {"one", {.records = 1}},
          {"some", {.records = 70}},
          {"all", {}},
          {"tokens", {.tokens = 700}},
          {"maxima", {.records = 90, .labels = {{0, 12}, {0, 25}, {0, any}}}},
          {"only_maxima", {.labels = {{0, 12}, {0, 0}, {0, 9}}}},
          {"minima", {.records = 60, .labels = {{3, any}, {10, any}, {12, any}}}},
          {"minima_and_all", {.labels = {{3, any}, {10, any}, {12, any}}}},
          {"unmet_minima", {.records = 80, .labels = {{2, any}, {5, any}, {100'000, any}}}},
          {"minima_and_maxima", {.records = 60, .tokens = 800, .labels = {{0, 10}, {20, 30}, {4, 4}}}},
          {"must_keep", {.records = 50}, 9},
          {"must_keep_with_quotas", {.records = 60, .labels = {{0, 4}, {30, any}, {8, any}}}, 20},
          {"must_keep_more", {.records = 5}, 9}};
}

/// Ids that must be kept, in no order of any method.
inline std::vector<std::uint64_t> must_keep_of(const Books& books, const std::vector<std::uint64_t>& ids) {
  std::vector<std::uint64_t> must_keep;
  for (std::size_t i = 0; must_keep.size() < std::min(books.must_keep, ids.size()); ++i) {
    must_keep.push_back(ids[(i * 37 + 11) % ids.size()]);
  }
  return must_keep;
}

/// The walk as it is defined: the records `ids[order[0]]`, ... are offered until the ledger is full, and, when quotas
/// have minima, once more. Records for which `is_out` is true when they are reached are out for good; `keep` hears of
/// those that are taken.
inline void reference_walk(const std::vector<std::uint64_t>& ids, const std::vector<std::size_t>& order, Ledger& ledger,
                           std::vector<bool>& gone, const std::function<bool(std::size_t)>& is_out,
                           const std::function<void(std::size_t)>& keep) {
  const auto walk = [&] {
    const bool first_phase = !ledger.minima_met();
    for (const std::size_t i : order) {
      if (ledger.is_full() || (first_phase && ledger.minima_met())) return;
      if (gone[i] || !ledger.is_open(label_of(ids[i]))) continue;
      if (!is_out(i)) {
        if (!ledger.take(label_of(ids[i]), tokens_of(ids[i]))) return;
        keep(i);
      }
      gone[i] = true;
    }
  };
  if (!ledger.minima_met()) walk();
  if (!ledger.minima_met()) ledger.give_up_minima();
  walk();
}

}  // namespace farpoint::select
