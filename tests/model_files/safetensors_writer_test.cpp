// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/safetensors_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::model_files {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::ThrowsMessage;

template <typename T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

nlohmann::json header_of(const std::string& file) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  EXPECT_EQ(length % 8, 0U);
  return nlohmann::json::parse(file.substr(8, length));
}

TEST(SafetensorsWriterTest, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  const std::vector<float> matrix{1, -2, 3.5F, 0, 1e-30F, 6};
  const std::vector<std::int64_t> scalar{-7};
  const std::vector<std::uint8_t> odd{1, 2, 3};
  const std::vector<NewTensor> tensors{{"odd", Dtype::u8, {3}, bytes_of(odd)},
                                       {"z \"quoted\" \xC3\xA9", Dtype::f32, {2, 3}, bytes_of(matrix)},
                                       {"none", Dtype::f32, {4, 0}, {}},
                                       {"scalar", Dtype::i64, {}, bytes_of(scalar)}};
  write_safetensors(folder / "new/m.safetensors", tensors);
  const auto file = SafetensorsFile::open(folder / "new/m.safetensors");
  ASSERT_THAT(file.tensors(), SizeIs(4));
  for (const auto& tensor : tensors) {
    const auto found = std::find_if(file.tensors().begin(), file.tensors().end(),
                                    [&](const TensorEntry& entry) { return entry.name == tensor.name; });
    ASSERT_NE(found, file.tensors().end()) << tensor.name;
    EXPECT_EQ(found->dtype, tensor.dtype);
    EXPECT_EQ(found->shape, tensor.shape);
    EXPECT_EQ(text_of(found->bytes), text_of(tensor.bytes));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(found->bytes.data()) % item_bytes(found->dtype), 0U) << tensor.name;
  }
  const auto header = header_of(read_file(folder / "new/m.safetensors"));
  EXPECT_EQ(header.at("__metadata__").at("format"), "pt");
}

TEST(SafetensorsWriterTest, AnyLengthOfHeaderIsPadded) {
  const TemporaryFolder folder;
  const std::vector<float> one{1};
  for (std::size_t length = 1; length <= 9; ++length) {
    const NewTensor tensor{std::string(length, 'n'), Dtype::f32, {1}, bytes_of(one)};
    write_safetensors(folder / "m.safetensors", std::span(&tensor, 1), {});
    EXPECT_FALSE(header_of(read_file(folder / "m.safetensors")).contains("__metadata__"));
    EXPECT_THAT(SafetensorsFile::open(folder / "m.safetensors").tensors(), SizeIs(1));
  }
  write_safetensors(folder / "m.safetensors", {});
  EXPECT_THAT(SafetensorsFile::open(folder / "m.safetensors").tensors(), SizeIs(0));
}

TEST(SafetensorsWriterTest, RefusesWhatReadersWouldRefuse) {
  const TemporaryFolder folder;
  const std::vector<float> two{1, 2};
  const NewTensor tensor{"t", Dtype::f32, {2}, bytes_of(two)};
  const NewTensor wrong{"w", Dtype::f32, {3}, bytes_of(two)};
  const NewTensor kept{"__metadata__", Dtype::f32, {2}, bytes_of(two)};
  const auto write = [&](const std::vector<NewTensor>& tensors) {
    write_safetensors(folder / "m.safetensors", tensors);
  };
  EXPECT_THAT([&] { write({tensor, tensor}); }, ThrowsMessage<Error>(HasSubstr("twice")));
  EXPECT_THAT([&] { write({kept}); }, ThrowsMessage<Error>(HasSubstr("__metadata__")));
  EXPECT_THAT([&] { write({wrong}); }, ThrowsMessage<Error>(HasSubstr("[3] has 8 bytes instead of 12")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace farpoint::model_files
