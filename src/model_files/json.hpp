// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace farpoint::model_files {

/// Text between quotes, ASCII, cut after about 100 characters: for messages.
std::string in_quotes(std::string_view text);
/// The same of a value.
std::string shown(const nlohmann::json& value);

/// Refuses duplicate keys, more than 64 levels and more than 32 MiB. Throws UsageError that calls the file `name`.
nlohmann::json parse_json(std::string_view text, const std::string& name);
/// Whether there is a file or folder. Throws Error when that cannot be found out.
bool is_there(const std::filesystem::path& path);

/// Its first 32 MiB and one byte, so that parse_json() can tell. Throws Error when it cannot be read.
std::string read_text(const std::filesystem::path& file);
nlohmann::json read_json(const std::filesystem::path& file);

/// One JSON object of a file, read by key. Each getter throws UsageError that names file, key and value when it is not
/// what is asked for. Except where told, a null counts as absent, as it does in transformers. Refers to the object.
class JsonObject {
 public:
  /// `name` stands before keys in messages: "config.json: " or "config.json: rope_scaling.".
  JsonObject(const nlohmann::json& object, std::string name);

  bool has(const std::string& key) const { return !value(key).is_null(); }
  bool is_null(const std::string& key) const { return object_.contains(key) && value(key).is_null(); }
  /// Neither absent, null, false nor empty: what Python calls true.
  bool is_set(const std::string& key) const;

  std::int64_t integer(const std::string& key, std::int64_t if_absent, std::int64_t least, std::int64_t most) const;
  std::optional<std::int64_t> integer(const std::string& key, std::int64_t least, std::int64_t most) const;
  double number(const std::string& key, double if_absent, double least, double most) const;
  std::optional<double> number(const std::string& key, double least, double most) const;
  bool flag(const std::string& key, bool if_absent) const;
  std::string text(const std::string& key, const std::string& if_absent) const;
  std::optional<std::vector<std::string>> texts(const std::string& key) const;
  std::optional<JsonObject> object(const std::string& key) const;
  /// The value, or null.
  const nlohmann::json& value(const std::string& key) const;
  /// Keys and values in the order of the keys.
  std::vector<std::pair<std::string, const nlohmann::json*>> entries() const;

  /// Of two names of one thing that which is there; refuses both with different values.
  std::string either(const std::string& key, const std::string& other) const;

  /// "FILE: KEY is VALUE; REASON"
  [[noreturn]] void refuse(const std::string& key, std::string_view reason) const;

 private:
  const nlohmann::json& object_;
  std::string name_;
};

}  // namespace farpoint::model_files
