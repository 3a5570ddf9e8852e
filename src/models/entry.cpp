// SPDX-License-Identifier: Apache-2.0
// All that libfarpoint_torch.so shows.
#include "front/model_library.hpp"
#include "model_library_interface.hpp"
#include "placement.hpp"
#include "whole_models.hpp"

namespace {

using namespace farpoint::models;

constexpr ModelLibrary library{model_library_interface, make_classifier,     make_embedder,
                               make_fine_tuner,         make_language_model, libtorch_devices};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ModelLibrary* farpoint_model_library();

const ModelLibrary* farpoint_model_library() {
  return &library;
}
