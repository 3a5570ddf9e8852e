// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unicode/normalizer2.h>

#include "farpoint/clean/unicode.hpp"

namespace farpoint::clean {

/// ICU's; they live as long as the program, and are thread-safe. Throw Error if ICU has lost its data.
const icu::Normalizer2& normalizer(NormalForm form);    ///< not for NormalForm::none
const icu::Normalizer2& compatibility_decomposition();  ///< NFKD

}  // namespace farpoint::clean
