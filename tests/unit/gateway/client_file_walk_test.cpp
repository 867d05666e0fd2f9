#include "gateway/client/file_walk.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "gateway/client/server_process.hpp"
#include "gateway/client/uploader.hpp"

namespace graphrag::client {
namespace {

namespace fs = std::filesystem;

class FileWalkTest : public testing::Test {
protected:
  FileWalkTest() : folder(std::move(*TemporaryFolder::make())) {}
  fs::path write(const std::string& name) {
    auto path = folder.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream{path} << name;
    return path;
  }
  std::vector<std::string> ids(const FileWalk& walk) {
    std::vector<std::string> out;
    for (const auto& file : walk.files) out.push_back(file.id);
    return out;
  }
  TemporaryFolder folder;
};

TEST_F(FileWalkTest, ids_are_paths_relative_to_the_folder) {
  write("b.txt");
  write("sub folder/深/a.md");
  auto walk = find_files({folder.path()}, "");
  EXPECT_EQ(ids(walk), (std::vector<std::string>{"b.txt", "sub folder/深/a.md"}));
  EXPECT_TRUE(walk.problems.empty());
  walk = find_files({folder.path().string() + "/"}, "manuals/");
  EXPECT_EQ(ids(walk), (std::vector<std::string>{"manuals/b.txt", "manuals/sub folder/深/a.md"}));
}

TEST_F(FileWalkTest, a_file_is_called_by_its_name) {
  auto path = write("sub/a.md");
  EXPECT_EQ(ids(find_files({path}, "p/")), std::vector<std::string>{"p/a.md"});
}

TEST_F(FileWalkTest, leaves_out_hidden_files_and_does_not_loop) {
  write("a.txt");
  write(".hidden");
  write(".git/config");
  fs::create_directory_symlink(folder.path(), folder.path() / "loop");
  fs::create_symlink(folder.path() / "a.txt", folder.path() / "link.txt");
  auto walk = find_files({folder.path()}, "");
  EXPECT_EQ(ids(walk), (std::vector<std::string>{"a.txt", "link.txt"}));
}

TEST_F(FileWalkTest, names_what_cannot_be_taken) {
  write("one/a.txt");
  write("two/a.txt");
  write("two/bad\xff.txt");
  auto walk =
      find_files({folder.path() / "one", folder.path() / "two", folder.path() / "none"}, "");
  EXPECT_EQ(ids(walk), std::vector<std::string>{"a.txt"});
  EXPECT_EQ(walk.files[0].path, folder.path() / "one/a.txt"); // the first one given
  EXPECT_EQ(walk.problems.size(), 3U);
}

TEST(MimeOf, goes_by_the_name) {
  EXPECT_EQ(mime_of("a/b.PDF"), "application/pdf");
  EXPECT_EQ(mime_of("b.md"), "text/markdown");
  EXPECT_EQ(mime_of("Makefile"), "application/octet-stream");
}

TEST(Multipart, frames_one_file) {
  EXPECT_EQ(multipart_body("B", "a\"b\r\n.txt", "text/plain", "x\r\ny"),
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b%0D%0A.txt\"\r\n"
            "Content-Type: text/plain\r\n\r\nx\r\ny\r\n--B--\r\n");
  auto boundary = multipart_boundary("some bytes");
  EXPECT_LE(boundary.size(), 70U); // RFC 2046
  EXPECT_NE(boundary, multipart_boundary("some bytes"));
}

} // namespace
} // namespace graphrag::client
