// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "code_spans.hpp"

namespace farpoint::clean {

/// A text made of parts of another, in their order, and of what is put between them. As long as all has been kept,
/// nothing is copied.
class RewrittenText {
 public:
  /// The source must outlive this.
  explicit RewrittenText(std::string_view source) : source_(source) {}

  void keep(Range part) {
    if (part.begin != kept_.end) {
      flush();
      kept_.begin = part.begin;
    }
    kept_.end = part.end;
  }

  void insert(std::string_view text) {
    flush();
    made_ += text;
  }

  std::size_t size() const { return made_.size() + kept_.size(); }
  bool empty() const { return size() == 0; }
  char back() const { return from_end(0); }
  /// The last character for 0, the one before it for 1, and so on; there must be one.
  char from_end(std::size_t i) const { return i < kept_.size() ? source_[kept_.end - 1 - i] : made_[size() - 1 - i]; }
  void pop_back() {
    if (kept_.empty()) {
      made_.pop_back();
    } else {
      --kept_.end;
    }
  }

  /// Moves the text to `out` and returns true, unless it is the source as it was.
  bool finish(std::string& out) {
    if (made_.empty() && kept_.size() == source_.size()) return false;
    flush();
    out = std::move(made_);
    return true;
  }

 private:
  void flush() {
    if (kept_.empty()) return;
    if (made_.empty()) made_.reserve(source_.size());
    made_.append(source_, kept_.begin, kept_.size());
    kept_.begin = kept_.end;
  }

  std::string_view source_;
  std::string made_;
  Range kept_;  ///< the end of the text that is not in made_ yet
};

}  // namespace farpoint::clean
