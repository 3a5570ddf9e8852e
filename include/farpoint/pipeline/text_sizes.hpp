// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace farpoint::pipeline {

/// How many of a shard's records are how long, in classes by powers of two of their bytes: what sharing out work by
/// more than bytes needs to know of a shard that it does not open.
class TextSizes {
 public:
  void add(std::uint64_t bytes);
  bool empty() const { return classes_.empty(); }
  /// Sum of cost(bytes) over the records; those of a class count as equally long.
  double cost(const std::function<double(double bytes)>& cost) const;

  /// "6:12:900 7:3:400": class, records, bytes.
  std::string to_text() const;
  /// Empty when it is no such text.
  static TextSizes from_text(std::string_view text);

  friend bool operator==(const TextSizes&, const TextSizes&) = default;
  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& classes_;
  }

 private:
  /// Without initial values: clang knows them only behind this class, and the map of these is in it. The map sets 0.
  struct Class {
    std::uint64_t records;
    std::uint64_t bytes;
    friend bool operator==(const Class&, const Class&) = default;
    template <typename Archive>
    void serialize(Archive& archive, unsigned) {
      archive& records& bytes;
    }
  };

  std::map<int, Class> classes_;  ///< by the number of bits of a record's bytes
};

}  // namespace farpoint::pipeline
