// SPDX-License-Identifier: Apache-2.0
#include "npy_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace farpoint::corpus {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
/// Headers of arrays that can be read here have about 100 bytes; a length far beyond is damage or an attack.
constexpr std::uint64_t longest_header = 64U << 10;

constexpr std::array<std::string_view, 12> elements = {"<f2", "<f4", "<f8", "|i1", "<i2", "<i4",
                                                       "<i8", "|u1", "<u2", "<u4", "<u8", "|b1"};

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view what) {
  throw UsageError(fmt::format("{}: {}", path.string(), what));
}

[[noreturn]] void refuse_array(const std::filesystem::path& path, std::string_view found, std::string_view way_out) {
  refuse(path,
         fmt::format("holds {}; readable are little-endian arrays of rank 1 or 2 in C order, of booleans, integers "
                     "or floats of 2, 4 or 8 bytes: {}",
                     found, way_out));
}

constexpr std::string_view save_as_floats = "np.save(path, np.ascontiguousarray(a, dtype='float32'))";
constexpr std::string_view save_as_rows = "np.save(path, a.reshape(len(a), -1))";

/// For a message: quoted and escaped, because a damaged header may hold anything. (fmt 9's own {:?} reads past the end
/// of text that is cut within a UTF-8 sequence.)
std::string excerpt(std::string_view text) {
  const nlohmann::json quoted = text.substr(0, 100);
  return quoted.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

/// The dictionary, as far as it is understood.
struct Dictionary {
  std::string_view descr;  ///< of a structured type: its text up to the end of the header
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }. Every failure is nullopt or false.
class DictionaryParser {
 public:
  explicit DictionaryParser(std::string_view text) : rest_(text) {}

  std::optional<Dictionary> parse() {
    if (!take("{")) return std::nullopt;
    while (!take("}")) {
      if (!entry()) return std::nullopt;
      if (structured_) return dictionary_;
      if (!take(",") && !next_is('}')) return std::nullopt;
    }
    const bool complete = seen_descr_ && seen_order_ && seen_shape_ && rest_.find_first_not_of(" \n") == rest_.npos;
    return complete ? std::optional(dictionary_) : std::nullopt;
  }

 private:
  bool entry() {
    const std::optional<std::string_view> key = quoted();
    if (!key || !take(":")) return false;
    if (*key == "descr") return seen_descr_ = descr();
    if (*key == "fortran_order") return seen_order_ = fortran_order();
    if (*key == "shape") return seen_shape_ = shape();
    return false;
  }

  bool descr() {
    structured_ = next_is('[') || next_is('(');
    if (structured_) {
      dictionary_.descr = rest_;
      return true;
    }
    const std::optional<std::string_view> text = quoted();
    if (text) dictionary_.descr = *text;
    return text.has_value();
  }

  bool fortran_order() {
    dictionary_.fortran_order = take("True");
    return dictionary_.fortran_order || take("False");
  }

  bool shape() {
    dictionary_.shape.clear();
    if (!take("(")) return false;
    while (!take(")")) {
      const std::optional<std::uint64_t> size = number();
      if (!size) return false;
      dictionary_.shape.push_back(*size);
      if (!take(",") && !next_is(')')) return false;
    }
    return true;
  }

  std::optional<std::uint64_t> number() {
    skip_spaces();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    take("L");  // Python 2 wrote long integers so
    return value;
  }

  std::optional<std::string_view> quoted() {
    skip_spaces();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return std::nullopt;
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == rest_.npos) return std::nullopt;
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool take(std::string_view word) {
    skip_spaces();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool next_is(char byte) {
    skip_spaces();
    return rest_.starts_with(byte);
  }

  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  std::string_view rest_;
  Dictionary dictionary_;
  bool structured_ = false;
  bool seen_descr_ = false;
  bool seen_order_ = false;
  bool seen_shape_ = false;
};

/// The next `count` bytes of the header.
std::string take_bytes(ByteSource& source, std::size_t count, const std::filesystem::path& path) {
  std::string bytes(count, '\0');
  if (source.read(bytes) < count) refuse(path, "ends within the header of an .npy file: it was not written to the end");
  return bytes;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string read_dictionary(ByteSource& source, const std::filesystem::path& path, std::uint64_t& header_bytes) {
  std::string front(magic.size() + 2, '\0');
  if (source.read(front) < front.size() || !front.starts_with(magic)) {
    refuse(path, "is not an .npy file; write one with np.save(path, a)");
  }
  const int version = static_cast<unsigned char>(front[magic.size()]);
  if (version < 1 || version > 3) refuse(path, fmt::format("is an .npy file of version {}; known are 1 to 3", version));
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::uint64_t length = little_endian(take_bytes(source, length_bytes, path));
  if (length > longest_header) {
    refuse(path, fmt::format("says that its .npy header has {} bytes; it is damaged", length));
  }
  header_bytes = front.size() + length_bytes + length;
  return take_bytes(source, length, path);
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

void check_readable(const Dictionary& found, const std::filesystem::path& path) {
  if (std::find(elements.begin(), elements.end(), found.descr) == elements.end()) {
    refuse_array(path, fmt::format("elements of type {}", excerpt(found.descr)), save_as_floats);
  }
  const std::size_t rank = found.shape.size();
  if (rank < 1 || rank > 2) {
    refuse_array(path, fmt::format("an array of rank {} (shape {:.60})", rank, shape_text(found.shape)), save_as_rows);
  }
  if (rank == 2 && found.fortran_order) refuse_array(path, "an array in Fortran order", save_as_floats);
  if (rank == 2 && found.shape[1] == 0) {
    refuse_array(path, fmt::format("rows of no elements (shape {})", shape_text(found.shape)),
                 "check the array's shape");
  }
}

/// Whether the file's size would fit 64 bits.
bool has_sensible_size(const NpyHeader& header) {
  std::uint64_t row_bytes = 0;
  std::uint64_t bytes = 0;
  return !__builtin_mul_overflow(header.row_elements(), header.element_bytes, &row_bytes) &&
         !__builtin_mul_overflow(header.rows, row_bytes, &bytes) &&
         bytes <= std::numeric_limits<std::int64_t>::max() - header.header_bytes;
}

}  // namespace

NpyHeader read_npy_header(ByteSource& source, const std::filesystem::path& path) {
  NpyHeader header;
  header.text = read_dictionary(source, path, header.header_bytes);
  const std::optional<Dictionary> found = DictionaryParser(header.text).parse();
  if (!found) refuse(path, fmt::format("its .npy header cannot be read: {}", excerpt(header.text)));
  check_readable(*found, path);
  header.element = found->descr;
  header.element_bytes = static_cast<std::size_t>(header.element.back() - '0');
  header.rows = found->shape[0];
  header.width = found->shape.size() == 2 ? found->shape[1] : 0;
  if (!has_sensible_size(header)) {
    refuse(path, fmt::format("says that its shape is {}; it is damaged", shape_text(found->shape)));
  }
  return header;
}

UsageError too_short(const std::filesystem::path& path, const NpyHeader& header) {
  return UsageError(
      fmt::format("{}: ends before the last of the {} rows of {} bytes that its header announces; "
                  "it was not written or copied to the end",
                  path.string(), header.rows, header.row_bytes()));
}

UsageError too_long(const std::filesystem::path& path, const NpyHeader& header) {
  return UsageError(
      fmt::format("{}: goes on behind the {} rows that its header announces; one file holds one array: "
                  "np.save(path, np.concatenate(arrays))",
                  path.string(), header.rows));
}

}  // namespace farpoint::corpus
