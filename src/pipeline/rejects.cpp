// SPDX-License-Identifier: Apache-2.0
#include "rejects.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/store/shard_file.hpp"
#include "listed_files.hpp"

namespace farpoint::pipeline {

namespace {

using Numbers = std::vector<std::uint64_t>;
using Indices = std::vector<std::uint32_t>;

/// Where records came from, by their ids; reads the ingest shard that holds the id asked for last.
class Origins {
 public:
  explicit Origins(const Data& data) : data_(data) {}

  struct Origin {
    std::string source;
    std::string file;
    std::uint64_t line = 0;
  };

  Origin of(Population population, std::uint64_t id) {
    const auto shard = static_cast<std::size_t>(id / data_.set(population).shard_records);
    if (!shard_ || *shard_ != std::pair(population, shard)) open(population, shard);
    for (const auto& [ids, lines, files] :
         {std::tie(ids_, lines_, files_), std::tie(bad_ids_, bad_lines_, bad_files_)}) {
      const auto at = std::lower_bound(ids.begin(), ids.end(), id);
      if (at == ids.end() || *at != id) continue;
      const auto row = static_cast<std::size_t>(at - ids.begin());
      const auto& file = list_.at(files[row]);
      return {file.source, file.path, lines[row]};
    }
    throw Error("record " + std::to_string(id) + " is in no shard of the ingest stage");
  }

 private:
  void open(Population population, std::size_t shard) {
    const auto file = open_shard_file(data_.stages.at(ingest_stage), data_.set(population), shard);
    ids_ = file.read("id").as<Numbers>();
    lines_ = file.read("line").as<Numbers>();
    files_ = file.read("file").as<Indices>();
    bad_ids_ = file.read("rejects/id").as<Numbers>();
    bad_lines_ = file.read("rejects/line").as<Numbers>();
    bad_files_ = file.read("rejects/file").as<Indices>();
    list_ = ListedFiles(file);
    shard_ = {population, shard};
  }

  const Data& data_;
  std::optional<std::pair<Population, std::size_t>> shard_;
  Numbers ids_, lines_, bad_ids_, bad_lines_;
  Indices files_, bad_files_;
  ListedFiles list_;
};

}  // namespace

void write_rejects(const std::filesystem::path& path, const Data& data, const std::vector<RejectFiles>& stages) {
  AtomicFile out(path);
  Origins origins(data);
  for (const auto& stage : stages) {
    for (const auto& [population, file_name] : stage.files) {
      const auto file = open_shard_file(file_name);
      const auto ids = file.read("rejects/id").as<Numbers>();
      const auto reasons = file.read("rejects/reason").as<store::Strings>();
      for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto origin = origins.of(population, ids[i]);
        nlohmann::ordered_json line{{"id", ids[i]},        {"source", origin.source}, {"file", origin.file},
                                    {"line", origin.line}, {"stage", stage.stage},    {"reason", reasons[i]}};
        // Ids of the other sets count on their own.
        if (population != Population::pool) line["set"] = name_of(population);
        out.write(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
      }
    }
  }
  out.commit();
}

}  // namespace farpoint::pipeline
