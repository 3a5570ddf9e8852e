// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <optional>

#include "record_splitter.hpp"

namespace farpoint::corpus {

namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Position of the first newline at or behind `from`.
std::optional<std::size_t> find_newline(std::string_view bytes, std::size_t from) {
  if (from == bytes.size()) return std::nullopt;
  const void* found = std::memchr(bytes.data() + from, '\n', bytes.size() - from);
  if (found == nullptr) return std::nullopt;
  return static_cast<const char*>(found) - bytes.data();
}

/// One record a line.
class LineSplitter final : public RecordSplitter {
 public:
  LineSplitter(ByteWindow& window, Limits limits) : window_(window), limits_(limits) {}

  void start(std::uint64_t line) override { line_ = line; }
  bool resumable() const override { return true; }
  std::uint64_t line() const override { return line_; }

  bool next(RawRecord& record) override {
    while (window_.offset() < limits_.end) {
      if (window_.offset() == 0) skip_byte_order_mark(window_);
      record.line = line_;
      const std::optional<Line> line = take_line();
      if (!line) return false;
      if (line->blank) continue;
      record.too_large = line->too_large;
      record.text = line->too_large ? std::string_view{} : line->text;
      return true;
    }
    return false;
  }

 private:
  struct Line {
    std::string_view text;
    bool blank = false;
    bool too_large = false;
  };

  /// Nothing at the end of the file.
  std::optional<Line> take_line() {
    std::size_t searched = 0;
    for (;;) {
      const std::string_view bytes = window_.bytes();
      if (const auto newline = find_newline(bytes, searched)) {
        window_.consume(*newline + 1);
        ++line_;
        return held(bytes.substr(0, *newline));
      }
      if (too_large(bytes)) return pass_over_line();
      searched = bytes.size();
      if (!window_.extend()) break;
    }
    const std::string_view last = window_.bytes();
    if (last.empty()) return std::nullopt;
    window_.consume(last.size());
    return held(last);
  }

  Line held(std::string_view line) const {
    return {.text = without_carriage_return(line), .blank = is_blank(line), .too_large = too_large(line)};
  }

  bool too_large(std::string_view line) const { return without_carriage_return(line).size() > limits_.record_bytes; }

  /// The window holds the front of a line and no newline.
  Line pass_over_line() {
    bool blank = true;
    do {
      const std::string_view bytes = window_.bytes();
      const auto newline = find_newline(bytes, 0);
      const std::size_t length = newline.value_or(bytes.size());
      blank = blank && is_blank(bytes.substr(0, length));
      window_.consume(newline ? length + 1 : length);
      if (newline) {
        ++line_;
        break;
      }
    } while (window_.extend());
    return {.text = {}, .blank = blank, .too_large = true};
  }

  ByteWindow& window_;
  Limits limits_;
  std::uint64_t line_ = 1;
};

}  // namespace

std::unique_ptr<RecordSplitter> make_line_splitter(ByteWindow& window, RecordSplitter::Limits limits) {
  return std::make_unique<LineSplitter>(window, limits);
}

}  // namespace farpoint::corpus
