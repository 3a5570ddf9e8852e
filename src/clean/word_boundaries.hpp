// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "character_class.hpp"

namespace farpoint::clean {

/// Follows a text character by character and tells where words begin. A word is a run between white space; but an
/// ideograph is a word with the marks and the punctuation beside it, as a full stop belongs to the word before it.
class WordBoundaries {
 public:
  /// Whether `kind`, the next character, begins a word.
  bool begins_word(CharacterKind kind) {
    const State before = state_;
    switch (kind) {
      case CharacterKind::white_space:
        state_ = State::outside;
        return false;
      case CharacterKind::ideograph:
        state_ = State::ideograph;
        return before != State::punctuation;
      case CharacterKind::mark:
      case CharacterKind::punctuation:
        if (before == State::outside) state_ = State::punctuation;
        return before == State::outside;
      default:
        state_ = State::run;
        return before == State::outside || before == State::ideograph;
    }
  }

  /// Whether the last character was white space, or there was none.
  bool is_outside() const { return state_ == State::outside; }

  /// Whether the last word is an ideograph, and has not ended.
  bool is_behind_ideograph() const { return state_ == State::ideograph; }

 private:
  enum class State : std::uint8_t { outside, punctuation, ideograph, run };
  State state_ = State::outside;
};

}  // namespace farpoint::clean
