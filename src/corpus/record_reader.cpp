// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/record_reader.hpp"

#include <optional>

#include "byte_window.hpp"
#include "farpoint/corpus/parquet.hpp"
#include "record_splitter.hpp"

namespace farpoint::corpus {

struct RecordReader::Implementation {
  virtual ~Implementation() = default;
  virtual void seek(std::uint64_t record) = 0;
  virtual bool next(RawRecord& record) = 0;
};

namespace {

class TextReader final : public RecordReader::Implementation {
 public:
  TextReader(const InputFile& file, const FileIndex& index, std::uint64_t max_record_bytes)
      : file_(file), index_(index), max_record_bytes_(max_record_bytes) {
    open();
    splitter_->start(1);
  }

  void seek(std::uint64_t record) override {
    const FileIndex::Start start = index_.locate(record);
    if (record < next_record_ || start.record > next_record_) go_to(start);
    for (RawRecord passed; next_record_ < record && next(passed);) {
    }
  }

  bool next(RawRecord& record) override {
    const bool found = splitter_->next(record);
    if (found) ++next_record_;
    return found;
  }

 private:
  void open() {
    window_.emplace(open_bytes(file_.path, file_.compression));
    splitter_ = make_splitter(file_, *window_, {.record_bytes = max_record_bytes_});
  }

  void go_to(const FileIndex::Start& start) {
    const bool back = start.offset < window_->offset();
    if (back && file_.compression != Compression::none) open();
    window_->jump(start.offset);
    splitter_->start(start.line);
    next_record_ = start.record;
  }

  const InputFile& file_;
  const FileIndex& index_;
  std::uint64_t max_record_bytes_;
  std::optional<ByteWindow> window_;
  std::unique_ptr<RecordSplitter> splitter_;  ///< works on window_
  std::uint64_t next_record_ = 0;
};

/// The rows of a Parquet file; a row's number, from 1, is its line.
class RowReader final : public RecordReader::Implementation {
 public:
  RowReader(const InputFile& file, std::uint64_t max_record_bytes)
      : rows_(file.path), max_record_bytes_(max_record_bytes) {}

  void seek(std::uint64_t record) override {
    rows_.seek(record);
    next_row_ = record;
  }
  bool next(RawRecord& record) override {
    std::string_view json;
    if (!rows_.next(json)) return false;
    const bool too_large = json.size() > max_record_bytes_;
    record = {too_large ? std::string_view() : json, ++next_row_, too_large};
    return true;
  }

 private:
  ParquetFile rows_;
  std::uint64_t max_record_bytes_;
  std::uint64_t next_row_ = 0;
};

}  // namespace

RecordReader::RecordReader(const InputFile& file, const FileIndex& index, std::uint64_t max_record_bytes) {
  if (file.format == Format::parquet) {
    implementation_ = std::make_unique<RowReader>(file, max_record_bytes);
  } else {
    implementation_ = std::make_unique<TextReader>(file, index, max_record_bytes);
  }
}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;

void RecordReader::seek(std::uint64_t record) {
  implementation_->seek(record);
}
bool RecordReader::next(RawRecord& record) {
  return implementation_->next(record);
}

}  // namespace farpoint::corpus
