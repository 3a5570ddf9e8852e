// SPDX-License-Identifier: Apache-2.0
#include "streamed_rows.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/select/distance.hpp"

namespace farpoint::jobs {

static_assert(std::endian::native == std::endian::little, "rows are read as they stand in the file");

bool RowForm::apply(std::span<float> row) const {
  if (!(normalize ? select::normalize(row) : select::is_finite(row))) return false;
  select::round_to(storage, row);
  return storage == select::Storage::float32 || select::is_finite(row);
}

/// A file that is opened when it is first read, and stays open.
class StreamedRows::File {
 public:
  File(std::filesystem::path path, std::uint64_t offset) : path_(std::move(path)), offset_(offset) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// Reads bytes behind the column's beginning. Thread-safe.
  void read(std::uint64_t begin, std::span<std::byte> bytes) {
    const ScopedActivity files(Activity::files);
    while (!bytes.empty()) {
      const auto got = ::pread(descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset_ + begin));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        throw Error(fmt::format("{}: its vectors cannot be read again: {}; was it changed during the run?",
                                path_.string(), got == 0 ? "it has become shorter" : std::strerror(errno)));
      }
      begin += static_cast<std::uint64_t>(got);
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
  }

 private:
  int descriptor() {
    std::call_once(opened_, [&] {
      descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
      if (descriptor_ < 0) throw Error(fmt::format("{}: cannot be opened: {}", path_.string(), std::strerror(errno)));
      // Blocks of rows are read here and there: reading ahead would fetch what nobody asks for.
      ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_RANDOM);
    });
    return descriptor_;
  }

  std::filesystem::path path_;
  std::uint64_t offset_;
  std::once_flag opened_;
  int descriptor_ = -1;
};

StreamedRows::StreamedRows(std::size_t dimension, RowForm form)
    : dimension_(dimension), form_(form), resident_(form.storage, dimension) {}

StreamedRows::~StreamedRows() = default;

void StreamedRows::append_file(const pipeline::ColumnPlace& place, std::span<const std::uint32_t> rows) {
  if (rows.empty()) return;
  pieces_.push_back({size(), std::make_unique<File>(place.file, place.offset), {rows.begin(), rows.end()}});
  streamed_ += rows.size();
}

std::size_t StreamedRows::size() const {
  return resident_.size() + streamed_;
}

void StreamedRows::read(std::span<const std::uint32_t> rows, std::span<float> scratch) const {
  float* out = scratch.data();
  for (std::size_t begin = 0; begin < rows.size();) {
    // Rows of one place in a row.
    const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), rows[begin],
                                        [](std::uint32_t row, const Piece& piece) { return row < piece.first; });
    const std::size_t low = after == pieces_.begin() ? 0 : std::prev(after)->first;
    const std::size_t high = after == pieces_.end() ? size() : after->first;
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end] >= low && rows[end] < high) ++end;
    const auto part = rows.subspan(begin, end - begin);
    if (after == pieces_.begin())
      resident_.read(part, {out, part.size() * dimension_});
    else
      read_piece(*std::prev(after), part, out);
    out += part.size() * dimension_;
    begin = end;
  }
}

void StreamedRows::read_piece(const Piece& piece, std::span<const std::uint32_t> rows, float* scratch) const {
  const std::size_t row_bytes = dimension_ * sizeof(float);
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::uint32_t first = piece.rows[rows[begin] - piece.first];
    std::size_t count = 1;
    while (begin + count < rows.size() && piece.rows[rows[begin + count] - piece.first] == first + count) ++count;
    float* const out = scratch + begin * dimension_;
    piece.file->read(first * row_bytes, std::as_writable_bytes(std::span(out, count * dimension_)));
    begin += count;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) form_.apply({scratch + i * dimension_, dimension_});
}

select::Vectors StreamedRows::view(std::span<const std::uint64_t> ids) const {
  return pieces_.empty() ? resident_.view(ids) : select::Vectors(*this, ids);
}

}  // namespace farpoint::jobs
