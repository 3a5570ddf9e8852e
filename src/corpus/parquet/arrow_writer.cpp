// SPDX-License-Identifier: Apache-2.0
#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/extension/json.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>

#include <charconv>
#include <unordered_map>

#include "../json_slices.hpp"
#include "arrow_files.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::corpus {

namespace {

namespace fs = std::filesystem;
using Kind = Shape::Kind;

/// A row group: large enough to pack well, small enough to be held while it is made.
constexpr std::size_t group_bytes = 64U << 20;
constexpr std::int64_t group_rows = 100'000;

/// Stored: with JSON text as plain text, which builders make. Shown: with it as arrow.json.
std::shared_ptr<arrow::DataType> type_of(const Shape& shape, bool shown) {
  switch (shape.kind) {
    case Kind::boolean:
      return arrow::boolean();
    case Kind::integer:
      return arrow::int64();
    case Kind::unsigned_integer:
      return arrow::uint64();
    case Kind::number:
      return arrow::float64();
    case Kind::text:
      return arrow::utf8();
    case Kind::json:
      return shown ? arrow::extension::json() : arrow::utf8();
    case Kind::list:
      return arrow::list(type_of(shape.inner[0], shown));
    case Kind::object: {
      arrow::FieldVector fields;
      for (std::size_t i = 0; i < shape.names.size(); ++i) {
        fields.push_back(arrow::field(shape.names[i], type_of(shape.inner[i], shown)));
      }
      return arrow::struct_(fields);
    }
    case Kind::null:
      break;
  }
  return arrow::null();
}

/// The same data under another type, which has the same layout.
std::shared_ptr<arrow::ArrayData> retyped(const arrow::ArrayData& data, const std::shared_ptr<arrow::DataType>& type) {
  auto copy = data.Copy();
  copy->type = type;
  if (type->id() == arrow::Type::LIST || type->id() == arrow::Type::STRUCT) {
    for (std::size_t i = 0; i < copy->child_data.size(); ++i) {
      copy->child_data[i] = retyped(*data.child_data[i], type->field(static_cast<int>(i))->type());
    }
  }
  return copy;
}

void check(const arrow::Status& status) {
  if (!status.ok()) throw Error(status.ToString());
}

/// Appends JSON values to a builder of their shape's type.
class Column {
 public:
  Column(const Shape& shape, arrow::ArrayBuilder& builder) : kind_(shape.kind), builder_(builder) {
    if (kind_ == Kind::list) inner_.emplace_back(shape.inner[0], *as<arrow::ListBuilder>().value_builder());
    if (kind_ != Kind::object) return;
    for (std::size_t i = 0; i < shape.names.size(); ++i) {
      places_.emplace(shape.names[i], i);
      inner_.emplace_back(shape.inner[i], *builder_.child(static_cast<int>(i)));
    }
    values_.resize(inner_.size());
  }

  void append(std::string_view json) {
    if (json.empty() || json == "null") return check(builder_.AppendNull());
    switch (kind_) {
      case Kind::boolean:
        return check(as<arrow::BooleanBuilder>().Append(json == "true"));
      case Kind::integer:
        return check(as<arrow::Int64Builder>().Append(number<std::int64_t>(json)));
      case Kind::unsigned_integer:
        return check(as<arrow::UInt64Builder>().Append(number<std::uint64_t>(json)));
      case Kind::number:
        return check(as<arrow::DoubleBuilder>().Append(number<double>(json)));
      case Kind::text:
        return check(as<arrow::StringBuilder>().Append(unquoted(json)));
      case Kind::json:
        return check(as<arrow::StringBuilder>().Append(json));
      case Kind::list:
        check(as<arrow::ListBuilder>().Append());
        return for_each_element(json, [&](std::string_view value) { inner_[0].append(value); });
      case Kind::object:
        return append_members(json);
      case Kind::null:
        check(builder_.AppendNull());
    }
  }

 private:
  template <typename Builder>
  Builder& as() {
    return static_cast<Builder&>(builder_);
  }

  template <typename Number>
  static Number number(std::string_view json) {
    Number value{};
    std::from_chars(json.data(), json.data() + json.size(), value);
    return value;
  }

  /// Of duplicate keys the last counts.
  void append_members(std::string_view json) {
    values_.assign(values_.size(), {});
    for_each_member(json, [&](std::string_view key, std::string_view value) {
      const auto place = places_.find(unquoted(key));
      if (place != places_.end()) values_[place->second] = value;
    });
    check(as<arrow::StructBuilder>().Append());
    for (std::size_t i = 0; i < inner_.size(); ++i) inner_[i].append(values_[i]);
  }

  Kind kind_;
  arrow::ArrayBuilder& builder_;
  std::vector<Column> inner_;
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::string_view> values_;
};

class Writer final : public ParquetWriter::Implementation {
 public:
  Writer(const fs::path& path, const Shape& shape) : path_(path), schema_(arrow::schema({})) {
    named([&] {
      const auto stored = type_of(shape, false);
      shown_ = type_of(shape, true);
      schema_ = arrow::schema(shown_->fields());
      check(arrow::MakeBuilder(arrow::default_memory_pool(), stored, &builder_));
      column_ = std::make_unique<Column>(shape, *builder_);
      auto out = arrow::io::FileOutputStream::Open(path.string());
      check(out.status());
      out_ = *out;
      const auto properties =
          parquet::WriterProperties::Builder().compression(arrow::Compression::ZSTD)->enable_page_checksum()->build();
      const auto of_arrow = parquet::ArrowWriterProperties::Builder().store_schema()->build();
      auto file = parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), out_, properties, of_arrow);
      check(file.status());
      file_ = std::move(*file);
    });
  }

  void write(std::string_view json) override {
    named([&] {
      column_->append(json);
      bytes_ += json.size();
      if (bytes_ >= group_bytes || builder_->length() >= group_rows) flush();
    });
  }

  void close() override {
    named([&] {
      if (builder_->length() > 0) flush();
      check(file_->Close());
      check(out_->Close());
    });
  }

 private:
  /// With the file's name; Parquet throws its own exceptions.
  template <typename Body>
  void named(const Body& body) const {
    try {
      body();
    } catch (const std::exception& error) {
      throw Error(fmt::format("{}: cannot be written as Parquet: {}", path_.string(), error.what()));
    }
  }

  void flush() {
    std::shared_ptr<arrow::Array> rows;
    check(builder_->Finish(&rows));
    const auto data = retyped(*rows->data(), shown_);
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (const auto& child : data->child_data) columns.push_back(arrow::MakeArray(child));
    const auto table = arrow::Table::Make(schema_, columns, rows->length());
    check(file_->WriteTable(*table, std::max<std::int64_t>(1, rows->length())));
    bytes_ = 0;
  }

  fs::path path_;
  std::shared_ptr<arrow::DataType> shown_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
  std::unique_ptr<Column> column_;
  std::shared_ptr<arrow::io::FileOutputStream> out_;
  std::unique_ptr<parquet::arrow::FileWriter> file_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<ParquetWriter::Implementation> make_parquet_writer(const fs::path& path, const Shape& shape) {
  return std::make_unique<Writer>(path, shape);
}

}  // namespace farpoint::corpus
