#include "actors/entity/directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/live_collection.hpp"

namespace graphrag::entity {
namespace {

DocumentPtr passage(const std::string& text) { return test::live_document(text, "", text); }
void add(NameDirectory& directory, const DocumentPtr& document) {
  directory.set_document(document->id, document);
}
void remove(NameDirectory& directory, const DocumentPtr& document) {
  directory.set_document(document->id, nullptr);
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
  add(directory, a);
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
  add(directory, a);
  EXPECT_EQ(directory.entity_of(name_key("ama"))->name, "American Medical Association");
  add(directory, b);
  EXPECT_EQ(directory.entity_of(name_key("ama"))->name, "AMA");
  remove(directory, a);
  EXPECT_EQ(directory.entity_of(name_key("ama"))->name, "Australian Medical Association");
  remove(directory, b);
  EXPECT_EQ(directory.names(), 0U);
}

TEST(NameDirectory, lists_page_by_page) {
  NameDirectory directory;
  std::vector<DocumentPtr> all;
  for (const auto* text : {"We met Ada Lovelace in Paris.", "We met Charles Babbage in London.",
                           "We met Grace Hopper in Lima."})
    all.push_back(passage(text));
  for (const auto& p : all) add(directory, p);
  const auto first = directory.list("", std::nullopt, "", 2);
  EXPECT_EQ(names(first), (std::vector<std::string>{"Ada Lovelace", "Charles Babbage"}));
  remove(directory, all[1]); // the cursor's own name disappears
  const auto second = directory.list("", std::nullopt, first.next, 10);
  EXPECT_EQ(names(second), (std::vector<std::string>{"Grace Hopper", "Lima", "Paris"}));
  EXPECT_TRUE(second.next.empty());
}

TEST(NameDirectory, filters_by_text_and_kind) {
  NameDirectory directory;
  const auto a = passage("Stanford University in Paris and the University of Paris disagree.");
  add(directory, a);
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
    add(directory, a);
    remove(directory, a);
  }
  done = true;
  reader.join();
  EXPECT_EQ(directory.names(), 0U);
}

} // namespace
} // namespace graphrag::entity
