// SPDX-License-Identifier: Apache-2.0
#include "kept_fits.hpp"

#include <fmt/format.h>

#include <array>

#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/kept_file.hpp"
#include "farpoint/store/shard_file.hpp"

namespace farpoint::jobs {

namespace {

using Numbers = std::vector<double>;

std::optional<learn::Fit> read_file(const std::filesystem::path& path, const std::string& key) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  if (!pipeline::is_kept(path, key)) {
    log::warning("{}: damaged, or of other options or records; the model is trained again", path.string());
    return std::nullopt;
  }
  const store::ShardFile stored(path);
  const auto weights = stored.read("weights");
  const auto loss = stored.read("loss").as<Numbers>().front();
  const auto progress = stored.read("iterations").as<std::vector<std::uint64_t>>();
  return learn::Fit{
      {weights.width, weights.as<Numbers>(), stored.read("biases").as<Numbers>()}, loss, progress[0], progress[1] != 0};
}

}  // namespace

KeptFits::KeptFits(const std::filesystem::path& job_folder) : folder_(job_folder / "trained") {}

std::filesystem::path KeptFits::file(std::size_t model) const {
  return folder_ / fmt::format("model-{}.h5", model);
}

void KeptFits::write(comm::Communicator& comm, std::size_t model, const std::string& key, const learn::Fit& fit) const {
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    std::vector<store::Column> columns;
    columns.push_back({"weights", fit.model.weights, fit.model.width});
    columns.push_back({"biases", fit.model.biases});
    columns.push_back({"loss", Numbers{fit.loss}});
    columns.push_back({"iterations", std::vector<std::uint64_t>{fit.iterations, fit.converged ? 1U : 0U}});
    store::write_shard(file(model), {{"key", key}}, columns);
  });
}

std::optional<learn::Fit> KeptFits::read(comm::Communicator& comm, std::size_t model, const std::string& key) const {
  std::optional<learn::Fit> fit;
  comm::agree(comm, [&] {
    if (comm.rank() == 0) fit = read_file(file(model), key);
  });
  std::array<std::uint64_t, 5> sizes{};
  if (fit) {
    sizes = {1, fit->model.width, fit->model.biases.size(), fit->iterations, fit->converged ? 1U : 0U};
    log::info("model {} is kept from an interrupted run", model);
  }
  comm::broadcast(comm, std::span<std::uint64_t>(sizes));
  if (sizes[0] == 0) return std::nullopt;
  if (!fit) fit.emplace();
  fit->model.width = sizes[1];
  fit->model.weights.resize(sizes[1] * sizes[2]);
  fit->model.biases.resize(sizes[2]);
  fit->iterations = sizes[3];
  fit->converged = sizes[4] != 0;
  comm::broadcast(comm, std::span<double>(fit->model.weights));
  comm::broadcast(comm, std::span<double>(fit->model.biases));
  comm::broadcast(comm, std::span<double>(&fit->loss, 1));
  return fit;
}

void KeptFits::remove() const {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace farpoint::jobs
