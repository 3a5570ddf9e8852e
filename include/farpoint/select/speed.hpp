// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace farpoint::select {

/// Floating-point operations a second of this thread at products of matrices of float32, of the size that small
/// encoders have. Takes a tenth of a second of it; for estimates. Throws Error when there is no BLAS.
double measure_product_rate();

}  // namespace farpoint::select
