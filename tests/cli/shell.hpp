// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "child_process.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "temporary_folder.hpp"

namespace farpoint::cli {

/// Runs texts as bash does, among programs that the test has made up.
class Shell {
 public:
  /// A program for what follows, instead of any other of this name.
  void add_program(const std::string& name, const std::string& body) {
    const auto file = folder_ / name;
    write_file(file, "#!/bin/bash\n" + body);
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }

  void set(const std::string& name, const std::string& value) { variables_[name] = value; }

  ChildResult run(const std::string& script) const {
    write_file(folder_ / "script", script);
    std::vector<std::string> words{"env", "PATH=" + folder_.path().string() + ":/usr/bin:/bin"};
    for (const auto& [name, value] : variables_) words.push_back(name + "=" + value);
    words.insert(words.end(), {"bash", folder_ / "script"});
    return *run_program(words);
  }

  /// Whether bash takes it for a script.
  bool parses(const std::string& script) const {
    write_file(folder_ / "script", script);
    return run_program({"bash", "-n", folder_ / "script"})->code == 0;
  }

  std::string path(const std::string& name) const { return folder_ / name; }

 private:
  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_;
};

}  // namespace farpoint::cli
