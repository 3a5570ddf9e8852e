// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "implementations.hpp"

namespace farpoint::models {

/// What libfarpoint_torch.so gives: all of the layer that needs libtorch, whose start costs a third of a second and
/// 100 MiB, so that it is loaded when a model is made. The library has no copy of the layers below, it takes their
/// functions from the program that loads it: threads, log and time accounting are the same ones, and exceptions pass.
struct ModelLibrary {
  /// Hash of the headers and of what else both sides must agree on.
  const char* interface;

  std::unique_ptr<Classifier::Implementation> (*classifier)(const std::filesystem::path& folder,
                                                            const ClassifierOptions& options);
  std::unique_ptr<Embedder::Implementation> (*embedder)(const std::filesystem::path& folder,
                                                        const EmbedderOptions& options);
  std::unique_ptr<FineTuner::Implementation> (*fine_tuner)(const std::filesystem::path& folder,
                                                           const FineTunerOptions& options);
  std::unique_ptr<LanguageModel::Implementation> (*language_model)(const std::filesystem::path& folder,
                                                                   const LanguageModelOptions& options);
  int (*cuda_devices)();
};

/// Loads it at the first call; any thread may be the first. From the file that FARPOINT_TORCH_LIBRARY names, otherwise
/// from lib/ beside the folder of the program. It stays for good. Throws Error where it cannot be loaded.
const ModelLibrary& model_library();

/// Throws Error where the file is missing. Loads nothing: for the beginning of runs whose models come hours later.
void check_model_library();

}  // namespace farpoint::models
