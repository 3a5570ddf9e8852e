// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rapidcheck.h>

#include <numeric>
#include <string>
#include <vector>

namespace farpoint::clean {

inline std::string repeated(std::string_view piece, std::size_t times) {
  std::string result;
  result.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += piece;
  return result;
}

inline rc::Gen<std::string> joined(rc::Gen<std::vector<std::string>> pieces) {
  return rc::gen::map(std::move(pieces), [](const std::vector<std::string>& list) {
    return std::accumulate(list.begin(), list.end(), std::string());
  });
}

}  // namespace farpoint::clean
