#include <gtest/gtest.h>

#include <random>
#include <set>

#include "actors/entity/community_builder.hpp"
#include "actors/entity/community_sentences.hpp"
#include "tests/support/live_collection.hpp"

namespace graphrag::entity {
namespace {

using test::live_document;
using test::LiveCollection;
using Documents = std::map<std::string, DocumentPtr>;

// The weights of all edges, by keys.
std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t>
edges(const CommunityGraph& graph) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> all;
  for (const auto node : graph.by_key()) {
    all[{graph.key(node), graph.key(node)}] = 0; // also those without edges
    for (const auto& edge : graph.neighbours(node))
      all[{graph.key(node), graph.key(edge.to)}] = edge.weight;
  }
  return all;
}

TEST(CommunityContribution, whole_names_in_order_without_inner_parts) {
  const auto document = live_document("a", "", "Queen Teutberga met Emperor Otto in Tours.");
  const auto said = contribution_of(document->analysis.chunks.at(0));
  std::vector<std::uint64_t> whole;
  for (const auto& mention : document->analysis.chunks[0].mentions)
    if (!mention.normal.empty()) whole.push_back(mention.key);
  ASSERT_GE(whole.size(), 3U);
  EXPECT_EQ(said.keys, whole);
}

TEST(CommunityBuilder, any_history_gives_the_graph_of_the_documents_there_are) {
  std::mt19937 random{7};
  const std::vector<std::string> names{"Anna Berg",  "Boris Cole",  "Clara Dunn", "David Ehrlich",
                                       "Emma Fuchs", "Felix Grant", "Greta Holm"};
  const auto pick = [&] { return names[random() % names.size()]; };
  Documents current;
  CommunityBuilder builder;
  for (int round = 0; round < 400; ++round) {
    const auto id = "d" + std::to_string(random() % 20);
    auto& known = current[id];
    const DocumentPtr next = random() % 3 == 0
                                 ? nullptr
                                 : live_document(id, "",
                                                 pick() + " met " + pick() + " at the house of " +
                                                     pick() + ". Later came " + pick() + ".");
    builder.replace(known.get(), next.get());
    known = next;
    if (random() % 5 == 0) builder.regroup();
  }
  builder.regroup();
  CommunityBuilder fresh;
  std::size_t documents = 0;
  for (const auto& [id, document] : current) {
    fresh.replace(nullptr, document.get());
    documents += document ? 1 : 0;
  }
  EXPECT_EQ(edges(builder.communities().graph()), edges(fresh.communities().graph()));
  EXPECT_EQ(builder.documents(), documents);
  for (auto& [id, document] : current) builder.replace(document.get(), nullptr);
  builder.regroup();
  EXPECT_EQ(builder.communities().graph().nodes(), 0U);
}

TEST(CommunityView, the_queue_holds_each_document_once) {
  CommunityView view;
  const auto one = live_document("a", "", "Anna Berg met Boris Cole.");
  const auto two = live_document("a", "", "Anna Berg met Clara Dunn.");
  view.note("a", nullptr, one);
  view.note("a", one, two);
  EXPECT_EQ(view.progress().queued, 1U);
  view.note("b", nullptr, one);
  EXPECT_EQ(view.progress().queued, 2U);
  view.note("b", one, nullptr); // never seen by the communities
  EXPECT_EQ(view.progress().queued, 1U);
  view.note("a", two, nullptr);
  EXPECT_TRUE(view.current());
}

TEST(CommunityView, a_document_waits_until_its_passages_are_shown) {
  const auto index = chunk::CollectionIndex::make("c", 1);
  EntityView entities;
  auto& communities = entities.communities();
  const auto document = live_document(
      "a", "", "Anna Berg met Boris Cole in the old house. Anna Berg and Clara Dunn left it.");
  entities.set_document("a", document, 5); // the shard's follower is behind the entities'
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(communities.step(index->view(), entities.names(), 4), CommunityWork::later);
  EXPECT_FALSE(communities.current());
  const chunk::DocumentChange change{"a", document};
  index->apply(0, 5, {&change, 1});
  while (communities.step(index->view(), entities.names(), 5) == CommunityWork::more) {
  }
  EXPECT_TRUE(communities.current());
  ASSERT_EQ(communities.snapshot()->communities.size(), 1U);
  EXPECT_FALSE(communities.snapshot()->communities[0].info->sentences.empty());
}

TEST(CommunityView, what_is_noted_and_taken_back_leaves_nothing_unpublished) {
  LiveCollection collection;
  auto& communities = collection.entities().communities();
  const auto one = live_document("a", "", "Anna Berg met Boris Cole.");
  communities.note("a", nullptr, one, 1);
  communities.note("b", nullptr, one, 9);
  EXPECT_EQ(communities.step(collection.view(), collection.entities().names(), 1),
            CommunityWork::more); // only the first
  communities.note("b", one, nullptr, 10);
  collection.settle();
  EXPECT_TRUE(communities.current());
}

TEST(CommunityView, two_themes_are_two_communities) {
  LiveCollection collection;
  EXPECT_TRUE(collection.entities().communities().current());
  EXPECT_EQ(collection.entities().communities().snapshot()->number, 0U);
  test::put_two_themes(collection);
  EXPECT_EQ(collection.entities().communities().progress().queued, 8U);
  collection.settle();
  EXPECT_TRUE(collection.entities().communities().current());
  const auto snapshot = collection.entities().communities().snapshot();
  ASSERT_EQ(snapshot->communities.size(), 2U)
      << "those that equal their parent are not shown twice";
  std::set<std::string> themes;
  for (const auto& placed : snapshot->communities) {
    EXPECT_EQ(snapshot->find(placed.info->id), &placed);
    ASSERT_FALSE(placed.info->sentences.empty());
    std::set<std::string> of_this;
    for (const auto& sentence : placed.info->sentences)
      of_this.insert(sentence.document_id.substr(0, 3));
    EXPECT_EQ(of_this.size(), 1U);
    themes.merge(of_this);
  }
  EXPECT_EQ(themes, (std::set<std::string>{"dam", "roy"}));
}

TEST(CommunityView, what_died_is_not_shown_before_the_communities_know) {
  LiveCollection collection;
  test::put_two_themes(collection);
  collection.settle();
  for (int i = 1; i <= 4; ++i) collection.remove("dam" + std::to_string(i));
  const auto old = collection.entities().communities().snapshot();
  EXPECT_FALSE(collection.entities().communities().current());
  std::size_t alive = 0;
  for (const auto& placed : old->communities) {
    const auto entities = central_entities(collection.entities().names(), placed.info->central, 8);
    const auto sentences = live_sentences(collection.view(), placed.info->sentences, {});
    EXPECT_EQ(entities.empty(), sentences.empty());
    alive += sentences.empty() ? 0 : 1;
    for (const auto& sentence : sentences)
      EXPECT_TRUE(collection.view().chunk(sentence.ref).document->id.starts_with("roy"));
  }
  EXPECT_EQ(alive, 1U);
  collection.settle();
  EXPECT_EQ(collection.entities().communities().snapshot()->communities.size(), 1U);
  EXPECT_GT(collection.entities().communities().snapshot()->number, old->number);
}

TEST(CommunityView, a_changed_text_is_quoted_as_it_is_now) {
  LiveCollection collection;
  test::put_two_themes(collection);
  collection.settle();
  const std::string text =
      "Queen Teutberga and King Lothair now live in Lotharingia with Emperor Otto.";
  for (int i = 1; i <= 4; ++i) collection.put("roy" + std::to_string(i), "", text);
  for (const auto& placed : collection.entities().communities().snapshot()->communities)
    for (const auto& sentence : live_sentences(collection.view(), placed.info->sentences, {}))
      EXPECT_TRUE(collection.view().chunk(sentence.ref).document->id.starts_with("dam"))
          << "its old text is gone";
  collection.settle();
  std::size_t quoted = 0;
  for (const auto& placed : collection.entities().communities().snapshot()->communities)
    for (const auto& sentence : live_sentences(collection.view(), placed.info->sentences, {}))
      quoted += collection.view().chunk(sentence.ref).text == text ? 1 : 0;
  EXPECT_EQ(quoted, 1U) << "once, however many say it";
}

TEST(CommunityView, a_document_of_one_name_is_forgotten_too) {
  LiveCollection collection;
  test::put_two_themes(collection);
  collection.put("roy5", "", "King Lothair liked to hunt in the woods when the days were long.");
  collection.settle();
  collection.remove("roy5");
  collection.settle();
  for (const auto& placed : collection.entities().communities().snapshot()->communities)
    for (const auto& sentence : placed.info->sentences) EXPECT_NE(sentence.document_id, "roy5");
}

} // namespace
} // namespace graphrag::entity
