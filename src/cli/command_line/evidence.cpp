// SPDX-License-Identifier: Apache-2.0
// Commands that show what a choice is worth.
#include <memory>

#include "command_line/command.hpp"
#include "commands.hpp"

namespace farpoint::cli {

namespace {

Body declare_report(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<ReportArguments>();
  command.add_option("run", arguments->run, "folder of the run")->required()->type_name(value::run);
  command.add_option("--out", arguments->out, "default: report.html in the run's folder")
      ->type_name(value::file)
      ->group(group::output);
  return [arguments](comm::Communicator& comm) { return report(comm, *arguments); };
}

Body declare_compare(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<CompareArguments>();
  command.add_option("runs", arguments->runs, "folders of two runs or more")->required()->type_name(value::run);
  command.add_option("--out", arguments->out, "also writes a page, FILE.html")
      ->type_name(value::file)
      ->group(group::output);
  add_json(command, arguments->json, "everything, for programs");
  return on_first_rank([arguments] { return compare(*arguments); });
}

constexpr const char* section = "Look at runs";

}  // namespace

Command report_command() {
  return {"report",
          section,
          "Writes a page that shows what a run chose, and the evidence for it",
          {{"farpoint report runs/a", "runs/a/report.html, for a browser"},
           {"farpoint report runs/a --out a.html", "the same elsewhere"}},
          declare_report};
}

Command compare_command() {
  return {"compare",
          section,
          "Tells how runs differ in what they chose",
          {{"farpoint compare runs/a runs/b", "a table"},
           {"farpoint compare runs/a runs/b runs/c --out abc.html", "also a page, for a browser"}},
          declare_compare};
}

}  // namespace farpoint::cli
