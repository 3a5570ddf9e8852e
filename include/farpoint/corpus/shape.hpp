// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::corpus {

/// The type that a column needs so that it holds the values of one key of many JSON objects as they are.
struct Shape {
  enum class Kind : std::uint8_t {
    null,  ///< no value but null
    boolean,
    integer,           ///< all fit int64
    unsigned_integer,  ///< none is negative, all fit uint64
    number,            ///< doubles, and whole numbers that a double holds exactly
    text,
    list,
    object,
    json  ///< JSON text: values that no one type holds
  };

  Kind kind = Kind::null;
  std::vector<std::string> names{};  ///< of an object's keys, in the order in which they first came
  std::vector<Shape> inner{};        ///< of an object: the values of `names`; of a list: its elements, one shape
  bool is_mixed = false;             ///< of json: because values are of different kinds

  /// Paths of all that is JSON text because values are of different kinds: "messages[].content".
  std::vector<std::string> mixed_paths() const;
};

/// Finds the columns for a table of records. Objects become groups of columns where they have a key in common, as turns
/// and calls have, and lists become lists. JSON text becomes what has values of different kinds, integers beyond 64
/// bits, objects without a common key (arguments of tools) or without any, and what is nested deeper than 12.
/// Memory: what the keys take, 256 of them in an inner object at most.
class ShapeFinder {
 public:
  ShapeFinder();
  ~ShapeFinder();
  ShapeFinder(const ShapeFinder&) = delete;
  ShapeFinder& operator=(const ShapeFinder&) = delete;

  /// `json`: an object that a RecordParser has accepted, without white space around it. Throws UsageError beyond 2,000
  /// different keys of records, which no table should have.
  void add(std::string_view json);
  /// Of all objects: kind object, whatever they have in common.
  Shape finish() const;

  struct Seen;

 private:
  std::unique_ptr<Seen> records_;
};

}  // namespace farpoint::corpus
