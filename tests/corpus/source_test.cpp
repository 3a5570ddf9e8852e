// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/source.hpp"
#include "farpoint/corpus/parquet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "corpus/compressed.hpp"
#include "farpoint/base/error.hpp"
#include "temporary_folder.hpp"

namespace farpoint::corpus {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

class ResolveTest : public testing::Test {
 protected:
  std::vector<InputFile> resolve_all(const std::vector<SourceSpec>& specs) const {
    return resolve(specs, folder_.path());
  }
  std::vector<std::string> names(const std::string& pattern) const {
    std::vector<std::string> all;
    for (const InputFile& file : resolve_all({{.path = pattern, .name = "n"}})) all.push_back(file.path.filename());
    return all;
  }
  InputFile only(const SourceSpec& spec) const {
    const std::vector<InputFile> files = resolve_all({spec});
    return files.size() == 1 ? files.front() : throw std::runtime_error("not one file");
  }
  Format format_of(const std::string& name, const std::string& content) const {
    folder_.write(name, content);
    return only({.path = name}).format;
  }
  void expect_refused(const SourceSpec& spec, const std::string& why) const {
    EXPECT_THAT([&] { resolve_all({spec}); }, ThrowsMessage<UsageError>(AllOf(HasSubstr(spec.path), HasSubstr(why))));
  }
  TemporaryFolder folder_;
};

TEST_F(ResolveTest, DescribesAFileRelativeToTheBase) {
  const auto path = folder_.write("data/web.jsonl", "{}\n");
  const InputFile file = only({.path = "data/web.jsonl"});
  EXPECT_EQ(file.path, path);
  EXPECT_EQ(file.source, "web.jsonl");
  EXPECT_EQ(file.format, Format::jsonl);
  EXPECT_EQ(file.compression, Compression::none);
  EXPECT_EQ(file.bytes, 3U);
}

TEST_F(ResolveTest, TakesAbsolutePathsAndNames) {
  const auto path = folder_.write("web.jsonl", "");
  const InputFile file = only({.path = path.string(), .name = "internet"});
  EXPECT_EQ(file.path, path);
  EXPECT_EQ(file.source, "internet");
}

TEST_F(ResolveTest, KeepsTheOrderOfTheSpecsAndSortsMatchesBytewise) {
  for (const char* name : {"b.txt", "a.txt", "B.txt", "a1.txt", "\xC3\xA4.txt", "c.jsonl"}) folder_.write(name, "");
  const auto files = resolve_all({{.path = "c.jsonl"}, {.path = "*.txt"}});
  std::vector<std::pair<std::string, std::size_t>> found;
  for (const InputFile& file : files) found.emplace_back(file.path.filename(), file.spec);
  EXPECT_THAT(found, ElementsAre(std::pair("c.jsonl", 0), std::pair("B.txt", 1), std::pair("a.txt", 1),
                                 std::pair("a1.txt", 1), std::pair("b.txt", 1), std::pair("\xC3\xA4.txt", 1)));
}

TEST_F(ResolveTest, GlobsReachIntoFolders) {
  for (const char* name : {"x/1/a.txt", "x/2/a.txt", "x/2/b.txt", "y/a.txt"}) folder_.write(name, "");
  EXPECT_THAT(names("x/*/[ab].txt"), ElementsAre("a.txt", "a.txt", "b.txt"));
}

TEST_F(ResolveTest, TwoStarsReachAnyDepth) {
  for (const char* name : {"x/2/b.txt", "x/1/y/z/c.txt", "x/1/y/d.txt", "x/a.txt", "x/2/folder.txt/e.txt", "x/.h/f.txt",
                           "x/[1]/g.txt", "a.json"}) {
    folder_.write(name, "");
  }
  std::filesystem::create_directory_symlink(folder_.path() / "x", folder_.path() / "x/2/circle");
  EXPECT_THAT(names("x/**/*.txt"), ElementsAre("d.txt", "c.txt", "b.txt", "e.txt", "g.txt", "a.txt"));
  EXPECT_THAT(names("**/[bc].txt"), ElementsAre("c.txt", "b.txt"));
  EXPECT_THAT(names("x/**/y/**/*.txt"), ElementsAre("d.txt", "c.txt"));
  EXPECT_THAT(names("*/**/y/*"), ElementsAre("d.txt"));
  EXPECT_THAT(names("x/1/**"), ElementsAre("d.txt", "c.txt"));
  EXPECT_THAT(names((folder_.path() / "**/b.txt").string()), ElementsAre("b.txt"));
  EXPECT_THAT(names("x/**.txt"), ElementsAre("a.txt"));
  expect_refused({.path = "**/none.txt"}, "no such file");
}

TEST_F(ResolveTest, AFileOfExactlyThatNameComesBeforeTheGlob) {
  for (const char* name : {"part[1].txt", "part1.txt"}) folder_.write(name, "");
  EXPECT_THAT(names("part[1].txt"), ElementsAre("part[1].txt"));
  EXPECT_THAT(names("part[12].txt"), ElementsAre("part1.txt"));
}

TEST_F(ResolveTest, TheBaseIsNoPattern) {
  folder_.write("v[1]*/a.txt", "");
  const auto files = resolve(std::vector<SourceSpec>{{.path = "?.txt"}}, folder_.path() / "v[1]*");
  EXPECT_EQ(files.size(), 1U);
}

TEST_F(ResolveTest, ATildeIsANameLikeOthers) {
  folder_.write("~/a.txt", "");
  EXPECT_THAT(names("~/?.txt"), ElementsAre("a.txt"));
}

TEST_F(ResolveTest, FindsTheFormatByName) {
  EXPECT_EQ(format_of("a.jsonl", "[1]"), Format::jsonl);
  EXPECT_EQ(format_of("a.NDJSON", ""), Format::jsonl);
  EXPECT_EQ(format_of("a.txt", "{}"), Format::txt);
  EXPECT_EQ(format_of("a.txt.gz", gzipped("x")), Format::txt);
  EXPECT_EQ(format_of("a.jsonl.zst", zstandard("x")), Format::jsonl);
}

TEST_F(ResolveTest, JsonIsAnArrayOrLines) {
  EXPECT_EQ(format_of("a.json", "\xEF\xBB\xBF\n [1]"), Format::json);
  EXPECT_EQ(format_of("b.json", "{}\n{}\n"), Format::jsonl);
  EXPECT_EQ(format_of("c.json", ""), Format::jsonl);
  EXPECT_EQ(format_of("d.json.gz", gzipped("[1]")), Format::json);
  EXPECT_EQ(format_of("e.json", std::string(2'000'000, ' ') + "[]"), Format::json);
}

TEST_F(ResolveTest, FindsTheFormatOfOtherNamesByContent) {
  EXPECT_EQ(format_of("a", "  [{}]"), Format::json);
  EXPECT_EQ(format_of("b.data", "{}\n"), Format::jsonl);
  EXPECT_EQ(format_of("c.zst", zstandard("{}\n")), Format::jsonl);
  folder_.write("d", "\x93NUMPY...");
  EXPECT_EQ(only({.path = "d", .as = "emb"}).format, Format::npy);
}

TEST_F(ResolveTest, FindsCompressionByContentWhereTheNameDoesNotSayIt) {
  folder_.write("a.jsonl", gzipped("{}\n"));
  folder_.write("b.json", zstandard("[{}]"));
  folder_.write("c", gzipped("{}\n"));
  folder_.write("d.npy", zstandard("\x93NUMPY..."));
  folder_.write("e.txt", "\x1f");
  const auto found = [&](const SourceSpec& spec) { return std::pair(only(spec).format, only(spec).compression); };
  EXPECT_EQ(found({.path = "a.jsonl"}), std::pair(Format::jsonl, Compression::gzip));
  EXPECT_EQ(found({.path = "a.jsonl", .format = Format::txt}), std::pair(Format::txt, Compression::gzip));
  EXPECT_EQ(found({.path = "b.json"}), std::pair(Format::json, Compression::zstd));
  EXPECT_EQ(found({.path = "c"}), std::pair(Format::jsonl, Compression::gzip));
  EXPECT_EQ(found({.path = "d.npy", .as = "emb"}), std::pair(Format::npy, Compression::zstd));
  EXPECT_EQ(found({.path = "e.txt"}), std::pair(Format::txt, Compression::none));
}

TEST_F(ResolveTest, AGivenFormatWins) {
  folder_.write("a.json", "[1]");
  EXPECT_EQ(only({.path = "a.json", .format = Format::txt}).format, Format::txt);
  folder_.write("words", "hello");
  EXPECT_EQ(only({.path = "words", .format = Format::txt}).format, Format::txt);
}

TEST_F(ResolveTest, RefusesFormatsThatItDoesNotKnow) {
  folder_.write("c.csv", "id,text\n");
  folder_.write("empty", "");
  for (const char* name : {"c.csv", "empty"}) expect_refused({.path = name}, ".jsonl");
}

TEST_F(ResolveTest, KnowsParquetByNameAndContent) {
  folder_.write("a.parquet", "PAR1");
  folder_.write("b", "PAR1");
  folder_.write("c.parquet.gz", "");
  for (const char* name : {"a.parquet", "b"}) {
    if (why_no_parquet().empty()) {
      EXPECT_EQ(only({.path = name}).format, Format::parquet);
    } else {
      expect_refused({.path = name}, "scripts/arrow.sh");
    }
  }
  expect_refused({.path = "c.parquet.gz"}, "unpack it");
}

TEST_F(ResolveTest, VectorsNeedAColumnAndOthersMustNotHaveOne) {
  folder_.write("a.npy", "");
  folder_.write("a.jsonl", "");
  expect_refused({.path = "a.npy"}, "as:");
  expect_refused({.path = "a.jsonl", .as = "emb"}, "emb");
  EXPECT_EQ(only({.path = "a.npy", .as = "emb"}).format, Format::npy);
}

TEST_F(ResolveTest, RefusesWhatIsNotThere) {
  expect_refused({.path = "missing.jsonl"}, "no such file");
  expect_refused({.path = "*.jsonl"}, "no such file");
  expect_refused({.path = ""}, "empty path");
}

TEST_F(ResolveTest, RefusesNamesThatAreNotUtf8) {
  folder_.write("caf\xE9.jsonl", "{}\n");
  expect_refused({.path = "caf*.jsonl"}, "caf\\xe9.jsonl is not UTF-8; rename it");
}

TEST_F(ResolveTest, RefusesWhatIsNotAFile) {
  folder_.write("folder/a.jsonl", "");
  std::filesystem::create_symlink("nowhere", folder_.path() / "dangling.jsonl");
  expect_refused({.path = "folder"}, "folder");
  expect_refused({.path = "fold*"}, "folder");
  expect_refused({.path = "dangling.jsonl"}, "No such file");
  expect_refused({.path = "/dev/null"}, "not a regular file");
}

TEST_F(ResolveTest, RefusesFilesThatCannotBeRead) {
  folder_.write("damaged.json.gz", "not gzip");
  expect_refused({.path = "damaged.json.gz"}, "gzip");
}

TEST_F(ResolveTest, NoSpecsGiveNoFiles) {
  EXPECT_THAT(resolve_all({}), IsEmpty());
}

TEST(CompressionOfTest, LooksAtTheNamesEnding) {
  EXPECT_EQ(compression_of("a.jsonl.gz"), Compression::gzip);
  EXPECT_EQ(compression_of("a.jsonl.ZST"), Compression::zstd);
  EXPECT_EQ(compression_of("a.gz.jsonl"), Compression::none);
}

}  // namespace
}  // namespace farpoint::corpus
