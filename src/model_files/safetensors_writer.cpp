// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/safetensors_writer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

/// A header of whole multiples of it lets the first tensor begin at an aligned address.
constexpr std::size_t alignment = 8;

void check(const std::filesystem::path& file, std::span<const NewTensor> tensors) {
  std::set<std::string_view> names;
  for (const NewTensor& tensor : tensors) {
    if (!names.insert(tensor.name).second || tensor.name == "__metadata__") {
      throw Error(fmt::format("{}: the tensor {} is there twice, or has a name that the format keeps for itself",
                              file.string(), in_quotes(tensor.name)));
    }
    std::size_t bytes = item_bytes(tensor.dtype);
    for (const auto size : tensor.shape) bytes *= static_cast<std::size_t>(size);
    if (bytes == tensor.bytes.size()) continue;
    throw Error(fmt::format("{}: the tensor {} of shape [{}] has {} bytes instead of {}", file.string(),
                            in_quotes(tensor.name), fmt::join(tensor.shape, ", "), tensor.bytes.size(), bytes));
  }
}

/// Wide elements first, as the reference implementation has it: so each tensor begins at a multiple of its element.
std::vector<const NewTensor*> in_file_order(std::span<const NewTensor> tensors) {
  std::vector<const NewTensor*> order;
  for (const NewTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const NewTensor* a, const NewTensor* b) {
    const auto width_a = item_bytes(a->dtype);
    const auto width_b = item_bytes(b->dtype);
    return width_a != width_b ? width_a > width_b : a->name < b->name;
  });
  return order;
}

std::string header_of(const std::vector<const NewTensor*>& order, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  for (const NewTensor* tensor : order) {
    const auto begin = end;
    end += tensor->bytes.size();
    header[tensor->name] = {
        {"dtype", name_of(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", std::array{begin, end}}};
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  return text;
}

std::string_view view_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NewTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  check(path, tensors);
  const auto order = in_file_order(tensors);
  const auto header = header_of(order, metadata);
  const std::uint64_t length = header.size();  // little-endian, as safetensors.cpp asserts of the machine
  AtomicFile file(path);
  file.write(view_of(std::as_bytes(std::span(&length, 1))));
  file.write(header);
  for (const NewTensor* tensor : order) file.write(view_of(tensor->bytes));
  file.commit();
}

}  // namespace farpoint::model_files
