// SPDX-License-Identifier: Apache-2.0
#include "record_splitter.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace farpoint::corpus {

void skip_byte_order_mark(ByteWindow& window) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  while (window.bytes().size() < mark.size() && window.extend()) {
  }
  if (window.bytes().starts_with(mark)) window.consume(mark.size());
}

std::unique_ptr<RecordSplitter> make_splitter(const InputFile& file, ByteWindow& window,
                                              RecordSplitter::Limits limits) {
  switch (file.format) {
    case Format::jsonl:
    case Format::txt:
      return make_line_splitter(window, limits);
    case Format::json:
      return make_array_splitter(window, limits, file.path.string());
    case Format::npy:
    case Format::parquet:
    case Format::automatic:
      break;
  }
  throw std::logic_error(fmt::format("{}: not a file of text records", file.path.string()));
}

}  // namespace farpoint::corpus
