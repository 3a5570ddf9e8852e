// SPDX-License-Identifier: Apache-2.0
#include "text_type.hpp"

namespace farpoint::store {

std::string_view without_padding(std::string_view field, H5T_str_t padding) {
  if (padding == H5T_STR_NULLTERM) return field.substr(0, field.find('\0'));
  const char pad = padding == H5T_STR_SPACEPAD ? ' ' : '\0';
  return field.substr(0, field.find_last_not_of(pad) + 1);  // npos + 1 is 0: all padding
}

}  // namespace farpoint::store
