// SPDX-License-Identifier: Apache-2.0
#include "string_matcher.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <map>

namespace farpoint::clean {

namespace {

/// Calls sink(byte) for the bytes of the folded text. Ideographs, kana and what is not UTF-8 have no case, and pass.
template <typename Sink>
void for_each_folded_byte(std::string_view utf8, Sink&& sink) {
  for (std::size_t at = 0; at < utf8.size();) {
    const auto byte = static_cast<std::uint8_t>(utf8[at]);
    if (byte < 0x80) {
      sink(static_cast<std::uint8_t>(byte >= 'A' && byte <= 'Z' ? byte | 0x20U : byte));
      ++at;
    } else if (byte < 0xc2 || (byte >= 0xe3 && byte <= 0xe9)) {
      sink(byte);
      ++at;
    } else {
      const std::size_t begin = at;
      UChar32 c = 0;
      U8_NEXT(utf8.data(), at, utf8.size(), c);
      std::array<std::uint8_t, U8_MAX_LENGTH> folded{};
      std::size_t size = 0;
      if (c >= 0) {
        U8_APPEND_UNSAFE(folded.data(), size, u_foldCase(c, U_FOLD_CASE_DEFAULT));
      } else {
        for (; begin + size < at; ++size) folded[size] = static_cast<std::uint8_t>(utf8[begin + size]);
      }
      for (std::size_t i = 0; i < size; ++i) sink(folded[i]);
    }
  }
}

/// Bytes of the complete states' transitions: what the second-level cache of a core holds.
constexpr std::size_t most_row_bytes = std::size_t{1} << 20;

}  // namespace

/// The trie while it grows, with children in maps, then numbered by depth, so that suffixes come before their states.
class StringMatcher::Build {
 public:
  explicit Build(StringMatcher& matcher) : matcher_(matcher) {}

  void add(const std::string& string, int index) {
    StateId state = root;
    for_each_folded_byte(string, [&](std::uint8_t byte) {
      if (matcher_.symbol_[byte] == 0) matcher_.symbol_[byte] = static_cast<std::uint8_t>(matcher_.symbols_++);
      const auto fresh = static_cast<StateId>(nodes_.size());
      state = nodes_[state].children.try_emplace(matcher_.symbol_[byte], fresh).first->second;
      if (state == fresh) nodes_.emplace_back();
    });
    std::uint32_t& ending = nodes_[state].string;
    if (ending == none) {
      ending = static_cast<std::uint32_t>(matcher_.indices_.size());
      matcher_.indices_.emplace_back();
      matcher_.shorter_.push_back(none);
    }
    matcher_.indices_[ending].push_back(index);
  }

  void finish() {
    number_states();
    const std::size_t most_complete = most_row_bytes / (matcher_.symbols_ * sizeof(StateId));
    for (StateId id = 0; id < order_.size(); ++id) {
      if (id != root) link(id);
      if (id < most_complete) complete(id);
    }
    for (const State& state : matcher_.states_) matcher_.ends_.push_back(state.string != none);
  }

 private:
  struct Node {
    std::map<std::uint8_t, StateId> children;
    std::uint32_t string = none;
  };

  void number_states() {
    order_ = {root};
    parents_ = {root};
    for (StateId id = 0; id < order_.size(); ++id) {
      const Node& node = nodes_[order_[id]];
      State state;
      state.string = node.string;
      state.first = static_cast<std::uint32_t>(matcher_.edges_.size());
      state.edges = static_cast<std::uint32_t>(node.children.size());
      for (const auto& [symbol, child] : node.children) {
        matcher_.edges_.push_back({symbol, static_cast<StateId>(order_.size())});
        order_.push_back(child);
        parents_.push_back(id);
      }
      matcher_.states_.push_back(state);
    }
  }

  /// All states before `id` have their links, and those that are to be complete are so.
  void link(StateId id) {
    State& state = matcher_.states_[id];
    const StateId parent = parents_[id];
    // Edges are in the order of the states that they lead to; the root has none.
    const std::uint8_t symbol = matcher_.edges_[id - 1].symbol;
    state.failure = parent == root ? root : matcher_.next(matcher_.states_[parent].failure, symbol);
    const std::uint32_t suffix = matcher_.states_[state.failure].string;
    (state.string == none ? state.string : matcher_.shorter_[state.string]) = suffix;
  }

  void complete(StateId id) {
    for (std::size_t i = 0; i < matcher_.symbols_; ++i) {
      const auto symbol = static_cast<std::uint8_t>(i);
      StateId to = matcher_.child(id, symbol);
      if (to == none) to = id == root ? root : matcher_.next(matcher_.states_[id].failure, symbol);
      matcher_.rows_.push_back(to);
    }
    matcher_.complete_ = id + 1;
  }

  StringMatcher& matcher_;
  std::vector<Node> nodes_{1};
  std::vector<StateId> order_;    ///< nodes by depth: their new numbers
  std::vector<StateId> parents_;  ///< by new number
};

StringMatcher::StringMatcher(const std::vector<std::string>& strings) {
  Build build(*this);
  for (std::size_t i = 0; i < strings.size(); ++i) build.add(strings[i], static_cast<int>(i));
  build.finish();
}

StringMatcher::StateId StringMatcher::child(StateId state, std::uint8_t symbol) const {
  const Edge* edge = edges_.data() + states_[state].first;
  const Edge* const end = edge + states_[state].edges;
  while (edge != end && edge->symbol < symbol) ++edge;
  return edge != end && edge->symbol == symbol ? edge->to : none;
}

StringMatcher::StateId StringMatcher::next_by_failure(StateId state, std::uint8_t symbol) const {
  for (; state >= complete_; state = states_[state].failure) {
    const StateId to = child(state, symbol);
    if (to != none) return to;
  }
  return rows_[state * symbols_ + symbol];
}

void StringMatcher::report(StateId state, std::vector<bool>& seen, std::vector<int>& found) const {
  // The suffixes of a string that was seen were reported with it.
  for (std::uint32_t string = states_[state].string; string != none && !seen[string]; string = shorter_[string]) {
    seen[string] = true;
    found.insert(found.end(), indices_[string].begin(), indices_[string].end());
  }
}

std::vector<int> StringMatcher::occurring(std::string_view utf8) const {
  std::vector<int> found;
  std::vector<bool> seen(indices_.size());
  StateId state = root;
  for_each_folded_byte(utf8, [&](std::uint8_t byte) {
    state = next(state, symbol_[byte]);
    if (ends_[state]) report(state, seen, found);
  });
  return found;
}

}  // namespace farpoint::clean
