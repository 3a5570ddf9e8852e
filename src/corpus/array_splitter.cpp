// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "array_scanner.hpp"
#include "farpoint/base/error.hpp"
#include "record_splitter.hpp"

namespace farpoint::corpus {

namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  return text.substr(0, text.find_last_not_of(white_space) + 1);  // npos + 1 is 0: nothing but white space
}

/// One record an element of the JSON array that the file is.
class ArraySplitter final : public RecordSplitter {
 public:
  ArraySplitter(ByteWindow& window, Limits limits, std::string name)
      : window_(window), limits_(limits), name_(std::move(name)) {}

  void start(std::uint64_t line) override {
    line_ = line;
    place_ = Place::behind_comma;
    if (window_.offset() == 0) enter_array();
  }

  bool next(RawRecord& record) override {
    record = {};
    const bool more = skip_white_space();
    record.line = line_;
    switch (place_) {
      case Place::front:
        if (more && window_.bytes().front() == ']') {
          consume(1);
          place_ = Place::behind_array;
          return next(record);
        }
        [[fallthrough]];
      case Place::behind_comma:
        take_element(record);
        return true;
      case Place::missing_end:
        place_ = Place::done;
        return true;
      case Place::behind_array:
        if (more) fail(line_, "behind the array stands more; one file holds one array");
        place_ = Place::done;
        return false;
      case Place::done:
        return false;
    }
    return false;
  }

  bool resumable() const override { return place_ == Place::behind_comma; }
  std::uint64_t line() const override { return line_; }

 private:
  enum class Place { front, behind_comma, missing_end, behind_array, done };

  void enter_array() {
    skip_byte_order_mark(window_);
    if (!skip_white_space() || window_.bytes().front() != '[') {
      throw UsageError(
          fmt::format("{}:{}: a file of format json holds one array and begins with '['; "
                      "for one JSON value a line say `format: jsonl`",
                      name_, line_));
    }
    consume(1);
    place_ = Place::front;
  }

  /// False at the end of the file.
  bool skip_white_space() {
    do {
      const std::string_view bytes = window_.bytes();
      const std::size_t skipped = std::min(bytes.find_first_not_of(white_space), bytes.size());
      consume(skipped);
      if (skipped < bytes.size()) return true;
    } while (window_.extend());
    return false;
  }

  /// The window begins with the element.
  void take_element(RawRecord& record) {
    scanner_ = {};
    std::size_t searched = 0;
    for (;;) {
      const std::string_view bytes = window_.bytes();
      const std::size_t found = scanner_.find_end(bytes.substr(searched));
      check_element(record.line, scanner_.damage());
      if (found != ArrayScanner::npos) {
        const std::size_t length = searched + found;
        record.too_large |= length > limits_.record_bytes;
        if (!record.too_large) record.text = trimmed(bytes.substr(0, length));
        leave_element(length);
        return;
      }
      record.too_large |= bytes.size() > limits_.record_bytes;
      searched = record.too_large ? 0 : bytes.size();
      if (record.too_large) consume(bytes.size());
      if (!window_.extend()) break;
    }
    end_in_element(record);
  }

  void leave_element(std::size_t length) {
    place_ = window_.bytes()[length] == ',' ? Place::behind_comma : Place::behind_array;
    consume(length + 1);
  }

  /// The file ends without ']'. A last element that is whole, or none, hides nothing: an empty record behind it says
  /// that the end is missing.
  void end_in_element(RawRecord& record) {
    if (scanner_.inside_value()) {
      check_element(record.line,
                    "does not end before the file does: it lacks a quote or a bracket, or the file is cut off");
    }
    record.text = trimmed(window_.bytes());
    consume(window_.bytes().size());
    place_ = record.too_large || !record.text.empty() ? Place::missing_end : Place::done;
  }

  /// Records that a fault hides would get no id and stand in no list of rejects.
  void check_element(std::uint64_t line, std::string_view damage) const {
    if (damage.empty()) return;
    fail(line,
         fmt::format("the array's element that begins here {}, so that other records may be hidden in it", damage));
  }

  [[noreturn]] void fail(std::uint64_t line, std::string_view what) const {
    throw UsageError(fmt::format(
        "{}:{}: {}; mend the file, or convert it to .jsonl, where a faulty line costs only itself", name_, line, what));
  }

  void consume(std::size_t count) {
    const std::string_view bytes = window_.bytes().substr(0, count);
    line_ += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    window_.consume(count);
  }

  ByteWindow& window_;
  Limits limits_;
  std::string name_;
  ArrayScanner scanner_;
  Place place_ = Place::front;
  std::uint64_t line_ = 1;
};

}  // namespace

std::unique_ptr<RecordSplitter> make_array_splitter(ByteWindow& window, RecordSplitter::Limits limits,
                                                    std::string name) {
  return std::make_unique<ArraySplitter>(window, limits, std::move(name));
}

}  // namespace farpoint::corpus
