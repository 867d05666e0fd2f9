#include "actors/entity/directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "actors/chunk/analyse.hpp"

namespace graphrag::entity {
namespace {

struct Passage {
  std::string text;
  chunk::AnalysedChunk chunk;
};
Passage passage(const std::string& text, const std::string& title = "") {
  document::ParsedDocument document;
  document.text = text;
  return {text, chunk::analyse(document, title).chunks.at(0)};
}

std::vector<std::string> names(const EntityPage& page) {
  std::vector<std::string> result;
  for (const auto& entity : page.items) result.push_back(entity.name);
  return result;
}

TEST(NameDirectory, finds_an_entity_by_any_of_its_names) {
  NameDirectory directory;
  const auto a =
      passage("The World Health Organization (WHO) is an agency. Later the WHO moved to Geneva.");
  directory.add(a.chunk, a.text);
  const auto entity = directory.entity_of(name_key("who"));
  ASSERT_TRUE(entity);
  EXPECT_EQ(entity->name, "World Health Organization");
  EXPECT_EQ(entity->aliases, std::vector<std::string>{"WHO"});
  EXPECT_EQ(entity->kind, Kind::organisation);
  EXPECT_EQ(directory.find(entity->id)->name, entity->name);
  EXPECT_EQ(directory.find(entity_id(name_key("who")))->name, entity->name)
      << "an alias's id redirects";
  EXPECT_FALSE(directory.find("0000000000000000"));
}

TEST(NameDirectory, counter_evidence_undoes_a_merge_and_its_removal_restores_it) {
  NameDirectory directory;
  const auto a = passage("The American Medical Association (AMA) met.");
  const auto b = passage("The Australian Medical Association (AMA) met.");
  directory.add(a.chunk, a.text);
  EXPECT_EQ(directory.entity_of(name_key("ama"))->name, "American Medical Association");
  directory.add(b.chunk, b.text);
  EXPECT_EQ(directory.entity_of(name_key("ama"))->name, "AMA");
  directory.remove(a.chunk, a.text);
  EXPECT_EQ(directory.entity_of(name_key("ama"))->name, "Australian Medical Association");
  directory.remove(b.chunk, b.text);
  EXPECT_EQ(directory.names(), 0U);
}

TEST(NameDirectory, lists_page_by_page) {
  NameDirectory directory;
  std::vector<Passage> all;
  for (const auto* text : {"We met Ada Lovelace in Paris.", "We met Charles Babbage in London.",
                           "We met Grace Hopper in Lima."})
    all.push_back(passage(text));
  for (const auto& p : all) directory.add(p.chunk, p.text);
  const auto first = directory.list("", std::nullopt, "", 2);
  EXPECT_EQ(names(first), (std::vector<std::string>{"Ada Lovelace", "Charles Babbage"}));
  directory.remove(all[1].chunk, all[1].text); // the cursor's own name disappears
  const auto second = directory.list("", std::nullopt, first.next, 10);
  EXPECT_EQ(names(second), (std::vector<std::string>{"Grace Hopper", "Lima", "Paris"}));
  EXPECT_TRUE(second.next.empty());
}

TEST(NameDirectory, filters_by_text_and_kind) {
  NameDirectory directory;
  const auto a = passage("Stanford University in Paris and the University of Paris disagree.");
  directory.add(a.chunk, a.text);
  EXPECT_EQ(names(directory.list("PARIS", std::nullopt, "", 10)),
            (std::vector<std::string>{"Paris", "University of Paris"}));
  EXPECT_EQ(names(directory.list("", Kind::organisation, "", 10)),
            (std::vector<std::string>{"Stanford University", "University of Paris"}));
  EXPECT_TRUE(directory.list("nothing", std::nullopt, "", 10).items.empty());
}

TEST(NameDirectory, readers_and_writers_at_once) {
  NameDirectory directory;
  const auto a = passage("The World Health Organization (WHO) met Ada Lovelace.");
  std::atomic<bool> done = false;
  std::thread reader{[&] {
    while (!done) {
      const auto entity = directory.entity_of(name_key("who"));
      if (entity && entity->name != "World Health Organization") ADD_FAILURE() << entity->name;
      directory.list("a", std::nullopt, "", 5);
    }
  }};
  for (int i = 0; i < 500; ++i) {
    directory.add(a.chunk, a.text);
    directory.remove(a.chunk, a.text);
  }
  done = true;
  reader.join();
  EXPECT_EQ(directory.names(), 0U);
}

} // namespace
} // namespace graphrag::entity
