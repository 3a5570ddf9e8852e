// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "front/implementations.hpp"

/// The models behind the public classes. Each reads a folder's weights; see the constructors there.
namespace farpoint::models {

std::unique_ptr<Classifier::Implementation> make_classifier(const std::filesystem::path& folder,
                                                            const ClassifierOptions& options);
std::unique_ptr<Embedder::Implementation> make_embedder(const std::filesystem::path& folder,
                                                        const EmbedderOptions& options);
std::unique_ptr<FineTuner::Implementation> make_fine_tuner(const std::filesystem::path& folder,
                                                           const FineTunerOptions& options);
std::unique_ptr<LanguageModel::Implementation> make_language_model(const std::filesystem::path& folder,
                                                                   const LanguageModelOptions& options);

}  // namespace farpoint::models
