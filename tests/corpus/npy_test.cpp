// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/npy.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "corpus/compressed.hpp"
#include "corpus/read_all.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

// Written by tests/golden/make_npy_goldens.py, which says what is in them.
std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(GOLDEN_FOLDER) / "npy" / (name + ".npy");
}

template <typename Value>
std::vector<Value> rows_of(NpyFile& file, std::uint64_t begin, std::uint64_t count) {
  std::vector<Value> values(count * std::max<std::size_t>(1, file.width()));
  file.read(begin, count, std::span(values));
  return values;
}

template <typename Value>
std::vector<Value> all_of(const std::filesystem::path& path) {
  NpyFile file(path, compression_of(path));
  return rows_of<Value>(file, 0, file.rows());
}

std::string header(int version, const std::string& dictionary) {
  std::string bytes = "\x93NUMPY" + std::string{static_cast<char>(version), '\0'};
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>(dictionary.size() >> (8 * i));
  return bytes.append(dictionary);
}

std::string header_of(std::string_view descr, std::string_view shape) {
  return header(1, fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}\n", descr, shape));
}

double expected(char kind, int k) {
  switch (kind) {
    case 'f':
      return k / 2.0 - 3;
    case 'i':
      return k - 3;
    case 'b':
      return k % 3 == 0;
    default:
      return k;
  }
}

class NpyElementTest : public testing::TestWithParam<const char*> {};

TEST_P(NpyElementTest, ReadsRowsAsFloatAndDouble) {
  NpyFile file(golden(GetParam()), Compression::none);
  ASSERT_EQ(file.rows(), 5U);
  ASSERT_EQ(file.width(), 3U);
  const auto doubles = rows_of<double>(file, 1, 3);
  const auto floats = rows_of<float>(file, 1, 3);
  for (int k = 0; k < 9; ++k) {
    EXPECT_EQ(doubles[static_cast<std::size_t>(k)], expected(GetParam()[0], k + 3));
    EXPECT_EQ(floats[static_cast<std::size_t>(k)], expected(GetParam()[0], k + 3));
  }
}

TEST_P(NpyElementTest, ReadsRankOne) {
  NpyFile file(golden(fmt::format("{}_rank1", GetParam())), Compression::none);
  ASSERT_EQ(file.rows(), 5U);
  ASSERT_EQ(file.width(), 0U);
  const auto values = rows_of<double>(file, 0, 5);
  for (int k = 0; k < 5; ++k) EXPECT_EQ(values[static_cast<std::size_t>(k)], expected(GetParam()[0], k));
}

INSTANTIATE_TEST_SUITE_P(All, NpyElementTest,
                         testing::Values("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"));

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(NpyTest, KeepsSpecialFloats) {
  for (const char* name : {"f2_limits", "f4_limits", "f8_limits"}) {
    const auto values = all_of<double>(golden(name));
    EXPECT_EQ(values[0], infinity) << name;
    EXPECT_EQ(values[1], -infinity) << name;
    EXPECT_TRUE(std::isnan(values[2])) << name;
    EXPECT_TRUE(values[3] == 0 && std::signbit(values[3])) << name;
  }
  EXPECT_EQ(all_of<float>(golden("f4_limits"))[5], std::numeric_limits<float>::denorm_min());
  EXPECT_EQ(all_of<double>(golden("f8_limits"))[5], std::numeric_limits<double>::denorm_min());
}

TEST(NpyTest, RoundsOnceToTheNearest) {
  const auto floats = all_of<float>(golden("f8_limits"));
  EXPECT_EQ(floats[4], std::numeric_limits<float>::infinity());
  EXPECT_EQ(floats[6], 16777216.0F);
  EXPECT_EQ(floats[7], 0.1F);
  EXPECT_THAT(all_of<double>(golden("i8_limits")), ElementsAre(-0x1p63, 0x1p63, 0x1p53, -0x1p53, 16777217.0));
  EXPECT_THAT(all_of<double>(golden("u8_limits")), ElementsAre(0, 0x1p64, 0x1p63, 0x1p53, 16777217.0));
  EXPECT_EQ(all_of<float>(golden("i8_limits"))[4], 16777216.0F);
}

TEST(NpyTest, ReadsEveryVersion) {
  for (const char* name : {"version1", "version2", "version3"}) {
    EXPECT_EQ(all_of<float>(golden(name)), all_of<float>(golden("f4"))) << name;
  }
}

TEST(NpyTest, EmptyArraysHaveNoRows) {
  EXPECT_THAT(all_of<float>(golden("empty_rank1")), IsEmpty());
  NpyFile file(golden("empty_rank2"), Compression::none);
  EXPECT_EQ(file.rows(), 0U);
  EXPECT_EQ(file.width(), 4U);
}

TEST(NpyTest, RefusesOtherKindsOfArraysAndSaysHowToSaveThem) {
  const std::pair<const char*, const char*> refused[] = {
      {"big_endian", ">f4"}, {"fortran", "Fortran"}, {"structured", "[('a'"}, {"subarray", "[('a'"},
      {"object", "|O"},      {"complex", "<c8"},     {"text", "<U2"},         {"date", "<M8[D]"},
      {"rank0", "rank 0"},   {"rank3", "(2, 2, 2)"}, {"no_columns", "(3, 0)"}};
  for (const auto& [name, found] : refused) {
    const auto path = golden(fmt::format("refused/{}", name));
    EXPECT_THAT(
        [&] { NpyFile(path, Compression::none); },
        ThrowsMessage<UsageError>(AllOf(HasSubstr(path.string()), HasSubstr(found), HasSubstr("readable are"))));
  }
}

class NpyFileTest : public testing::Test {
 protected:
  void expect_refused(std::string_view content, const std::string& why) const {
    const auto path = folder_.write("x.npy", content);
    const auto names_it = ThrowsMessage<UsageError>(AllOf(HasSubstr(path.string()), HasSubstr(why)));
    EXPECT_THAT([&] { all_of<float>(path); }, names_it) << content;
    EXPECT_THAT([&] { scan_all(input_file(path, Format::npy)); }, names_it) << content;
  }
  TemporaryFolder folder_;
};

/// The definition of IEEE 754 binary16.
double half_value(unsigned bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> 10 & 0x1FU);
  const unsigned fraction = bits & 0x3FFU;
  if (exponent == 31) return fraction == 0 ? sign * infinity : std::numeric_limits<double>::quiet_NaN();
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

TEST_F(NpyFileTest, DecodesEveryHalfFloat) {
  std::string content = header_of("<f2", "(65536,)");
  for (unsigned bits = 0; bits < 65'536; ++bits) content += {static_cast<char>(bits), static_cast<char>(bits >> 8)};
  const auto values = all_of<double>(folder_.write("all.npy", content));
  for (unsigned bits = 0; bits < 65'536; ++bits) {
    const double value = half_value(bits);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(values[bits])) << bits;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(values[bits]), std::bit_cast<std::uint64_t>(value)) << bits;
    }
  }
}

TEST_F(NpyFileTest, ReadsRangesInAnyOrderFromCompressedFiles) {
  const std::string content = read_file(golden("f4"));
  const auto all = all_of<float>(golden("f4"));
  for (const auto& path :
       {folder_.write("a.npy.gz", gzipped(content)), folder_.write("a.npy.zst", zstandard(content))}) {
    NpyFile file(path, compression_of(path));
    for (const std::uint64_t row : {4U, 0U, 2U, 1U}) {
      EXPECT_THAT(rows_of<float>(file, row, 1), testing::ElementsAreArray(&all[row * 3], 3));
    }
  }
}

TEST_F(NpyFileTest, ReadsRangesLargerThanItsBuffer) {
  std::string content = header_of("<u4", "(1000, 500)");
  for (std::uint32_t k = 0; k < 500'000; ++k) content.append(reinterpret_cast<const char*>(&k), sizeof k);
  NpyFile file(folder_.write("a.npy", content), Compression::none);
  const auto values = rows_of<double>(file, 10, 990);
  for (std::size_t k = 0; k < values.size(); ++k) ASSERT_EQ(values[k], static_cast<double>(k + 5'000));
}

TEST_F(NpyFileTest, RowsOutsideTheFileAreTheCallersMistake) {
  NpyFile file(golden("f4"), Compression::none);
  std::vector<float> values(6);
  EXPECT_THROW(file.read(4, 2, std::span(values)), std::out_of_range);
  EXPECT_THROW(file.read(0, 3, std::span(values)), std::out_of_range);
  EXPECT_THROW(file.read(UINT64_MAX, 2, std::span(values)), std::out_of_range);
}

TEST_F(NpyFileTest, RefusesFilesOfAnotherLengthThanTheHeaderSays) {
  const std::string content = read_file(golden("f4"));
  expect_refused(content.substr(0, content.size() - 1), "ends before the last of the 5 rows");
  expect_refused(content + content, "np.concatenate");
  const auto packed = folder_.write("short.npy.gz", gzipped(content.substr(0, content.size() - 1)));
  EXPECT_THROW(all_of<float>(packed), UsageError);
  EXPECT_THROW(scan_all(input_file(packed, Format::npy)), UsageError);
}

TEST_F(NpyFileTest, RefusesHostileHeaders) {
  expect_refused("", "not an .npy file");
  expect_refused("{\"text\": \"not npy\"}", "not an .npy file");
  expect_refused(header(4, "{}"), "version 4");
  expect_refused(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), "4294967295 bytes");
  expect_refused(header_of("<f4", "(18446744073709551615, 4)"), "damaged");
  expect_refused(header_of("<f8", "(4611686018427387904, 4611686018427387904)"), "damaged");
  expect_refused(header_of("<f4", "(4611686018427387904, 4)"), "damaged");
  expect_refused(header_of("<f4", "(99999999999999999999,)"), "cannot be read");
  expect_refused(header_of("<f4", "(-1,)"), "cannot be read");
  expect_refused(header_of("<f4", "(1000000000000,)"), "ends before");
  expect_refused(header_of("", "(1,)"), "elements of type");
  expect_refused(header_of("<f4\xe4\xb8", "(1,)"), "elements of type");  // cut within a character
  expect_refused(header_of(std::string(99, 'a') + "\xe4\xb8\xad", "(1,)"), "elements of type");  // by the excerpt
  for (const char* dictionary : {"", "{", "{}", "{'descr': '<f4'}", "{'descr'", "{'descr': '<f4", "[1]",
                                 "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
                                 "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
                                 "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
                                 "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x"}) {
    expect_refused(header(1, dictionary), "cannot be read");
  }
}

TEST_F(NpyFileTest, AcceptsOtherSpellingsOfTheSameHeader) {
  const std::string content = header(2, R"({"shape":(1L,),"fortran_order":True,"descr":"<u1"})");
  expect_refused(content + "x", "<u1");
  const std::string good = header(2, R"({"shape":(1L,),"fortran_order":True,"descr":"|u1"})");
  EXPECT_THAT(all_of<float>(folder_.write("a.npy", good + "\x07")), ElementsAre(7.0F));
}

RC_GTEST_FIXTURE_PROP(NpyFileTest, DamagedHeadersAreReadOrRefused, ()) {
  std::string content = read_file(golden("f4"));
  const auto flips = *rc::gen::container<std::vector<std::pair<std::size_t, char>>>(
      rc::gen::pair(rc::gen::inRange<std::size_t>(0, 80), rc::gen::arbitrary<char>()));
  for (const auto& [position, byte] : flips) content[position] = byte;
  const auto path = folder_.write("x.npy", content.substr(0, *rc::gen::inRange<std::size_t>(0, content.size() + 1)));
  try {
    all_of<float>(path);
  } catch (const UsageError& error) {
    RC_ASSERT(std::string_view(error.what()).find(path.string()) != std::string_view::npos);
  }
}

TEST_F(NpyFileTest, ScanFindsRowsInSectionsOfAboutFourMebibytes) {
  const std::string head = header_of("<f4", "(3000, 1000)");
  const std::string content = head + std::string(12'000'000, 'x');
  const InputFile file = input_file(folder_.write("a.npy", content), Format::npy);
  const auto sections = scan_all(file);
  ASSERT_THAT(sections, SizeIs(3));
  EXPECT_EQ(sections[0].offset, head.size());
  EXPECT_EQ(sections[0].records, 1'048U);
  EXPECT_EQ(sections[1].offset, head.size() + 1'048 * 4'000);
  const FileIndex index(sections);
  EXPECT_EQ(index.records(), 3'000U);
  EXPECT_EQ(index.bytes(), 12'000'000U);
  EXPECT_EQ(index.locate(2'999).line, 2'097U);
  const InputFile packed = input_file(folder_.write("a.npy.zst", zstandard(content)), Format::npy);
  EXPECT_EQ(index_of(packed).fingerprint(0, 3'000), index.fingerprint(0, 3'000));
}

TEST_F(NpyFileTest, TheHashOfASectionCoversTheHeader) {
  const auto fingerprint = [&](const char* descr) {
    const auto path = folder_.write("a.npy", header_of(descr, "(2,)") + std::string(8, 'x'));
    return index_of(input_file(path, Format::npy)).fingerprint(0, 2);
  };
  EXPECT_NE(fingerprint("<f4"), fingerprint("<i4"));
}

}  // namespace
}  // namespace farpoint::corpus
