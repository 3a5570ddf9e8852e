// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "commands.hpp"
#include "farpoint/base/version.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/models/execution.hpp"
#include "farpoint/models/library.hpp"
#include "farpoint/pipeline/config.hpp"
#include "farpoint/store/library.hpp"
#include "jobs.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;

std::string escape(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

std::string fields_table(const std::vector<FieldDoc>& fields) {
  std::string page = "| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const auto& field : fields) {
    const auto fallback = field.required                                    ? "required"
                          : field.fallback.empty() || field.fallback == "~" ? ""
                                                                            : "`" + field.fallback + "`";
    page += fmt::format("| `{}` | {} | {} | {}{} |\n", field.key, escape(field.type), escape(fallback),
                        escape(field.help), field.effect == Effect::speed ? " *(does not change results)*" : "");
  }
  return page;
}

}  // namespace

std::string configuration_page() {
  std::string page =
      "# Configuration\n\n"
      "This page is made from the option structs (`make docs`); a test keeps it true. Unknown keys are errors.\n"
      "Relative paths are relative to the configuration's folder, `run.output` to the working folder.\n"
      "Options that do not change results may be changed between runs without redoing finished work.\n";
  for (const auto& [section, fields] : document_config()) {
    page += fmt::format("\n## {}\n\n{}", section, fields_table(fields));
  }
  page +=
      "\n## pipeline\n\nA list of jobs. `- parallel: [...]` runs the jobs in it at the same time on disjoint ranks; "
      "each of them may have a `share` of the ranks (default 1).\n";
  for (const auto& type : jobs::all_jobs()) {
    page += fmt::format("\n### {}\n\n{}.\n\n{}", type.name, type.summary, fields_table(type.document()));
  }
  return page;
}

std::string version_text() {
  const int gpus = models::cuda_devices();
  return fmt::format("farpoint {} ({}, {}, {}; devices: cpu{})", version, comm::transport(), store::library_version(),
                     models::library_version(), gpus == 0 ? "" : fmt::format(", {} GPU{}", gpus, gpus == 1 ? "" : "s"));
}

}  // namespace farpoint::cli
