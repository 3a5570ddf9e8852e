// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/safetensors.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "farpoint/base/error.hpp"
#include "model_files/files.hpp"

namespace farpoint::model_files {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

std::vector<TensorEntry> parse(std::string_view file) {
  return parse_header(std::as_bytes(std::span(file)), "m.safetensors");
}

void expect_refused(const std::string& file, const std::string& why) {
  EXPECT_THAT([&] { parse(file); }, ThrowsMessage<UsageError>(AllOf(HasSubstr("m.safetensors"), HasSubstr(why))))
      << file;
}

void expect_header_refused(const std::string& header, const std::string& why, const std::string& data = "") {
  expect_refused(safetensors(header, data), why);
}

std::string text_of(const TensorEntry& tensor) {
  return {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()};
}

/// One tensor "t" of this dtype, shape and data_offsets.
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return fmt::format(R"({{"t":{{"dtype":"{}","shape":{},"data_offsets":{}}}}})", dtype, shape, offsets);
}

TEST(SafetensorsTest, ReadsTensorsInTheOrderOfTheirBytes) {
  const std::string header = R"({"__metadata__":{"format":"pt"},
    "b":{"dtype":"I16","shape":[2,1],"data_offsets":[2,6]},
    "a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})";
  const std::string file = safetensors(header, "xyabcd");
  const auto tensors = parse(file);
  ASSERT_THAT(tensors, SizeIs(2));
  EXPECT_EQ(tensors[0].name, "a");
  EXPECT_EQ(tensors[0].dtype, Dtype::boolean);
  EXPECT_EQ(text_of(tensors[0]), "xy");
  EXPECT_EQ(tensors[1].name, "b");
  EXPECT_EQ(tensors[1].dtype, Dtype::i16);
  EXPECT_THAT(tensors[1].shape, ElementsAre(2, 1));
  EXPECT_EQ(tensors[1].elements(), 2);
  EXPECT_EQ(text_of(tensors[1]), "abcd");
}

TEST(SafetensorsTest, KnowsTheSizesOfElements) {
  const std::pair<const char*, std::size_t> sizes[] = {{"BOOL", 1}, {"U8", 1},   {"I8", 1},  {"U16", 2}, {"I16", 2},
                                                       {"F16", 2},  {"BF16", 2}, {"U32", 4}, {"I32", 4}, {"F32", 4},
                                                       {"U64", 8},  {"I64", 8},  {"F64", 8}};
  for (const auto& [name, size] : sizes) {
    const auto file = safetensors(one(name, "[3]", fmt::format("[0,{}]", 3 * size)), std::string(3 * size, 'x'));
    const auto tensors = parse(file);
    ASSERT_THAT(tensors, SizeIs(1)) << name;
    EXPECT_EQ(name_of(tensors[0].dtype), name);
    EXPECT_EQ(item_bytes(tensors[0].dtype), size);
    EXPECT_EQ(tensors[0].elements(), 3);
  }
}

TEST(SafetensorsTest, EmptyAndScalarTensorsAreLegal) {
  EXPECT_THAT(parse(safetensors("{}")), IsEmpty());
  EXPECT_THAT(parse(safetensors("{}   ")), IsEmpty());
  const std::string scalar = safetensors(one("F32", "[]", "[0,4]"), "abcd");
  EXPECT_EQ(parse(scalar)[0].elements(), 1);
  const std::string nothing = safetensors(one("F32", "[0,7]", "[0,0]"));
  EXPECT_EQ(parse(nothing)[0].elements(), 0);
  EXPECT_THAT(parse(nothing)[0].shape, ElementsAre(0, 7));
}

TEST(SafetensorsTest, RefusesFilesThatAreTooShortForTheirHeader) {
  expect_refused("", "0 bytes are no safetensors file");
  expect_refused("1234567", "7 bytes are no safetensors file");
  expect_refused(safetensors("{}").substr(0, 9), "ends within its header");
  expect_refused(std::string(8, '\xff') + "{}", "18446744073709551615 bytes");
  // One byte more than may be, in a file that is long enough for it.
  const std::string long_header = safetensors("{" + std::string(99'999'999, ' ') + "}");
  expect_refused(long_header, "100000001 bytes");
}

TEST(SafetensorsTest, RefusesHeadersThatAreNotTheRightJson) {
  expect_header_refused("", "not JSON");
  expect_header_refused(" {}", "not JSON");
  expect_header_refused("[]", "not JSON");
  expect_header_refused(std::string("{}\0{", 4), "not JSON");
  expect_header_refused("{} x", "not valid JSON at byte");
  expect_header_refused("{", "not valid JSON at byte");
  expect_header_refused("{\"\xff\":1}", "not valid JSON at byte");
  expect_header_refused(R"({"t":{"dtype":"U8","shape":[1e999],"data_offsets":[0,1]}})", "not valid JSON at byte");
  for (const char* value : {"1", "null", "true", "[]", "\"x\"", "-1", "1.5"}) {
    expect_header_refused(fmt::format(R"({{"t":{}}})", value), "where it does not belong");
  }
  expect_header_refused(R"({"__metadata__":{"a":1}})", "where it does not belong");
  expect_header_refused(R"({"__metadata__":{"a":{}}})", "where it does not belong");
  expect_header_refused(R"({"__metadata__":{"a":[]}})", "where it does not belong");
}

TEST(SafetensorsTest, RefusesMalformedEntries) {
  const std::string data = "abcd";
  expect_header_refused(R"({"t":{}})", "are needed", data);
  expect_header_refused(R"({"t":{"shape":[4],"data_offsets":[0,4]}})", "are needed", data);
  expect_header_refused(R"({"t":{"dtype":"U8","data_offsets":[0,4]}})", "are needed", data);
  expect_header_refused(R"({"t":{"dtype":"U8","shape":[4]}})", "are needed", data);
  expect_header_refused(one("U8", "[4]", "[0]"), "are needed", data);
  expect_header_refused(one("U8", "[4]", "[0,4,4]"), "are needed", data);
  expect_header_refused(one("U8", "4", "[0,4]"), "where it does not belong", data);
  for (const char* number : {"-4", "4.0", "4e0", "\"4\"", "[4]", "{}", "null", "18446744073709551616"}) {
    expect_header_refused(one("U8", fmt::format("[{}]", number), "[0,4]"), "where it does not belong", data);
  }
  expect_header_refused(one("U8", "[4]", R"([0,4],"more":[1])"), "unknown key", data);
  expect_header_refused(R"({"t":{"dtype":[1]}})", "where it does not belong", data);
  expect_header_refused(R"({"t":{"shape":"U8"}})", "where it does not belong", data);
}

TEST(SafetensorsTest, RefusesKeysThatAreThereTwice) {
  const std::string entry = R"({"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  expect_header_refused(fmt::format(R"({{"t":{},"t":{}}})", entry, entry), "tensor \"t\": it is there twice");
  expect_header_refused(R"({"t":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}})", "there twice");
  expect_header_refused(R"({"t":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}})", "there twice");
  expect_header_refused(R"({"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"data_offsets":[0,0]}})", "there twice");
  expect_header_refused(R"({"__metadata__":{"a":"b","a":"b"}})", "there twice");
  expect_header_refused(R"({"__metadata__":{},"__metadata__":{}})", "there twice");
}

TEST(SafetensorsTest, RefusesElementTypesThatItCannotRead) {
  for (const char* dtype : {"F8_E4M3", "F8_E5M2", "F4", "F6_E2M3", "C64", "f32", "", "X"}) {
    // Whatever the offsets are: the type comes first.
    expect_header_refused(one(dtype, "[4]", "[7,3]"), fmt::format("elements of type \"{}\"", dtype));
  }
}

TEST(SafetensorsTest, DataAreCoveredWithoutHolesOrOverlaps) {
  const auto two = [](const std::string& first, const std::string& second) {
    return fmt::format(R"({{"a":{{"dtype":"U8","shape":[2],"data_offsets":{}}},
                            "b":{{"dtype":"U8","shape":[2],"data_offsets":{}}}}})",
                       first, second);
  };
  EXPECT_THAT(parse(safetensors(two("[0,2]", "[2,4]"), "abcd")), SizeIs(2));
  expect_header_refused(two("[0,2]", "[3,5]"), "begin at byte 3, but the tensor before ends at 2", "abcde");
  expect_header_refused(two("[0,2]", "[1,3]"), "begin at byte 1, but the tensor before ends at 2", "abc");
  expect_header_refused(two("[1,3]", "[3,5]"), "begin at byte 1, but the tensor before ends at 0", "abcde");
  expect_header_refused(two("[0,2]", "[0,2]"), "begin at byte 0, but the tensor before ends at 2", "ab");
  expect_header_refused(two("[0,2]", "[2,4]"), "1 bytes behind the last tensor", "abcde");
  expect_header_refused(two("[0,2]", "[2,4]"), "end at byte 4 of 3", "abc");
  expect_header_refused("{}", "1 bytes behind the last tensor", "a");
}

TEST(SafetensorsTest, ShapesAndDataAgree) {
  expect_header_refused(one("F32", "[2]", "[0,4]"), "needs 8 bytes, but its data_offsets are [0, 4]", "abcd");
  expect_header_refused(one("U8", "[0]", "[0,4]"), "needs 0 bytes", "abcd");
  expect_header_refused(one("U8", "[4]", "[0,18446744073709551615]"), "needs 4 bytes", "abcd");
  // 2^63 * 2 and 2^62 * 4 wrap around to 0; the last fits 64 bits but not the tensors' signed numbers.
  expect_header_refused(one("U16", "[9223372036854775808]", "[0,0]"), "too large");
  expect_header_refused(one("U8", "[4611686018427387904,4]", "[0,0]"), "too large");
  expect_header_refused(one("U8", "[4611686018427387904,4,0]", "[0,0]"), "too large");
  expect_header_refused(one("U8", "[0,9223372036854775808]", "[0,0]"), "too large");
  EXPECT_THAT(parse(safetensors(one("U8", "[0,9223372036854775807]", "[0,0]"))), SizeIs(1));
}

TEST(SafetensorsTest, OffsetsThatFallAreRefused) {
  const std::string header = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
                                 "b":{"dtype":"U8","shape":[0],"data_offsets":[2,1]}})";
  expect_header_refused(header, "its data_offsets are [2, 1]", "ab");
}

TEST(SafetensorsTest, HasBoundsOfItsOwn) {
  EXPECT_THAT(parse(safetensors(one("U8", "[1,1,1,1,1,1,1,1]", "[0,1]"), "a")), SizeIs(1));
  expect_header_refused(one("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]"), "more than 8 numbers", "a");
  const auto named = [](std::size_t length) {
    return fmt::format(R"({{"{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}}})", std::string(length, 'n'));
  };
  EXPECT_THAT(parse(safetensors(named(1'024))), SizeIs(1));
  expect_header_refused(named(1'025), "1025 bytes");
  std::string many = "{";
  for (int i = 0; i <= 200'000; ++i) {
    many += fmt::format(R"("{}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}},)", i);
  }
  many.back() = '}';
  expect_header_refused(many, "more than 200000 tensors");
  std::string metadata = R"({"__metadata__":{)";
  for (int i = 0; i <= 200'000; ++i) metadata += fmt::format(R"("{}":"",)", i);
  metadata.back() = '}';
  expect_header_refused(metadata + "}", "too many keys");
}

TEST(SafetensorsTest, MessagesStayShortAndPrintable) {
  const std::string name = std::string(900, 'n') + "\xe4\xb8\xad";
  const std::string header = fmt::format(R"({{"{}\u0001":{{"dtype":"{}","shape":[0],"data_offsets":[0,0]}}}})", name,
                                         std::string(10'000, 'd'));
  try {
    parse(safetensors(header));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_LT(std::strlen(error.what()), 500U);
  }
}

TEST(SafetensorsFileTest, MapsAFile) {
  const TemporaryFolder folder;
  std::vector<TensorEntry> kept;
  {
    const auto file = SafetensorsFile::open(write(folder / "m.safetensors", three_bytes("t")));
    EXPECT_EQ(file.file_bytes(), three_bytes("t").size());
    EXPECT_EQ(file.path(), folder / "m.safetensors");
    file.prefetch();
    kept = file.tensors();
  }
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(text_of(kept[0]), "abc");
  // Written pages are this process's own.
  *const_cast<std::byte*>(kept[0].bytes.data()) = std::byte{'x'};
  EXPECT_EQ(text_of(kept[0]), "xbc");
  EXPECT_EQ(text_of(SafetensorsFile::open(folder / "m.safetensors").tensors()[0]), "abc");
}

TEST(SafetensorsFileTest, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_THAT([&] { SafetensorsFile::open(folder / "none"); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("none"), HasSubstr("cannot open"))));
  EXPECT_THAT([&] { SafetensorsFile::open(folder.path()); }, ThrowsMessage<UsageError>(HasSubstr("is not a file")));
  EXPECT_THAT([&] { SafetensorsFile::open(write(folder / "empty", "")); },
              ThrowsMessage<UsageError>(HasSubstr("0 bytes are no safetensors file")));
}

TEST(SafetensorsFileTest, PrefetchSaysWhatCannotBeRead) {
  const TemporaryFolder folder;
  const auto file = SafetensorsFile::open(write(folder / "m.safetensors", three_bytes("t")));
  std::filesystem::remove(folder / "m.safetensors");
  EXPECT_THAT([&] { file.prefetch(); }, ThrowsMessage<Error>(HasSubstr("cannot open")));
}

}  // namespace
}  // namespace farpoint::model_files
