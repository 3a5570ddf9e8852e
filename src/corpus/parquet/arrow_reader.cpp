// SPDX-License-Identifier: Apache-2.0
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/util/utf8.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>

#include "../json_slices.hpp"
#include "arrow_files.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::corpus {

namespace {

namespace fs = std::filesystem;

/// Rows that are unpacked at a time.
constexpr std::int64_t batch_rows = 256;
constexpr std::size_t padding = 64;  // what simdjson reads behind a text

[[noreturn]] void refuse(const fs::path& path, std::string_view what) {
  throw UsageError(
      fmt::format("{}: is no readable Parquet file: {}. It may be cut off or damaged: fetch it again, or write it anew "
                  "with the program that made it",
                  path.string(), what));
}

class Reader final : public ParquetFile::Implementation {
 public:
  explicit Reader(const fs::path& path) : path_(path) {
    arrow::util::InitializeUTF8();
    guarded([&] {
      parquet::ReaderProperties properties(arrow::default_memory_pool());
      properties.enable_buffered_stream();  // pages one by one, not whole columns
      properties.set_page_checksum_verification(true);
      parquet::ArrowReaderProperties of_arrow(false);
      of_arrow.set_batch_size(batch_rows);
      of_arrow.set_pre_buffer(false);
      of_arrow.set_arrow_extensions_enabled(true);
      parquet::arrow::FileReaderBuilder builder;
      check(builder.OpenFile(path.string(), false, properties));
      builder.properties(of_arrow);
      check(builder.Build(&file_));
      read_groups();
    });
  }

  const std::vector<ParquetFile::Group>& groups() const override { return groups_; }

  void seek(std::uint64_t row) override {
    std::uint64_t first = 0;
    std::size_t group = 0;
    while (group < groups_.size() && row >= first + groups_[group].rows) first += groups_[group++].rows;
    const bool goes_on = batches_ != nullptr && group == group_ && row >= next_row_;
    if (!goes_on) {
      batches_.reset();
      batch_.reset();
      group_ = group;
      next_row_ = first;
    }
    skip_to_ = row;
  }

  bool next(std::string_view& json) override {
    bool found = false;
    guarded([&] { found = go_to_row(); });
    if (!found) return false;
    text_.assign("{");
    const auto row = static_cast<std::int64_t>(row_in_batch_);
    for (int i = 0; i < batch_->num_columns(); ++i) {
      if (is_absent(*columns_[i], row)) continue;
      if (text_.size() > 1) text_ += ',';
      append_quoted(batch_->column_name(i), text_);
      text_ += ':';
      append_json(*columns_[i], row, text_);
    }
    text_ += '}';
    ++row_in_batch_;
    ++next_row_;
    skip_to_ = std::max(skip_to_, next_row_);
    text_.reserve(text_.size() + padding);
    json = std::string_view(text_.data(), text_.size());
    return true;
  }

 private:
  void check(const arrow::Status& status) const {
    if (!status.ok()) refuse(path_, status.message());
  }

  /// Parquet throws its own exceptions.
  template <typename Body>
  void guarded(const Body& body) const {
    try {
      body();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      refuse(path_, error.what());
    }
  }

  void read_groups() {
    const auto metadata = file_->parquet_reader()->metadata();
    for (int g = 0; g < metadata->num_row_groups(); ++g) {
      const auto group = metadata->RowGroup(g);
      if (group->num_rows() < 0) refuse(path_, "a group of rows has less than none");
      ParquetFile::Group found{static_cast<std::uint64_t>(group->num_rows()), UINT64_MAX, 0,
                               static_cast<std::uint64_t>(std::max<std::int64_t>(0, group->total_byte_size()))};
      for (int c = 0; c < group->num_columns(); ++c) {
        const auto column = group->ColumnChunk(c);
        auto begin = column->data_page_offset();
        if (column->has_dictionary_page() && column->dictionary_page_offset() > 0) {
          begin = std::min(begin, column->dictionary_page_offset());
        }
        const auto size = column->total_compressed_size();
        if (begin < 0 || size < 0) refuse(path_, "a column has no place in it");
        found.begin = std::min(found.begin, static_cast<std::uint64_t>(begin));
        found.end = std::max(found.end, static_cast<std::uint64_t>(begin) + static_cast<std::uint64_t>(size));
      }
      if (found.begin > found.end) found.begin = found.end;
      if (found.end > fs::file_size(path_)) refuse(path_, "a column lies behind its end");
      groups_.push_back(found);
    }
  }

  /// Makes `row_in_batch_` of `batch_` the row `skip_to_`. False at the end.
  bool go_to_row() {
    while (true) {
      if (batch_ != nullptr && row_in_batch_ < static_cast<std::uint64_t>(batch_->num_rows())) {
        const auto left = static_cast<std::uint64_t>(batch_->num_rows()) - row_in_batch_;
        const auto passed = std::min(left, skip_to_ - next_row_);
        row_in_batch_ += passed;
        next_row_ += passed;
        if (passed < left) return true;
      } else if (batches_ != nullptr) {
        read_batch();
      } else if (group_ < groups_.size()) {
        auto reader = file_->GetRecordBatchReader({static_cast<int>(group_)});
        check(reader.status());
        batches_ = std::move(*reader);
      } else {
        return false;
      }
    }
  }

  void read_batch() {
    check(batches_->ReadNext(&batch_));
    row_in_batch_ = 0;
    if (batch_ == nullptr) {
      batches_.reset();
      ++group_;
      return;
    }
    columns_ = batch_->columns();
  }

  fs::path path_;
  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::vector<ParquetFile::Group> groups_;
  std::size_t group_ = 0;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  ///< of that group
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::vector<std::shared_ptr<arrow::Array>> columns_;
  std::uint64_t row_in_batch_ = 0;
  std::uint64_t next_row_ = 0;  ///< of the file: the row at row_in_batch_
  std::uint64_t skip_to_ = 0;
  std::string text_;
};

}  // namespace

std::unique_ptr<ParquetFile::Implementation> open_parquet(const fs::path& path) {
  return std::make_unique<Reader>(path);
}

}  // namespace farpoint::corpus
