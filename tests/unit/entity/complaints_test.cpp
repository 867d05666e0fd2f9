// What users complain about: one thing listed as several, and several as one. Little texts go in
// as documents; the entities must be the same whatever the order in which documents come, and
// after any of them went and came again.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "actors/entity/directory.hpp"
#include "tests/support/live_collection.hpp"

namespace graphrag::entity {
namespace {

struct Document {
  std::string text, title;
};

// All that a list of entities shows, so that two of them can be compared.
using Shown = std::vector<
    std::tuple<std::string, std::string, Kind, std::vector<std::string>, std::vector<std::uint64_t>,
               std::int64_t, std::string, std::vector<OtherSense>>>;

class Reader {
public:
  void change(const DocumentPtr& document, bool add) {
    names.set_document(document->id, add ? document : nullptr);
  }
  Shown shown() const {
    Shown all;
    for (const auto& e : names.list("", std::nullopt, "", 10'000).items)
      all.emplace_back(e.id, e.name, e.kind, e.aliases, e.keys, e.mentions, e.description,
                       e.senses);
    return all;
  }
  NameDirectory names;
};

// A collection of documents that was read in every order.
class Collection {
public:
  explicit Collection(const std::vector<Document>& documents) {
    for (const auto& document : documents)
      read_.push_back(
          test::live_document(std::to_string(read_.size()), document.title, document.text));
    for (const auto& document : read_) reader_.change(document, true);
    const auto expected = reader_.shown();
    for (std::size_t i = 0; i < read_.size(); ++i) {
      reader_.change(read_[i], false);
      reader_.change(read_[i], true);
      EXPECT_EQ(reader_.shown(), expected) << "after document " << i << " went and came again";
    }
    orders([&](const std::vector<std::size_t>& order) {
      Reader other;
      for (const auto i : order) other.change(read_[i], true);
      ASSERT_EQ(other.shown(), expected) << "in another order of the documents";
      for (const auto i : order) other.change(read_[i], false);
      ASSERT_EQ(other.names.names(), 0U) << "all documents went";
    });
  }
  void remove(std::size_t document) { reader_.change(read_[document], false); }
  // What a document means by a name.
  Entity meant(std::size_t document, const std::string& name) const {
    const auto key = name_key(normal_name(name));
    const auto found = reader_.names.entity_of(reader_.names.meant_in(read_[document]->id, 0, key));
    if (found) return *found;
    ADD_FAILURE() << "nobody knows " << name;
    return {};
  }

  bool known(const std::string& name) const {
    return reader_.names.entity_of(name_key(normal_name(name))).has_value();
  }
  std::string id(const std::string& name) const {
    const auto entity = reader_.names.entity_of(name_key(normal_name(name)));
    if (entity) return entity->id;
    ADD_FAILURE() << "nobody knows " << name;
    return name;
  }
  // Whether these are one entity.
  bool one(const std::vector<std::string>& names) const {
    return std::all_of(names.begin(), names.end(),
                       [&](const auto& name) { return id(name) == id(names.front()); });
  }
  // Whether no two of these are one.
  bool all_apart(const std::vector<std::string>& names) const {
    std::set<std::string> ids;
    for (const auto& name : names) ids.insert(id(name));
    return ids.size() == names.size();
  }

private:
  template <class Each>
  void orders(Each each) const {
    std::vector<std::size_t> order(read_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (read_.size() <= 5) {
      while (std::next_permutation(order.begin(), order.end())) each(order);
      return;
    }
    std::mt19937 random{3};
    for (int i = 0; i < 100; ++i) {
      std::shuffle(order.begin(), order.end(), random);
      each(order);
    }
  }

  std::vector<DocumentPtr> read_;
  Reader reader_;
};

const std::vector<Document> sherlock{
    {"Sherlock Holmes was a detective in London. He lived in Baker Street.", ""},
    {"Yesterday we asked Mr. Holmes about the case.", ""},
    {"In the evening, as always, Holmes played the violin.", ""},
    {"She wrote a long letter to Sherlock about the dog.", ""},
};

TEST(Complaints, SherlockHolmesIsOneHoweverDocumentsCallHim) {
  const Collection all{sherlock};
  EXPECT_TRUE(all.one({"Sherlock Holmes", "Mr. Holmes", "Holmes", "Sherlock"}));
  EXPECT_EQ(all.id("Holmes"), entity_id(name_key("sherlock holmes")));
}

TEST(Complaints, ABrotherMakesTheSurnameAmbiguousUntilHeIsGone) {
  auto documents = sherlock;
  documents.push_back({"Mycroft Holmes worked for the government.", ""});
  Collection all{documents};
  EXPECT_TRUE(all.one({"Sherlock Holmes", "Sherlock"}));
  EXPECT_TRUE(all.all_apart({"Sherlock Holmes", "Mycroft Holmes", "Holmes"}));
  EXPECT_TRUE(all.all_apart({"Sherlock Holmes", "Mycroft Holmes", "Mr. Holmes"}));
  all.remove(4);
  EXPECT_TRUE(all.one({"Sherlock Holmes", "Mr. Holmes", "Holmes", "Sherlock"}));
}

TEST(Complaints, ABrotherMakesAmbiguousEvenWhatOneDocumentSaysPlainly) {
  Collection all{{{"Sherlock Holmes came in. Then Holmes sat down.", ""},
                  {"We wrote to Mycroft Holmes at once.", ""}}};
  EXPECT_TRUE(all.all_apart({"Sherlock Holmes", "Mycroft Holmes", "Holmes"}));
  all.remove(1);
  EXPECT_TRUE(all.one({"Sherlock Holmes", "Holmes"}));
}

TEST(Complaints, MrsHolmesIsNotSherlock) {
  auto documents = sherlock;
  documents.push_back({"They had tea with Mrs. Holmes in the garden.", ""});
  const Collection all{documents};
  EXPECT_TRUE(all.all_apart({"Mrs. Holmes", "Sherlock Holmes"}));
}

TEST(Complaints, ACompanyIsOneWhateverTheTextsSayItIs) {
  const Collection all{{{"IBM is an organisation that makes computers.", ""},
                        {"IBM is a company from New York. The company is old.", ""},
                        {"IBM is a corporation with many people.", ""},
                        {"He worked for International Business Machines (IBM) in Armonk.", ""}}};
  EXPECT_TRUE(all.one({"IBM", "International Business Machines"}));
}

TEST(Complaints, LegalFormsAndFormerNamesOfACompany) {
  const Collection all{
      {{"Apple Inc., formerly Apple Computer, is a technology company in Cupertino.", ""},
       {"Many people bought phones from Apple last year.", ""},
       {"An apple is a fruit. We ate an apple and a pear.", ""},
       {"The Beatles founded Apple Records in London.", ""}}};
  EXPECT_TRUE(all.one({"Apple Inc.", "Apple", "Apple Computer"}));
  EXPECT_TRUE(all.all_apart({"Apple Inc.", "Apple Records"}));
}

TEST(Complaints, ADocumentAboutTheFruitKeepsTheCompanyOut) {
  const Collection all{{{"The apple is a fruit that grows on trees.", "Apple"},
                        {"They bought shares of Apple Inc. in spring.", ""}}};
  EXPECT_TRUE(all.all_apart({"Apple", "Apple Inc."}));
}

TEST(Complaints, TwoSpellingsOfALegalForm) {
  const Collection all{{{"He joined Initech Corporation in May.", ""},
                        {"She left Initech Corp. for a bank.", ""},
                        {"We met somebody from Initech there.", ""}}};
  EXPECT_TRUE(all.one({"Initech Corporation", "Initech Corp", "Initech"}));
  const Collection two{{{"He joined Initech Inc. in May.", ""},
                        {"She left Initech GmbH for a bank.", ""},
                        {"We met somebody from Initech there.", ""}}};
  EXPECT_TRUE(two.all_apart({"Initech Inc", "Initech GmbH", "Initech"}));
}

TEST(Complaints, TwoJohnSmithsWithTitlesOfTheirOwn) {
  Collection all{{{"John Smith was an English explorer.", "John Smith (explorer)"},
                  {"John Smith was a Scottish politician.", "John Smith (politician)"},
                  {"At noon we met John Smith at the station.", ""}}};
  EXPECT_TRUE(all.all_apart({"John Smith (explorer)", "John Smith (politician)", "John Smith"}));
  all.remove(1);
  EXPECT_TRUE(all.one({"John Smith (explorer)", "John Smith"}));
}

const std::vector<Document> smiths{
    {"John Smith was an English explorer. He sailed to Jamestown with Captain Newport.", ""},
    {"John Smith is an American baseball pitcher, born 1951. He played for the Boston Red Sox.",
     ""},
    {"At noon we met John Smith at the station.", ""},
    {"The Boston Red Sox sold John Smith to Toronto in May.", ""}};

TEST(Complaints, TwoJohnSmithsWithoutTitlesAreToldApartByTheirDefinitions) {
  Collection all{smiths};
  EXPECT_NE(all.meant(0, "John Smith").id, all.meant(1, "John Smith").id);
  EXPECT_EQ(all.meant(0, "John Smith").name, "John Smith (explorer)");
  EXPECT_EQ(all.meant(0, "John Smith").description, "English explorer");
  EXPECT_EQ(all.meant(1, "John Smith").description, "American baseball pitcher (born 1951)");
  EXPECT_EQ(all.meant(3, "John Smith").id, all.meant(1, "John Smith").id)
      << "the Boston Red Sox are in both";
  EXPECT_EQ(all.meant(2, "John Smith").id, all.id("John Smith")) << "nobody knows which";
  EXPECT_NE(all.meant(2, "John Smith").id, all.meant(0, "John Smith").id);
  EXPECT_EQ(all.meant(2, "John Smith").senses.size(), 2U);
  all.remove(0);
  for (const std::size_t document : {1U, 2U, 3U})
    EXPECT_EQ(all.meant(document, "John Smith").id, all.id("John Smith")) << "one again";
  EXPECT_TRUE(all.meant(1, "John Smith").senses.empty());
}

TEST(Complaints, WhatIsLeftIsWhatAFreshCollectionGives) {
  for (const std::size_t gone : {0U, 1U, 2U, 3U}) {
    auto rest = smiths;
    rest[gone].text = "Nothing to see here.";
    Collection all{smiths};
    const Collection fresh{rest};
    all.remove(gone);
    for (std::size_t document = 0; document < smiths.size(); ++document) {
      if (document == gone) continue;
      EXPECT_EQ(all.meant(document, "John Smith").id, fresh.meant(document, "John Smith").id);
      EXPECT_EQ(all.meant(document, "John Smith").mentions,
                fresh.meant(document, "John Smith").mentions);
    }
  }
}

TEST(Complaints, MostRepeatedNamesAreOne) {
  const Collection all{{{"Ada Byron is an English mathematician. She wrote notes.", ""},
                        {"Ada Byron was a British writer and countess.", ""},
                        {"Ada Byron (1815 - 1852) was an English scientist.", ""},
                        {"We read about Ada Byron, a scholar, at school.", ""}}};
  for (const std::size_t document : {0U, 1U, 2U, 3U})
    EXPECT_EQ(all.meant(document, "Ada Byron").id, entity_id(name_key("ada byron")));
}

TEST(Complaints, APlaceAndAPersonOfOneName) {
  const Collection all{{{"Austin is a city in Texas. It is hot there.", ""},
                        {"Austin was an English philosopher of language.", ""},
                        {"They drove through the streets near Austin for hours.", ""}}};
  EXPECT_NE(all.meant(0, "Austin").id, all.meant(1, "Austin").id);
  EXPECT_EQ(all.meant(2, "Austin").id, all.meant(0, "Austin").id) << "near a place";
}

TEST(Complaints, TheSenseOfNearlyAllDocumentsKeepsTheName) {
  std::vector<Document> documents;
  for (const auto* river : {"Thames", "Cam", "Isis", "Avon", "Severn", "Trent"})
    documents.push_back({"London is a city in England. " + std::string{river} + " flows.", ""});
  documents.push_back({"London is a 1926 novel by an American author.", ""});
  documents.push_back({"He came to London by train.", ""});
  const Collection all{documents};
  EXPECT_EQ(all.meant(0, "London").id, entity_id(name_key("london")));
  EXPECT_EQ(all.meant(7, "London").id, entity_id(name_key("london")));
  EXPECT_EQ(all.meant(6, "London").name, "London (novel)");
}

TEST(Complaints, ChineseNamesWithTitles) {
  const Collection all{{{"张伟是北京大学的教师。", ""},
                        {"张伟教授，很高兴见到他。", ""},
                        {"张伟先生，请坐。", ""},
                        {"李明是学生。李明华是医生。", ""}}};
  EXPECT_TRUE(all.one({"张伟", "张伟先生", "张伟教授"}));
  EXPECT_TRUE(all.all_apart({"李明", "李明华"}));
}

TEST(Complaints, AChineseSurnameWithATitleIsTheOnlyOneWithThatTitle) {
  Collection all{{{"王总统，昨天到了。", ""},
                  {"王建国总统，今天走了。", ""},
                  {"王小明教授，明天来。", ""},
                  {"王大伟总统，后天来。", ""}}};
  EXPECT_TRUE(all.all_apart({"王总统", "王建国总统", "王大伟总统", "王小明教授"}));
  all.remove(3);
  EXPECT_TRUE(all.one({"王总统", "王建国总统"}));
  EXPECT_TRUE(all.all_apart({"王总统", "王小明教授"}));
  all.remove(1);
  EXPECT_TRUE(all.all_apart({"王总统", "王小明教授"}));
}

TEST(Complaints, TitlesMiddleInitialsAndInitials) {
  auto documents = std::vector<Document>{{"We asked Dr. Jane Doe for help.", ""},
                                         {"We thank Jane Doe for her help.", ""},
                                         {"The prize went to Jane A. Doe this year.", ""},
                                         {"The paper of J. Doe is short.", ""}};
  const Collection all{documents};
  EXPECT_TRUE(all.one({"Jane Doe", "Jane A. Doe", "J. Doe"}));
  documents.push_back({"Somebody called for John Doe in the hall.", ""});
  Collection two{documents};
  EXPECT_TRUE(two.one({"Jane Doe", "Jane A. Doe"}));
  EXPECT_TRUE(two.all_apart({"Jane Doe", "John Doe", "J. Doe"}));
  documents.back().text = "The prize went to Jane B. Doe last year.";
  const Collection middle{documents};
  EXPECT_TRUE(middle.all_apart({"Jane Doe", "Jane A. Doe", "Jane B. Doe"}));
}

TEST(Complaints, InitialsWrittenTogetherStandForOneFirstNameEach) {
  const Collection all{{{"We read a book by J. K. Rowling at home.", ""},
                        {"We read about Joanne Kathleen Rowling at school.", ""}}};
  EXPECT_TRUE(all.one({"J. K. Rowling", "Joanne Kathleen Rowling"}));
  const Collection other{{{"We read a book by D. H. Lawrence at home.", ""},
                          {"We read about David N. Lawrence at school.", ""}}};
  EXPECT_TRUE(other.all_apart({"D. H. Lawrence", "David N. Lawrence"}));
  const Collection ship{{{"They sailed on HMS Adventure to the south.", ""},
                         {"We met Harold Adventure at school.", ""}}};
  EXPECT_TRUE(ship.all_apart({"HMS Adventure", "Harold Adventure"}));
}

TEST(Complaints, AShortFormInWideUseIsMoreThanItsOnlyKnownBearer) {
  std::vector<Document> documents{{"Walter Raleigh was an English writer.", ""}};
  for (const auto* text :
       {"Trains to Raleigh run daily.", "The mayor of Raleigh spoke.", "We like Raleigh a lot.",
        "The road to Raleigh is long.", "They left Raleigh behind.", "He knows Raleigh well.",
        "A map of Raleigh hung there.", "She sold Raleigh shirts.", "All of Raleigh watched.",
        "He never saw Raleigh again.", "It is far from Raleigh to here.",
        "They sang about Raleigh at night."})
    documents.push_back({text, ""});
  const Collection all{documents};
  EXPECT_TRUE(all.all_apart({"Walter Raleigh", "Raleigh"}));
}

TEST(Complaints, ASurnameOfThousandsIsAmbiguousWithoutALook) {
  NameGraph graph;
  for (int i = 0; i < 10'000; ++i) {
    std::string first;
    for (int n = i + 1; n > 0; n /= 26) first += static_cast<char>('a' + n % 26);
    graph.add(NameEvidence{"p" + first + " smith", "", Kind::person, 1});
  }
  graph.add(NameEvidence{"smith", "", Kind::unknown, 1});
  graph.add(NameEvidence{"mr smith", "", Kind::person, 1});
  graph.add(NameEvidence{"p smith", "", Kind::person, 1});
  for (const auto* name : {"smith", "mr smith", "p smith"})
    EXPECT_EQ(graph.root(name_key(name)), name_key(name));
}

TEST(Complaints, AnArtistIsNotTheAlbumNamedLikeHer) {
  const Collection all{{{"Terry Dexter is an album of 1999.", "Terry Dexter (album)"},
                        {"The singer Terry Dexter was on stage.", ""}}};
  EXPECT_TRUE(all.all_apart({"Terry Dexter (album)", "Terry Dexter"}));
}

TEST(Complaints, PeopleWhoOnlyShareNamesAreNeverOne) {
  const Collection bush{{{"George Bush was the 41st president.", "George Bush"},
                         {"George W. Bush was the 43rd president.", "George W. Bush"},
                         {"They met President Bush in Texas.", ""}}};
  EXPECT_TRUE(bush.all_apart({"George Bush", "George W. Bush", "President Bush"}));
  const Collection luther{{{"Martin Luther was a German priest.", ""},
                           {"Martin Luther King was an American minister.", ""},
                           {"Everybody listened to Martin at once.", ""},
                           {"Everybody listened to Luther at once.", ""}}};
  EXPECT_TRUE(luther.all_apart({"Martin Luther", "Martin Luther King"}));
  EXPECT_TRUE(luther.all_apart({"Martin", "Martin Luther", "Martin Luther King"}));
  const Collection sons{{{"We met Ken Griffey Sr. before the game.", ""},
                         {"We met Ken Griffey Jr. after the game.", ""},
                         {"We met Ken Griffey during the game.", ""},
                         {"Then, as always, Griffey won.", ""}}};
  EXPECT_TRUE(sons.all_apart({"Ken Griffey Sr.", "Ken Griffey Jr.", "Ken Griffey"}));
  EXPECT_TRUE(sons.all_apart({"Ken Griffey Sr.", "Ken Griffey Jr.", "Griffey"}));
}

TEST(Complaints, PlacesAreNotThePeopleNamedLikeThem) {
  const Collection paris{{{"Paris is the capital of France.", "Paris"},
                          {"Paris Hilton is an American singer.", ""},
                          {"They went to Paris for a week.", ""}}};
  EXPECT_TRUE(paris.all_apart({"Paris", "Paris Hilton"}));
  const Collection untitled{{{"They lived for years in Paris with a dog.", ""},
                             {"Paris Hilton is an American singer.", ""}}};
  EXPECT_TRUE(untitled.all_apart({"Paris", "Paris Hilton"}));
  const Collection state{{{"Washington is a state in the northwest.", ""},
                          {"George Washington was an American general.", ""}}};
  EXPECT_TRUE(state.all_apart({"Washington", "George Washington"}));
  const Collection in_state{{{"It rains in Washington the whole year.", ""},
                             {"George Washington was an American general.", ""}}};
  EXPECT_TRUE(in_state.all_apart({"Washington", "George Washington"}));
}

TEST(Complaints, APronounIsNobodysName) {
  const Collection all{{{"It is also known as Blue City. They are also known as Red Town.", ""},
                        {"It was formerly called Green Village.", ""}}};
  EXPECT_FALSE(all.known("It"));
  EXPECT_TRUE(all.all_apart({"Blue City", "Red Town", "Green Village"}));
}

} // namespace
} // namespace graphrag::entity
