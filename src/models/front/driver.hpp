// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace farpoint::models {

/// Number of GPUs that NVIDIA's driver shows this process (CUDA_VISIBLE_DEVICES counts); 0 without a driver. Needs
/// nothing of CUDA but the driver.
int driver_devices();

}  // namespace farpoint::models
