// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The safetensors format (github.com/huggingface/safetensors): a length, a JSON header, the tensors' bytes.
namespace farpoint::model_files {

/// Element types that are read; the format's others (8 bits and below for floats, complex) are refused by name.
enum class Dtype : std::uint8_t { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64 };

/// Bytes of one element.
std::size_t item_bytes(Dtype dtype);
/// As the format spells it: "F32".
std::string_view name_of(Dtype dtype);

/// One tensor where it lies in the file, row-major, little-endian. `bytes` may begin at any address: check the
/// alignment before reading elements in place.
struct TensorEntry {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::int64_t> shape;    ///< empty: one element; a 0 in it: none
  std::span<const std::byte> bytes;   ///< exactly the product of `shape` times item_bytes(dtype)
  std::shared_ptr<const void> owner;  ///< keeps `bytes` alive; empty when they came from parse_header()

  std::int64_t elements() const;
};

/// Reads and checks the header of `file`, the whole content of a safetensors file. The entries, in the order of their
/// bytes, point into it. Beyond the format's own rules: up to 200,000 tensors of up to 8 dimensions, names of up to
/// 1,024 bytes, and no unknown keys. Throws UsageError, which calls the file `name`, names the tensor and the value.
std::vector<TensorEntry> parse_header(std::span<const std::byte> file, const std::string& name);

/// One file, mapped. The mapping is private and may be written (torch::from_blob wants void*, and a stray in-place
/// operation would otherwise be a crash); pages that nobody writes are shared with all processes of the machine. The
/// file may be replaced by a new one of its name, but not be changed in place: that is undefined.
/// const members may be called from several threads.
class SafetensorsFile {
 public:
  /// Throws UsageError as parse_header() does, and when there is no such file; Error when the system refuses it.
  static SafetensorsFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t file_bytes() const { return file_bytes_; }
  /// In the order of their bytes; each holds the mapping.
  const std::vector<TensorEntry>& tensors() const { return tensors_; }
  /// Reads the file once from front to back, so that its pages lie in the machine's memory. Throws Error where it
  /// cannot be read, which under the mapping would end the process.
  void prefetch() const;

 private:
  std::filesystem::path path_;
  std::uint64_t file_bytes_ = 0;
  std::vector<TensorEntry> tensors_;
};

}  // namespace farpoint::model_files
