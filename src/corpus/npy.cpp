// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/npy.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "farpoint/base/half_float.hpp"
#include "npy_header.hpp"

namespace farpoint::corpus {

static_assert(std::endian::native == std::endian::little, "elements are copied as they stand in the file");

namespace {

template <typename Value>
using Converter = void (*)(const char* bytes, std::span<Value> values);

template <typename Stored, typename Value>
void convert(const char* bytes, std::span<Value> values) {
  for (Value& value : values) {
    Stored stored;
    std::memcpy(&stored, bytes, sizeof stored);
    value = static_cast<Value>(stored);
    bytes += sizeof stored;
  }
}

/// One byte, whatever its value: copying a 2 into a bool would be undefined.
struct StoredBool {
  std::uint8_t byte;
  template <typename Value>
  explicit operator Value() const {
    return byte == 0 ? Value{0} : Value{1};
  }
};

struct StoredHalf {
  std::uint16_t bits;
  template <typename Value>
  explicit operator Value() const {
    return half_to_float(bits);
  }
};

struct ElementType {
  std::string_view name;
  Converter<float> to_float;
  Converter<double> to_double;
};

template <typename Stored>
constexpr ElementType element_type(std::string_view name) {
  return {name, &convert<Stored, float>, &convert<Stored, double>};
}

constexpr std::array element_types = {
    element_type<StoredHalf>("<f2"),    element_type<float>("<f4"),         element_type<double>("<f8"),
    element_type<std::int8_t>("|i1"),   element_type<std::int16_t>("<i2"),  element_type<std::int32_t>("<i4"),
    element_type<std::int64_t>("<i8"),  element_type<std::uint8_t>("|u1"),  element_type<std::uint16_t>("<u2"),
    element_type<std::uint32_t>("<u4"), element_type<std::uint64_t>("<u8"), element_type<StoredBool>("|b1"),
};

const ElementType& find_type(std::string_view name) {
  for (const ElementType& type : element_types) {
    if (type.name == name) return type;
  }
  throw std::logic_error(fmt::format("no conversion for elements of type {}", name));
}

}  // namespace

struct NpyFile::Implementation {
  Implementation(const std::filesystem::path& file_path, Compression file_compression)
      : path(file_path),
        compression(file_compression),
        source(open_bytes(path, compression)),
        header(read_npy_header(*source, path)),
        type(find_type(header.element)) {
    if (compression == Compression::none) check_size();
  }

  void check_size() const {
    const std::uint64_t expected = header.header_bytes + header.rows * header.row_bytes();
    const std::uint64_t found = std::filesystem::file_size(path);
    if (found < expected) throw too_short(path, header);
    if (found > expected) throw too_long(path, header);
  }

  template <typename Value>
  void read(std::uint64_t begin, std::uint64_t count, std::span<Value> values, Converter<Value> to_value) {
    if (begin > header.rows || count > header.rows - begin || values.size() != count * header.row_elements()) {
      throw std::out_of_range(fmt::format("{}: {} values for rows {} to {} of {}", path.string(), values.size(), begin,
                                          begin + count, header.rows));
    }
    go_to(header.header_bytes + begin * header.row_bytes());
    while (!values.empty()) {
      const std::span<Value> part = values.first(std::min(values.size(), buffer.size() / header.element_bytes));
      const std::size_t bytes = part.size() * header.element_bytes;
      if (source->read(std::span(buffer).first(bytes)) < bytes) throw too_short(path, header);
      position += bytes;
      to_value(buffer.data(), part);
      values = values.subspan(part.size());
    }
  }

  void go_to(std::uint64_t offset) {
    if (offset == position) return;
    if (offset < position && compression != Compression::none) source = open_bytes(path, compression);
    source->seek(offset);
    position = offset;
  }

  std::filesystem::path path;
  Compression compression;
  std::unique_ptr<ByteSource> source;
  NpyHeader header;
  const ElementType& type;
  std::uint64_t position = header.header_bytes;  ///< of the source
  std::vector<char> buffer = std::vector<char>(256U << 10);
};

NpyFile::NpyFile(const std::filesystem::path& path, Compression compression)
    : implementation_(std::make_unique<Implementation>(path, compression)) {}
NpyFile::~NpyFile() = default;
NpyFile::NpyFile(NpyFile&&) noexcept = default;

std::uint64_t NpyFile::rows() const {
  return implementation_->header.rows;
}
std::size_t NpyFile::width() const {
  return implementation_->header.width;
}
std::uint64_t NpyFile::row_bytes() const {
  return implementation_->header.row_bytes();
}

void NpyFile::read(std::uint64_t begin, std::uint64_t count, std::span<float> values) {
  implementation_->read(begin, count, values, implementation_->type.to_float);
}

void NpyFile::read(std::uint64_t begin, std::uint64_t count, std::span<double> values) {
  implementation_->read(begin, count, values, implementation_->type.to_double);
}

}  // namespace farpoint::corpus
