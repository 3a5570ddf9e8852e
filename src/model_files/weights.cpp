// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

namespace fs = std::filesystem;

constexpr const char* single_name = "model.safetensors";
constexpr const char* index_name = "model.safetensors.index.json";

struct Index {
  std::map<std::string, std::string> file_of;  ///< by tensor
  std::set<std::string> files;
  std::optional<std::uint64_t> total_bytes;
};

bool is_plain_name(const std::string& name) {
  return name.ends_with(".safetensors") && name.find_first_of("/\\") == std::string::npos && !name.starts_with('.');
}

Index read_index(const fs::path& path) {
  const nlohmann::json json = read_json(path);
  const JsonObject file(json, path.string() + ": ");
  const auto map = file.object("weight_map");
  if (!map) file.refuse("weight_map", "it should tell the file of each tensor");
  Index index;
  for (const auto& [tensor, value] : map->entries()) {
    const std::string name = map->text(tensor, "");
    if (!is_plain_name(name)) map->refuse(tensor, "it should be the name of a .safetensors file in the same folder");
    index.files.insert(name);
    index.file_of.emplace(tensor, name);
  }
  if (index.files.empty()) file.refuse("weight_map", "it names no file");
  // Some writers put a float here; nothing but a warning depends on it.
  if (const auto metadata = file.object("metadata"); metadata && metadata->value("total_size").is_number_unsigned()) {
    index.total_bytes = metadata->value("total_size").get<std::uint64_t>();
  }
  return index;
}

[[noreturn]] void refuse_folder(const fs::path& folder) {
  for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (!is_there(folder / pickle)) continue;
    throw UsageError(fmt::format(
        "{}: the weights are there only as {}, a format that can run code; convert them in Python: "
        "AutoModel.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER), with AutoModelForSequenceClassification for a "
        "classifier, AutoModelForCausalLM for a language model, SentenceTransformer(FOLDER) for a folder with "
        "modules.json",
        folder.string(), pickle));
  }
  throw UsageError(fmt::format("{}: neither {} nor {} is there; download the folder again, with its .safetensors files",
                               folder.string(), single_name, index_name));
}

void check_against(const Index& index, const fs::path& path, const std::vector<SafetensorsFile>& files) {
  std::map<std::string, std::string> found;
  for (const SafetensorsFile& file : files) {
    for (const TensorEntry& tensor : file.tensors()) {
      const auto [place, is_new] = found.emplace(tensor.name, file.path().filename().string());
      if (!is_new) {
        throw UsageError(fmt::format("{}: the tensor {} is in {} and in {}", path.string(), in_quotes(tensor.name),
                                     place->second, file.path().filename().string()));
      }
    }
  }
  for (const auto& [tensor, file] : index.file_of) {
    const auto place = found.find(tensor);
    if (place == found.end() || place->second != file) {
      throw UsageError(
          fmt::format("{}: says that the tensor {} is in {}, but it is not; the files belong to different "
                      "models, or are not all there",
                      path.string(), in_quotes(tensor), file));
    }
  }
}

}  // namespace

std::vector<fs::path> weight_files(const fs::path& folder) {
  if (is_there(folder / single_name)) return {folder / single_name};
  const fs::path index = folder / index_name;
  if (!is_there(index)) refuse_folder(folder);
  std::vector<fs::path> files = {index};
  for (const std::string& name : read_index(index).files) {
    if (!is_there(folder / name)) {
      throw UsageError(fmt::format("{}: names {}, which is not there; download it too", index.string(), name));
    }
    files.push_back(folder / name);
  }
  return files;
}

Weights Weights::open(const fs::path& folder) {
  Weights weights;
  weights.folder_ = folder;
  for (const fs::path& file : weight_files(folder)) {
    if (file.filename() != index_name) weights.files_.push_back(SafetensorsFile::open(file));
  }
  for (const SafetensorsFile& file : weights.files_) {
    weights.tensors_.insert(weights.tensors_.end(), file.tensors().begin(), file.tensors().end());
    for (const TensorEntry& tensor : file.tensors()) weights.bytes_ += tensor.bytes.size();
  }
  if (weights.files_[0].path().filename() != single_name) {
    const Index index = read_index(folder / index_name);
    check_against(index, folder / index_name, weights.files_);
    // Some writers count tied weights twice.
    if (index.total_bytes && *index.total_bytes != weights.bytes_) {
      log::warning("{}: total_size is {}, but the files hold {} bytes of tensors", (folder / index_name).string(),
                   *index.total_bytes, weights.bytes_);
    }
  }
  const auto by_name = [](const TensorEntry& a, const TensorEntry& b) { return a.name < b.name; };
  std::sort(weights.tensors_.begin(), weights.tensors_.end(), by_name);
  return weights;
}

const TensorEntry* Weights::find(std::string_view name) const {
  const auto before = [](const TensorEntry& entry, std::string_view wanted) { return entry.name < wanted; };
  const auto found = std::lower_bound(tensors_.begin(), tensors_.end(), name, before);
  return found == tensors_.end() || found->name != name ? nullptr : &*found;
}

const TensorEntry& Weights::at(std::string_view name) const {
  if (const TensorEntry* found = find(name)) return *found;
  throw UsageError(fmt::format("{}: its weights have no tensor {}; they do not belong to this config.json",
                               folder_.string(), in_quotes(name)));
}

void Weights::prefetch() const {
  for (const SafetensorsFile& file : files_) file.prefetch();
}

}  // namespace farpoint::model_files
