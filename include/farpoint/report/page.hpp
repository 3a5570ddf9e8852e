// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace farpoint::report {

/// One HTML file that needs nothing else: the page of src/report/page with its data (docs/report.md).
/// `title` is any text; `json` an object of kind "report" or "compare", ASCII or UTF-8, whose texts may be hostile: in
/// the page they cannot become markup or code. Half a MiB beside the data.
std::string page(std::string_view title, std::string_view json);

}  // namespace farpoint::report
