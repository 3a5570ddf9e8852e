// SPDX-License-Identifier: Apache-2.0
// Public data sets, where they are at hand: FARPOINT_SHARED_DATA names their folder, else shared/data beside the
// checkout is looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "farpoint/corpus/convert.hpp"
#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
  if (const char* folder = std::getenv("FARPOINT_SHARED_DATA")) return folder;
  return fs::path(__FILE__).parent_path().parent_path().parent_path().parent_path() / "shared" / "data";
}

std::vector<std::string> records_of(const fs::path& path) {
  std::vector<std::string> records;
  std::ifstream file(path);
  if (path.extension() == ".json") {
    for (const auto& record : nlohmann::ordered_json::parse(file)) records.push_back(record.dump());
    return records;
  }
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    records.push_back(path.extension() == ".txt" ? text_record(line) : line);
  }
  return records;
}

class SharedData : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(data_folder())) GTEST_SKIP() << "no data in " << data_folder();
    for (const auto& entry : fs::recursive_directory_iterator(data_folder())) {
      if (entry.is_regular_file() && entry.path().extension() != ".md") files_[entry.path()] = records_of(entry.path());
    }
    ASSERT_FALSE(files_.empty());
  }

  std::map<fs::path, std::vector<std::string>> files_;
  RecordParser parser_;
};

TEST_F(SharedData, ParsesWithoutFault) {
  for (const auto& [path, records] : files_) {
    for (const std::string& json : records) {
      const auto result = parser_.parse(json);

      ASSERT_TRUE(std::holds_alternative<Record>(result)) << path << ": " << json;
    }
  }
}

std::size_t count(const Record& record, Role role) {
  return static_cast<std::size_t>(
      std::count_if(record.turns.begin(), record.turns.end(), [&](const Turn& turn) { return turn.role == role; }));
}

TEST_F(SharedData, KeepsTurnsThroughEachListFormat) {
  for (const auto& [path, records] : files_) {
    for (std::size_t i = 0; i < records.size(); i += 7) {
      const Record record = std::get<Record>(parser_.parse(records[i]));
      for (const auto format : {ExportFormat::sharegpt, ExportFormat::messages}) {
        const Record back = std::get<Record>(parser_.parse(convert(record, records[i], format)));

        ASSERT_EQ(view(back, TextView::conversation), view(record, TextView::conversation)) << path << " record " << i;
        ASSERT_EQ(count(back, Role::tool_call), count(record, Role::tool_call));
      }
    }
  }
}

}  // namespace
}  // namespace farpoint::corpus
