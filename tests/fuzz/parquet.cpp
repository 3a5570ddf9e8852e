// SPDX-License-Identifier: Apache-2.0
// The input is a Parquet file. What lies in it is Arrow's to read, the JSON that is made of it ours.
#include <nlohmann/json.hpp>

#include "corpus/read_all.hpp"
#include "farpoint/corpus/parquet.hpp"
#include "farpoint/corpus/record.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::corpus;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  static RecordParser parser;
  if (!why_no_parquet().empty()) return 0;
  const auto path = scratch.put("records.parquet", fuzz::text_of(data, size));
  fuzz::expect_read_or_refused([&] {
    ParquetFile file(path);
    std::string_view json;
    for (int row = 0; row < 200 && file.next(json); ++row) {
      parser.parse(json);
      fuzz::require(!is_valid_utf8(json) || nlohmann::json::accept(json), "a row is not JSON");
    }
  });
  fuzz::expect_read_or_refused([&] { index_of(input_file(path, Format::parquet)).fingerprint(0, 1); });
  return 0;
}
