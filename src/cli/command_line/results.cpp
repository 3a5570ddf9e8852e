// SPDX-License-Identifier: Apache-2.0
// Commands that look at runs, or take something out of them.
#include <memory>

#include "command_line/command.hpp"
#include "commands.hpp"

namespace farpoint::cli {

namespace {

Body declare_status(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<StatusArguments>();
  command.add_option("run", arguments->run, "folder of the run")->required()->type_name(value::run);
  add_json(command, arguments->json, "everything, for programs");
  return on_first_rank([arguments] { return status(*arguments); });
}

Body declare_inspect(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<InspectArguments>();
  command.add_option("path", arguments->path, "folder of a run, or a .h5 file")->required()->type_name(value::file);
  command.add_option("--record", arguments->record, "what the run did to the record of this id, and which rule did it")
      ->type_name("ID")
      ->group(group::choice);
  add_json(command, arguments->json, "the same, for programs");
  return on_first_rank([arguments] { return inspect(*arguments); });
}

Body declare_table(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<TableArguments>();
  command.add_option("run", arguments->run, "folder of the run")->required()->type_name(value::run);
  command.add_option("--columns", arguments->columns, "names, separated by commas")
      ->required()
      ->delimiter(',')
      ->type_name("NAMES")
      ->group(group::choice);
  add_choice(command, "--format", arguments->format, {"csv", "jsonl"}, "how rows are written")
      ->capture_default_str()
      ->group(group::output);
  command.add_option("--out", arguments->out, "default: standard output")->type_name(value::file)->group(group::output);
  add_json(command, arguments->json, "the same as --format jsonl");
  return on_first_rank([arguments] { return table(*arguments); });
}

void add_split_options(CLI::App& command, ExportArguments& arguments) {
  const auto add = [&](const char* name, std::string& variable, const char* type, const char* help) {
    command.add_option(name, variable, help)->type_name(type)->group(group::output);
  };
  add("--split", arguments.split, "SPLIT",
      "test=SHARE[,NAME=SHARE...]: into NAME.train.EXT, NAME.test.EXT, ..., without duplicates across them");
  add("--stratify", arguments.stratify, "LABEL",
      "what has the same share in each part: source (default), record.KEY or none");
  add("--near", arguments.near, "SIMILARITY",
      "records whose texts are at least this similar stay in one part (default 0.8); 0: only equal ones");
  add("--shard-size", arguments.shard_size, "BYTES", "cuts the output into files of so many bytes, such as 500MB");
  add("--shard-records", arguments.shard_records, "COUNT", "the same by records");
  add("--schema", arguments.schema, "SCHEMA", "of the records in parquet and datasets: as-is (default), alpaca, ...");
  add("--license", arguments.license, "NAME", "of the data, for the card of datasets, such as cc-by-4.0");
}

Body declare_export(CLI::App& command, const Surroundings&) {
  auto arguments = std::make_shared<ExportArguments>();
  command.add_option("run_or_subset", arguments->run_or_subset, "folder of a run, or a subset.h5")
      ->required()
      ->type_name(value::run);
  add_choice(command, "--format", arguments->format, export_formats(), "the training format")
      ->required()
      ->group(group::output);
  command
      .add_option("--out", arguments->out,
                  ".jsonl gives lines, .json an array, .parquet Parquet; of datasets it is a folder")
      ->required()
      ->type_name(value::file)
      ->group(group::output);
  add_split_options(command, *arguments);
  add_json(command, arguments->json, "what was written, for programs");
  return on_first_rank([arguments] { return export_records(*arguments); });
}

constexpr const char* section = "Look at runs";

}  // namespace

Command status_command() {
  return {"status",
          section,
          "Says what a run is doing, or how it ended",
          {{"farpoint status runs/a", "for people"}, {"farpoint status runs/a --json", "for programs"}},
          declare_status};
}

Command inspect_command() {
  return {"inspect",
          section,
          "Prints what a run's folder or a .h5 file holds, or what a run did to one record",
          {{"farpoint inspect runs/a", "the run's stages and their columns"},
           {"farpoint inspect runs/a --record 1234", "what became of a record, and why"},
           {"farpoint inspect runs/a/subset.h5", "the data sets of a file"}},
          declare_inspect};
}

Command table_command() {
  return {"table",
          section,
          "Prints columns of a run, a line a record, in order of id",
          {{"farpoint table runs/a --columns source,line,ppl", "as CSV, on standard output"},
           {"farpoint table runs/a --columns emb --format jsonl --out emb.jsonl", "vectors, into a file"}},
          declare_table};
}

Command export_command() {
  return {"export",
          section,
          "Writes the subset in a training format",
          {{"farpoint export runs/a --format alpaca --out subset.json", "an array in Alpaca's schema"},
           {"farpoint export runs/a --format messages --out subset.jsonl --split test=0.1", "a tenth of it for tests"},
           {"farpoint export runs/a --format datasets --out mine --license cc-by-4.0",
            "a folder for Hugging Face datasets"}},
          declare_export};
}

}  // namespace farpoint::cli
