// SPDX-License-Identifier: Apache-2.0
#include "trained_state.hpp"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "farpoint/model_files/safetensors_writer.hpp"

namespace farpoint::models {

namespace {

namespace fs = std::filesystem;

using model_files::Dtype;
using model_files::NewTensor;

std::span<const std::byte> bytes_of(const at::Tensor& host) {
  return {static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes()};
}

std::string_view view_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The tensors of a state by their names in its file.
std::vector<std::pair<std::string, at::Tensor>> named(const TrainedState& state) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (std::size_t i = 0; i < state.weights.size(); ++i) {
    const auto& name = state.weights[i].parts[0].name;
    tensors.emplace_back("weight/" + name, state.weights[i].value);
    tensors.emplace_back("first_moment/" + name, state.first_moments[i]);
    tensors.emplace_back("second_moment/" + name, state.second_moments[i]);
  }
  return tensors;
}

/// Of everything in a state's file but itself.
std::uint64_t checksum_of(std::string_view fingerprint, std::span<const double> losses,
                          const std::vector<std::pair<std::string, std::span<const std::byte>>>& tensors) {
  Hasher hasher;
  hasher.add(fingerprint).add(view_of(std::as_bytes(losses)));
  for (const auto& [name, bytes] : tensors) hasher.add(name).add(view_of(bytes));
  return hasher.digest().low;
}

/// The tensors of a state's file, each as it should be there. Throws UsageError.
class StateFile {
 public:
  explicit StateFile(const fs::path& path) : file_(model_files::SafetensorsFile::open(path)) {}

  std::span<const std::byte> get(const std::string& name, Dtype dtype,
                                 std::optional<at::IntArrayRef> shape = std::nullopt) const {
    const auto& all = file_.tensors();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.name == name; });
    if (found == all.end() || found->dtype != dtype || (shape && at::IntArrayRef(found->shape) != *shape)) {
      throw UsageError(
          fmt::format("{}: the state of another training, or none: {} is not there as this one has it; "
                      "remove the file to begin anew",
                      file_.path().string(), name));
    }
    return found->bytes;
  }

  template <typename T>
  std::vector<T> numbers(const std::string& name, Dtype dtype) const {
    const auto bytes = get(name, dtype);
    std::vector<T> values(bytes.size() / sizeof(T));
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::byte*>(values.data()));
    return values;
  }

 private:
  model_files::SafetensorsFile file_;
};

/// The folder as it was stays until the new one is whole; between the two moments of the exchange there is none.
void put_in_place(const fs::path& made, const fs::path& folder) {
  fs::path old = folder;
  old += ".old";
  fs::remove_all(old);
  if (fs::exists(folder)) fs::rename(folder, old);
  fs::rename(made, folder);
  fs::remove_all(old);
}

}  // namespace

void write_state(const fs::path& file, const TrainedState& state, std::span<const double> losses,
                 std::string_view fingerprint) {
  const c10::NoGradGuard unrecorded;
  std::vector<at::Tensor> hosts;  // the weights themselves on a CPU
  std::vector<NewTensor> tensors;
  std::vector<std::pair<std::string, std::span<const std::byte>>> contents;
  for (const auto& [name, tensor] : named(state)) {
    hosts.push_back(tensor.to(at::kCPU));
    tensors.push_back({name, Dtype::f32, tensor.sizes().vec(), bytes_of(hosts.back())});
    contents.emplace_back(name, tensors.back().bytes);
  }
  const auto checksum = checksum_of(fingerprint, losses, contents);
  const auto add = [&](const char* name, Dtype dtype, std::size_t size, std::span<const std::byte> bytes) {
    tensors.push_back({name, dtype, {static_cast<std::int64_t>(size)}, bytes});
  };
  add("losses", Dtype::f64, losses.size(), std::as_bytes(losses));
  add("fingerprint", Dtype::u8, fingerprint.size(), std::as_bytes(std::span(fingerprint)));
  add("checksum", Dtype::u64, 1, std::as_bytes(std::span(&checksum, 1)));
  model_files::write_safetensors(file, tensors, {{"format", "farpoint training state"}});
}

std::optional<std::vector<double>> read_state(const fs::path& path, const TrainedState& state,
                                              std::string_view fingerprint) {
  const c10::NoGradGuard unrecorded;
  const StateFile file(path);
  if (view_of(file.get("fingerprint", Dtype::u8)) != fingerprint) return std::nullopt;
  // All is looked at before any of it is taken.
  const auto tensors = named(state);
  std::vector<std::pair<std::string, std::span<const std::byte>>> contents;
  for (const auto& [name, tensor] : tensors) contents.emplace_back(name, file.get(name, Dtype::f32, tensor.sizes()));
  auto losses = file.numbers<double>("losses", Dtype::f64);
  const auto checksum = file.numbers<std::uint64_t>("checksum", Dtype::u64);
  if (checksum != std::vector{checksum_of(fingerprint, losses, contents)}) {
    throw UsageError(
        fmt::format("{}: its checksum is wrong: the file is damaged; remove it to begin anew", path.string()));
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& tensor = tensors[i].second;
    const auto bytes = contents[i].second;
    at::Tensor host = tensor.device().is_cpu() ? tensor.detach() : at::empty(tensor.sizes(), at::kFloat);
    std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(host.mutable_data_ptr()));
    if (!tensor.device().is_cpu()) tensor.copy_(host);
  }
  return losses;
}

void write_classifier(const fs::path& folder, const model_files::ModelFolder& source, const std::string& prefix,
                      const model_files::ClassifierSettings& settings, const std::vector<TrainedWeight>& weights) {
  const c10::NoGradGuard unrecorded;
  std::vector<at::Tensor> hosts;
  std::vector<NewTensor> tensors;
  for (const auto& weight : weights) {
    hosts.push_back(weight.value.to(at::kCPU));
    std::int64_t row = 0;
    for (const auto& part : weight.parts) {
      const at::Tensor rows = hosts.back().narrow(0, row, part.rows);
      tensors.push_back({model_files::classifier_tensor_name(source.config, prefix, part.name), Dtype::f32,
                         rows.sizes().vec(), bytes_of(rows)});
      row += part.rows;
    }
  }
  fs::path target = folder.has_filename() ? folder : folder.parent_path();
  const auto made = temporary_name(target);
  fs::remove_all(made);
  fs::create_directories(made);
  model_files::write_classifier_settings(source, settings, made);
  model_files::write_safetensors(made / "model.safetensors", tensors);
  put_in_place(made, target);
}

}  // namespace farpoint::models
