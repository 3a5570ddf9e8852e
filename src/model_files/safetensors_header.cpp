// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <tuple>

#include "farpoint/base/error.hpp"
#include "farpoint/model_files/safetensors.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

constexpr std::uint64_t longest_header = 100'000'000;  // the reference implementation's
constexpr std::size_t most_tensors = 200'000;
constexpr std::size_t most_dimensions = 8;
constexpr std::size_t longest_name = 1'024;

struct DtypeName {
  std::string_view name;
  Dtype dtype;
  std::size_t bytes;
};

constexpr std::array dtype_names = {
    DtypeName{"BOOL", Dtype::boolean, 1}, DtypeName{"U8", Dtype::u8, 1},     DtypeName{"I8", Dtype::i8, 1},
    DtypeName{"U16", Dtype::u16, 2},      DtypeName{"I16", Dtype::i16, 2},   DtypeName{"U32", Dtype::u32, 4},
    DtypeName{"I32", Dtype::i32, 4},      DtypeName{"U64", Dtype::u64, 8},   DtypeName{"I64", Dtype::i64, 8},
    DtypeName{"F16", Dtype::f16, 2},      DtypeName{"BF16", Dtype::bf16, 2}, DtypeName{"F32", Dtype::f32, 4},
    DtypeName{"F64", Dtype::f64, 8},
};

const DtypeName& row_of(Dtype dtype) {
  return dtype_names.at(static_cast<std::size_t>(dtype));
}

/// What the header says of one tensor, not yet checked.
struct Announced {
  std::string name;
  std::optional<std::string> dtype;
  std::optional<std::vector<std::uint64_t>> shape;
  std::optional<std::vector<std::uint64_t>> offsets;
};

/// Takes the events of nlohmann's parser of an object, so that nothing but what is wanted is ever stored. Levels: 1 the
/// header, 2 a tensor or the metadata, 3 a list of numbers.
class HeaderReader {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}

  std::vector<Announced> take() { return std::move(tensors_); }

  bool null() { return unexpected("null"); }
  bool boolean(bool) { return unexpected("true or false"); }
  bool number_integer(std::int64_t value) { return unexpected(fmt::format("{}", value)); }
  bool number_float(double, const std::string& token) { return unexpected(token); }
  bool binary(const std::vector<std::uint8_t>&) { return unexpected("binary data"); }

  bool number_unsigned(std::uint64_t value) {
    if (level_ != 3) return unexpected(fmt::format("{}", value));
    if (numbers_->size() == most_dimensions) refuse(fmt::format("{} has more than 8 numbers", in_quotes(key_)));
    numbers_->push_back(value);
    return true;
  }

  bool string(const std::string& value) {
    if (level_ == 2 && in_metadata_) return true;
    if (level_ != 2 || key_ != "dtype") return unexpected(in_quotes(value));
    tensors_.back().dtype = value;
    return true;
  }

  bool start_object(std::size_t) {
    if (level_ >= 2) return unexpected("an object");
    if (level_ == 1 && !in_metadata_) tensors_.push_back({key_, {}, {}, {}});
    ++level_;
    return true;
  }

  bool end_object() {
    --level_;
    if (level_ == 1) {
      in_metadata_ = false;
      metadata_keys_.clear();
    }
    return true;
  }

  bool start_array(std::size_t) {
    if (level_ != 2 || in_metadata_ || (key_ != "shape" && key_ != "data_offsets")) return unexpected("a list");
    numbers_ = key_ == "shape" ? &tensors_.back().shape.emplace() : &tensors_.back().offsets.emplace();
    ++level_;
    return true;
  }

  bool end_array() {
    --level_;
    return true;
  }

  bool key(const std::string& value) {
    if (level_ == 1) return start_entry(value);
    key_ = value;
    if (in_metadata_) {
      if (metadata_keys_.size() == most_tensors) refuse("too many keys");
      if (!metadata_keys_.insert(value).second) refuse(fmt::format("the key {} is there twice", in_quotes(value)));
      return true;
    }
    const Announced& tensor = tensors_.back();
    const bool twice = (value == "dtype" && tensor.dtype) || (value == "shape" && tensor.shape) ||
                       (value == "data_offsets" && tensor.offsets);
    if (twice) refuse(fmt::format("the key {} is there twice", in_quotes(value)));
    if (value != "dtype" && value != "shape" && value != "data_offsets") {
      refuse(fmt::format("unknown key {}", in_quotes(value)));
    }
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&, const nlohmann::json::exception&) {
    throw UsageError(
        fmt::format("{}: its header is not valid JSON at byte {}; copy or download it again", file_, byte));
  }

 private:
  bool start_entry(const std::string& name) {
    key_ = name;
    in_metadata_ = name == "__metadata__";
    if (name.size() > longest_name) refuse(fmt::format("its name has {} bytes, {} may be", name.size(), longest_name));
    if (tensors_.size() == most_tensors) refuse(fmt::format("more than {} tensors", most_tensors));
    if (!names_.insert(name).second) refuse("it is there twice");
    return true;
  }

  bool unexpected(std::string_view found) const {
    refuse(fmt::format("{} where it does not belong (key {})", found, in_quotes(key_)));
  }

  [[noreturn]] void refuse(std::string_view why) const {
    const std::string entry = level_ >= 2 ? (in_metadata_ ? "__metadata__" : tensors_.back().name) : key_;
    throw UsageError(fmt::format("{}: tensor {}: {}", file_, in_quotes(entry), why));
  }

  const std::string& file_;
  int level_ = 0;
  bool in_metadata_ = false;
  std::string key_;
  std::vector<std::uint64_t>* numbers_ = nullptr;
  std::set<std::string> names_;
  std::set<std::string> metadata_keys_;
  std::vector<Announced> tensors_;
};

[[noreturn]] void refuse_tensor(const std::string& file, const Announced& tensor, std::string_view why) {
  throw UsageError(fmt::format("{}: tensor {}: {}", file, in_quotes(tensor.name), why));
}

Dtype known_dtype(const std::string& file, const Announced& tensor) {
  for (const DtypeName& row : dtype_names) {
    if (row.name == *tensor.dtype) return row.dtype;
  }
  refuse_tensor(
      file, tensor,
      fmt::format("elements of type {}; readable are BOOL, integers, F16, BF16, F32 and F64: save the model in "
                  "one of these, not quantised",
                  in_quotes(*tensor.dtype)));
}

/// Bytes of a tensor. The product leaves zeros out, so that strides of empty tensors do not overflow either.
std::uint64_t announced_bytes(const std::string& file, const Announced& tensor, std::size_t item) {
  std::int64_t bytes = static_cast<std::int64_t>(item);
  bool empty = false;
  for (const std::uint64_t length : *tensor.shape) {
    empty = empty || length == 0;
    if (__builtin_mul_overflow(bytes, std::max<std::uint64_t>(length, 1), &bytes)) {
      refuse_tensor(file, tensor, fmt::format("its shape ({}) is too large", fmt::join(*tensor.shape, ", ")));
    }
  }
  return empty ? 0 : static_cast<std::uint64_t>(bytes);
}

TensorEntry checked(const std::string& file, const Announced& tensor, std::uint64_t expected_begin,
                    std::span<const std::byte> data) {
  const Dtype dtype = known_dtype(file, tensor);
  const std::uint64_t begin = (*tensor.offsets)[0];
  const std::uint64_t end = (*tensor.offsets)[1];
  if (begin != expected_begin) {
    refuse_tensor(file, tensor,
                  fmt::format("its data begin at byte {}, but the tensor before ends at {}; the file is "
                              "damaged",
                              begin, expected_begin));
  }
  const std::uint64_t bytes = announced_bytes(file, tensor, item_bytes(dtype));
  if (end < begin || end - begin != bytes) {
    refuse_tensor(file, tensor,
                  fmt::format("its shape ({}) of {} needs {} bytes, but its data_offsets are [{}, {}]",
                              fmt::join(*tensor.shape, ", "), *tensor.dtype, bytes, begin, end));
  }
  if (end > data.size()) {
    refuse_tensor(file, tensor,
                  fmt::format("its data end at byte {} of {}; the file was not copied or downloaded to the "
                              "end",
                              end, data.size()));
  }
  return {tensor.name, dtype, {tensor.shape->begin(), tensor.shape->end()}, data.subspan(begin, bytes), nullptr};
}

std::vector<Announced> read_header(std::string_view header, const std::string& file) {
  // The parser takes a NUL byte for the end, whatever follows.
  const bool plausible = header.starts_with('{') && header.find('\0') == std::string_view::npos;
  if (!plausible) throw UsageError(fmt::format("{}: its header is not JSON; it is no safetensors file", file));
  HeaderReader reader(file);
  nlohmann::json::sax_parse(header.begin(), header.end(), &reader);
  std::vector<Announced> tensors = reader.take();
  for (const Announced& tensor : tensors) {
    const bool complete = tensor.dtype && tensor.shape && tensor.offsets && tensor.offsets->size() == 2;
    if (!complete) refuse_tensor(file, tensor, "dtype, shape and data_offsets of two numbers are needed");
  }
  return tensors;
}

}  // namespace

std::size_t item_bytes(Dtype dtype) {
  return row_of(dtype).bytes;
}

std::string_view name_of(Dtype dtype) {
  return row_of(dtype).name;
}

std::int64_t TensorEntry::elements() const {
  return static_cast<std::int64_t>(bytes.size() / item_bytes(dtype));
}

std::vector<TensorEntry> parse_header(std::span<const std::byte> file, const std::string& name) {
  std::uint64_t length = 0;
  if (file.size() < sizeof length) {
    throw UsageError(fmt::format("{}: {} bytes are no safetensors file; copy or download it again", name, file.size()));
  }
  std::memcpy(&length, file.data(), sizeof length);
  if (length > longest_header) {
    throw UsageError(
        fmt::format("{}: says that its header has {} bytes; it is no safetensors file, or damaged", name, length));
  }
  if (length > file.size() - sizeof length) {
    throw UsageError(fmt::format("{}: ends within its header of {} bytes; copy or download it again", name, length));
  }
  const auto header = file.subspan(sizeof length, length);
  auto announced = read_header({reinterpret_cast<const char*>(header.data()), header.size()}, name);
  std::sort(announced.begin(), announced.end(), [](const Announced& a, const Announced& b) {
    return std::tie(*a.offsets, a.name) < std::tie(*b.offsets, b.name);
  });
  const auto data = file.subspan(sizeof length + length);
  std::vector<TensorEntry> entries;
  std::uint64_t end = 0;
  for (const Announced& tensor : announced) {
    entries.push_back(checked(name, tensor, end, data));
    end = (*tensor.offsets)[1];
  }
  if (end != data.size()) {
    throw UsageError(fmt::format("{}: {} bytes behind the last tensor; it is damaged", name, data.size() - end));
  }
  return entries;
}

}  // namespace farpoint::model_files
