// Rows of models against the configured endpoint.
#include "actors/chunk/embedding/model_rows.hpp"

#include <gtest/gtest.h>

#include "actors/chunk/embedding/embed_group.hpp"

namespace graphrag::chunk {
namespace {

using runtime::ModelRecord;
using runtime::ModelState;

const EmbeddingModel endpoint{"e", "name", 3, 100, std::chrono::seconds{1}};

ModelRecord row(const std::string& hash, ModelState state, const std::string& blob) {
  return {hash, hash, 3, blob, state, 0};
}

TEST(ModelRows, TheFirstEndpointIsActiveAtOnceALaterOneIsBuilt) {
  auto op = registration({}, &endpoint, 7);
  ASSERT_TRUE(op);
  const auto& first = std::get<runtime::SaveModelOp>(*op).model;
  EXPECT_EQ(first.hash, "e");
  EXPECT_EQ(first.dimension, 3U);
  EXPECT_EQ(first.state, ModelState::active);
  EXPECT_TRUE(first.blob.empty());
  op = registration({row("files", ModelState::active, "b")}, &endpoint, 7);
  ASSERT_TRUE(op);
  EXPECT_EQ(std::get<runtime::SaveModelOp>(*op).model.state, ModelState::building);
  EXPECT_FALSE(registration({row("e", ModelState::active, "")}, &endpoint, 7));
  EXPECT_FALSE(registration({}, nullptr, 7));
}

TEST(ModelRows, AnEndpointThatIsConfiguredNoLongerGoesUnlessItIsTheActiveOne) {
  const auto op = registration({row("old", ModelState::building, "")}, nullptr, 7);
  ASSERT_TRUE(op);
  EXPECT_EQ(std::get<runtime::RemoveModelOp>(*op).hash, "old");
  EXPECT_FALSE(registration({row("old", ModelState::active, "")}, nullptr, 7));
  EXPECT_FALSE(registration({row("files", ModelState::building, "b")}, nullptr, 7));
}

TEST(ModelRows, OnlyTheConfiguredEndpointIsUsable) {
  auto blobs = runtime::make_memory_blobs();
  const ModelRows rows{row("e", ModelState::active, ""), row("old", ModelState::building, ""),
                       row("files", ModelState::building, "gone")};
  const auto loaded = load_rows(rows, {}, &endpoint, *blobs);
  ASSERT_EQ(loaded.size(), 3U);
  EXPECT_TRUE(loaded[0].usable());
  EXPECT_FALSE(loaded[1].usable());
  EXPECT_FALSE(loaded[2].usable()) << "its files are gone";
  EXPECT_FALSE(load_rows(rows, {}, nullptr, *blobs)[0].usable());
}

TEST(ModelRows, WhatTheRowsPromiseIsWantedBeforeItsFilesAreLoaded) {
  const auto wanted = [](const ModelRows& rows, const EmbeddingModel* configured) {
    Encoders encoders;
    encoders.set(known_rows(rows, configured));
    return encoders.wanted();
  };
  EXPECT_EQ(wanted({}, &endpoint), "");
  const ModelRows files{row("files", ModelState::active, "b"),
                        row("next", ModelState::building, "c")};
  EXPECT_EQ(wanted(files, nullptr), "files");
  const ModelRows remote{row("e", ModelState::active, "")};
  EXPECT_EQ(wanted(remote, &endpoint), "e");
  EXPECT_EQ(wanted(remote, nullptr), "") << "nothing makes vectors of its kind any more";

  Encoders encoders;
  encoders.set(known_rows(files, nullptr));
  EXPECT_FALSE(encoders.active()) << "it cannot answer yet";
  encoders.set(known_rows(remote, &endpoint));
  ASSERT_TRUE(encoders.active());
  EXPECT_EQ(encoders.active()->record.hash, "e");
}

TEST(ModelRows, FilesOfModelsThatAreNoMoreAreDropped) {
  const std::vector<Encoders::Loaded> known{{row("a", ModelState::active, "blob-a"), nullptr},
                                            {row("b", ModelState::building, "blob-b"), nullptr},
                                            {row("e", ModelState::building, ""), nullptr}};
  EXPECT_EQ(dropped_blobs({row("b", ModelState::active, "blob-b")}, known),
            std::vector<std::string>{"blob-a"});
  EXPECT_EQ(dropped_blobs({row("again", ModelState::active, "blob-a")}, known),
            std::vector<std::string>{"blob-b"})
      << "a row names it still";
}

TEST(EmbedGroup, IsBoundedByDocumentsAndByText) {
  EXPECT_FALSE(EmbedGroup::full(0, 0));
  EXPECT_FALSE(EmbedGroup::full(EmbedGroup::max_documents - 1, 1000));
  EXPECT_TRUE(EmbedGroup::full(EmbedGroup::max_documents, 1000));
  EXPECT_TRUE(EmbedGroup::full(1, EmbedGroup::max_text_bytes));
}

} // namespace
} // namespace graphrag::chunk
