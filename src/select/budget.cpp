// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/budget.hpp"

#include <algorithm>

namespace farpoint::select {

Ledger::Ledger(Limits limits) : limits_(std::move(limits)), of_label_(limits_.labels.size(), 0) {
  for (auto& label : limits_.labels) {
    label.least = std::min(label.least, label.most);
    unmet_ += label.least > 0 ? 1 : 0;
    below_most_ += label.most > 0 ? 1 : 0;
  }
  full_ = limits_.records == 0 || (!limits_.labels.empty() && below_most_ == 0);
}

bool Ledger::is_open(std::uint32_t label) const {
  if (full_) return false;
  if (limits_.labels.empty()) return true;
  const auto& limit = limits_.labels[label];
  return of_label_[label] < (minima_met() ? limit.most : limit.least);
}

void Ledger::give_up_minima() {
  for (auto& label : limits_.labels) label.least = 0;
  unmet_ = 0;
}

bool Ledger::take(std::uint32_t label, std::uint64_t tokens) {
  if (tokens > limits_.tokens - std::min(tokens_, limits_.tokens)) {
    full_ = true;
    return false;
  }
  enter(label, tokens);
  return true;
}

void Ledger::take_anyway(std::uint32_t label, std::uint64_t tokens) {
  enter(label, tokens);
}

void Ledger::enter(std::uint32_t label, std::uint64_t tokens) {
  ++records_;
  tokens_ += tokens;
  if (records_ >= limits_.records) full_ = true;
  if (limits_.labels.empty()) return;
  const auto& limit = limits_.labels[label];
  const std::uint64_t count = ++of_label_[label];
  if (count == limit.least) --unmet_;
  if (count == limit.most && --below_most_ == 0) full_ = true;
}

}  // namespace farpoint::select
