// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace farpoint::score {

/// The natural logarithm of a normal number above 0, within two units in the last place. Made of operations that IEEE
/// 754 rounds exactly: what is drawn by it must not depend on the machine, and mathematics libraries differ in the last
/// bit, also one and the same on processors with and without fused operations.
double portable_log(double x);

}  // namespace farpoint::score
