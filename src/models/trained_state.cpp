// SPDX-License-Identifier: Apache-2.0
#include "trained_state.hpp"

#include <c10/core/GradMode.h>
#include <fmt/format.h>

#include <algorithm>

#include "backbone.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/model_files/safetensors_writer.hpp"

namespace farpoint::models {

namespace {

namespace fs = std::filesystem;

using model_files::Dtype;
using model_files::NewTensor;
using model_files::TensorEntry;

std::span<const std::byte> bytes_of(const at::Tensor& host) {
  return {static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes()};
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

const TensorEntry* find(const model_files::SafetensorsFile& file, const std::string& name) {
  const auto& all = file.tensors();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.name == name; });
  return found == all.end() ? nullptr : &*found;
}

[[noreturn]] void refuse(const fs::path& file, const std::string& name) {
  throw UsageError(
      fmt::format("{}: the state of another training, or none: {} is not there as this one has it; "
                  "remove the file to begin anew",
                  file.string(), name));
}

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

void write_state(const fs::path& file, const TrainedState& state, std::uint64_t step, std::string_view fingerprint) {
  const c10::NoGradGuard unrecorded;
  std::vector<at::Tensor> hosts;  // the weights themselves on a CPU
  std::vector<NewTensor> tensors;
  for (const auto& [name, tensor] : named(state)) {
    hosts.push_back(tensor.to(at::kCPU));
    tensors.push_back({name, Dtype::f32, tensor.sizes().vec(), bytes_of(hosts.back())});
  }
  tensors.push_back({"step", Dtype::u64, {}, std::as_bytes(std::span(&step, 1))});
  tensors.push_back({"fingerprint",
                     Dtype::u8,
                     {static_cast<std::int64_t>(fingerprint.size())},
                     std::as_bytes(std::span(fingerprint))});
  model_files::write_safetensors(file, tensors, {{"format", "farpoint training state"}});
}

std::optional<std::uint64_t> read_state(const fs::path& path, const TrainedState& state, std::string_view fingerprint) {
  const c10::NoGradGuard unrecorded;
  const auto file = model_files::SafetensorsFile::open(path);
  const auto* const of_training = find(file, "fingerprint");
  if (of_training == nullptr) refuse(path, "fingerprint");
  if (!std::ranges::equal(of_training->bytes, std::as_bytes(std::span(fingerprint)))) return std::nullopt;
  const auto* const step = find(file, "step");
  if (step == nullptr || step->dtype != Dtype::u64 || step->elements() != 1) refuse(path, "step");
  const auto tensors = named(state);
  const auto entry_of = [&](const std::string& name, const at::Tensor& tensor) {
    const auto* const entry = find(file, name);
    const bool fits = entry != nullptr && entry->dtype == Dtype::f32 && at::IntArrayRef(entry->shape) == tensor.sizes();
    return fits ? entry : nullptr;
  };
  // All are looked at before one is changed.
  for (const auto& [name, tensor] : tensors) {
    if (entry_of(name, tensor) == nullptr) refuse(path, name);
  }
  for (const auto& [name, tensor] : tensors) {
    const auto bytes = entry_of(name, tensor)->bytes;
    at::Tensor host = tensor.device().is_cpu() ? tensor.detach() : at::empty(tensor.sizes(), at::kFloat);
    std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(host.mutable_data_ptr()));
    if (!tensor.device().is_cpu()) tensor.copy_(host);
  }
  std::uint64_t done = 0;
  std::copy(step->bytes.begin(), step->bytes.end(), reinterpret_cast<std::byte*>(&done));
  return done;
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
