#include "actors/entity/traits.hpp"

#include <algorithm>
#include <unordered_map>

#include "actors/entity/lexicon.hpp"
#include "actors/entity/words.hpp"

namespace graphrag::entity {
namespace {

constexpr int years_of_mistake = 2;
constexpr int longest_life = 120;
constexpr int works_year_of_mistake =
    1; // a film is of the year of its first night or of its release

constexpr std::uint32_t any_person = fields_of_people;
constexpr std::uint32_t any_work = fields_of_works;
constexpr std::uint32_t any_place =
    field_settlement | field_water | field_height | field_building | field_institution;

struct Sort {
  std::uint32_t fields;
  std::string_view words; // separated by single spaces
};

constexpr Sort sorts[] = {
    {field_arts | field_company | field_settlement, "producer"}, // of films, or of steel
    {field_arts,
     "actor actress comedian comic dancer choreographer presenter broadcaster host singer vocalist "
     "songwriter rapper musician composer guitarist bassist drummer pianist violinist cellist "
     "saxophonist trumpeter flautist organist soprano tenor baritone dj lyricist librettist "
     "filmmaker screenwriter cinematographer animator playwright dramatist writer author "
     "novelist poet essayist storyteller painter artist sculptor photographer cartoonist "
     "illustrator printmaker engraver designer entertainer magician youtuber"},
    {field_arts | field_learning,
     "journalist critic translator biographer columnist editor reporter architect"},
    {field_arts | field_sport, "model director"},
    {field_sport,
     "footballer player cricketer athlete swimmer boxer wrestler cyclist coach pitcher catcher "
     "quarterback linebacker lineman halfback fullback cornerback safety punter kicker infielder "
     "outfielder baseman shortstop goalkeeper goaltender midfielder defender defenceman striker "
     "winger forward skater skier golfer jockey runner sprinter hurdler jumper thrower fencer "
     "rower gymnast diver racer driver referee umpire bowler batsman wicketkeeper sportsman "
     "sportswoman canoeist biathlete judoka weightlifter archer shooter surfer snowboarder"},
    {field_sport | field_power | field_learning | field_arts,
     "manager captain businessman businesswoman entrepreneur executive philanthropist "
     "socialite son daughter wife husband mother father brother sister woman man person character "
     "teacher merchant activist lawyer industrialist investor instructor"},
    {field_power,
     "politician president minister governor senator mayor congressman congresswoman councillor "
     "judge barrister solicitor attorney jurist diplomat ambassador statesman king queen prince "
     "princess "
     "duke duchess count countess earl baron baroness viscount marquess margrave landgrave ruler "
     "emperor empress sultan caliph nobleman noblewoman aristocrat knight peer baronet courtier "
     "bishop archbishop pope cardinal priest saint monk nun abbot friar clergyman missionary rabbi "
     "general officer soldier admiral commander colonel lieutenant marshal sailor pirate outlaw "
     "gangster criminal murderer spy revolutionary rebel regent consort leader"},
    {field_power | field_learning, "explorer navigator theologian preacher minister economist"},
    {field_learning,
     "scientist physicist chemist biologist botanist zoologist entomologist ornithologist "
     "naturalist geologist paleontologist archaeologist anthropologist sociologist psychologist "
     "psychiatrist mathematician astronomer engineer inventor philosopher historian scholar "
     "professor academic physician surgeon doctor nurse linguist philologist orientalist "
     "geographer cartographer astronaut cosmonaut aviator librarian educator"},
    {field_screen, "film movie documentary sitcom miniseries telenovela anime telefilm short"},
    {field_print, "novel novella book poem story comic manga play essay memoir autobiography"},
    {field_music, "song single album ep soundtrack mixtape symphony"},
    {field_screen | field_music | field_print, "opera ballet musical"},
    {field_game, "videogame boardgame"},
    {field_game | field_event | field_institution, "game"},
    {any_work, "series show programme program episode season sequel work adaptation drama comedy"},
    {any_work | field_company | field_institution, "franchise"},
    {any_work | field_event | field_institution, "pageant competition contest"},
    {field_print | field_company | field_institution,
     "magazine newspaper journal newsletter website periodical"},
    {field_settlement,
     "city town village hamlet municipality commune suburb county province borough township "
     "country republic kingdom capital"},
    {field_settlement | field_institution, "state parish district region community settlement "
                                           "division area neighborhood neighbourhood territory"},
    {field_settlement | field_height | field_water, "island peninsula"},
    {field_water, "river lake stream creek tributary bay sea"},
    {field_height, "mountain mount peak volcano hill"},
    {any_place, "place location site valley park station port"},
    {field_building | field_institution | field_company,
     "building bridge castle airport street house palace church school museum hospital theatre "
     "theater library hotel stadium mall tower"},
    {field_company, "band duo trio quartet group airline manufacturer brand label"},
    {field_company | field_institution,
     "company corporation publisher bank firm retailer network channel studio subsidiary "
     "conglomerate distributor enterprise startup"},
    {field_institution | field_building | field_company,
     "university college institute institution academy agency organization organisation "
     "association charity union party club team league federation school"},
    {field_event, "war battle earthquake hurricane massacre siege treaty revolution outbreak"},
    {field_event | field_institution | field_company, "election tournament festival championship"},
};

// Of no people, though they look like it; or of several.
constexpr std::string_view no_people[] = {
    "european", "african",  "asian", "jewish", "christian", "muslim",
    "catholic", "islamic",  "latin", "soviet", "western",   "eastern",
    "northern", "southern", "roman", "arab",   "former"};
constexpr std::string_view britons[] = {"english", "scottish", "welsh"};
constexpr std::string_view says_nothing[] = {
    "former",  "professional", "retired", "famous",      "noted", "prominent", "best",
    "leading", "late",         "one",     "well",        "known", "first",     "popular",
    "award",   "winning",      "current", "influential", "major", "young",     "born"};

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::uint32_t fields_of(std::string_view word) {
  static const auto table = [] {
    std::unordered_map<std::string_view, std::uint32_t> made;
    for (const auto& [fields, words] : sorts)
      for (std::size_t at = 0; at < words.size();) {
        const auto end = std::min(words.find(' ', at), words.size());
        made[words.substr(at, end - at)] |= fields;
        at = end + 1;
      }
    return made;
  }();
  const auto found = table.find(word);
  if (found != table.end()) return found->second;
  // "basketballer", "cinematographers" are not looked for; what ends in "-man" is somebody.
  return word.size() > 5 && (word.ends_with("woman") || word.ends_with("sman")) ? any_person : 0;
}

void insert(std::vector<std::string>& sorted, std::string_view word) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), word);
  if (at == sorted.end() || *at != word) sorted.insert(at, std::string{word});
}

std::size_t in_common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::size_t count = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y)
      ++count, ++x, ++y;
    else
      *x < *y ? ++x : ++y;
  }
  return count;
}

bool people(const Word& word, std::string_view folded) {
  if (word.is(class_demonym)) return true;
  if (!word.has(word_capital) || word.has(word_upper) || folded.size() < 5) return false;
  for (const std::string_view ending : {"ian", "ean", "ese", "ish", "can"})
    if (folded.ends_with(ending)) return true;
  return false;
}

// Two lives that cannot be one.
bool years_apart(const Traits& a, const Traits& b) {
  const auto differ = [](int x, int y) {
    return x != 0 && y != 0 && std::abs(x - y) > years_of_mistake;
  };
  const auto no_life = [](int born, int died) {
    return born != 0 && died != 0 && (died < born || died - born > longest_life);
  };
  // Sources that agree on one end of a life may disagree on the other.
  if ((a.born != 0 && a.born == b.born) || (a.died != 0 && a.died == b.died)) return false;
  return differ(a.born, b.born) || differ(a.died, b.died) || no_life(a.born, b.died) ||
         no_life(b.born, a.died);
}

// Whether one says no more than the other, as "film" beside "1997 film" does.
bool within(std::string_view shorter, std::string_view longer) {
  return (' ' + std::string{longer} + ' ').find(' ' + std::string{shorter} + ' ') !=
         std::string::npos;
}

// "season 3" tells a part from the others, and no thing from another.
bool part_of_series(std::string_view title) {
  for (const std::string_view part : {"season ", "series ", "part ", "volume ", "list "})
    if (title.starts_with(part)) return true;
  return false;
}

bool titles_apart(const Traits& a, const Traits& b) {
  for (const auto& x : a.titles)
    for (const auto& y : b.titles)
      if (!within(x, y) && !within(y, x)) return true;
  return false;
}

bool other_peoples(const Traits& a, const Traits& b) {
  if (a.peoples.empty() || b.peoples.empty() || in_common(a.peoples, b.peoples) > 0) return false;
  const auto british = [](const Traits& x) {
    return std::any_of(x.peoples.begin(), x.peoples.end(),
                       [](const auto& p) { return p == "british" || among(britons, p); });
  };
  const auto says_british = [](const Traits& x) {
    return std::binary_search(x.peoples.begin(), x.peoples.end(), "british");
  };
  return !((says_british(a) && british(b)) || (says_british(b) && british(a)));
}

} // namespace

Traits traits_of(const Definition& definition) {
  thread_local Words words;
  words.read(definition.what);
  Traits traits;
  traits.born = definition.born;
  traits.died = definition.died;
  if (!definition.title.empty() && !part_of_series(definition.title))
    traits.titles.push_back(definition.title);
  std::string_view last;
  const auto head = [&] {
    if (last.empty()) return;
    traits.heads.emplace_back(last);
    const auto fields = fields_of(last);
    traits.fields |= fields;
    last = {};
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    const auto folded = words.folded(i);
    if ((word.gap & gap_comma) != 0 || folded == "and") head();
    if (folded == "and") continue;
    if (words.plain_number(i)) {
      if (word.size == 4 && traits.year == 0)
        traits.year = static_cast<std::uint16_t>(std::stoi(std::string{folded}));
      continue;
    }
    if (people(word, folded)) {
      if (!among(no_people, folded)) insert(traits.peoples, folded);
      continue;
    }
    if (among(says_nothing, folded) || word.is(class_function)) continue;
    insert(traits.words, folded);
    last = folded;
  }
  head();
  if (traits.fields != 0) // "television" of "television and film actress" is no head
    std::erase_if(traits.heads, [](const auto& noun) { return fields_of(noun) == 0; });
  if ((traits.fields & fields_of_works) == 0) traits.year = 0;
  return traits;
}

void Traits::add(const Traits& other) {
  fields |= other.fields;
  if (born == 0) born = other.born;
  if (died == 0) died = other.died;
  if (year == 0) year = other.year;
  for (const auto& word : other.peoples) insert(peoples, word);
  for (const auto& word : other.words) insert(words, word);
  for (const auto& word : other.titles) insert(titles, word);
}

bool contradict(const Traits& a, const Traits& b) {
  if (titles_apart(a, b) || years_apart(a, b)) return true;
  if (a.born != 0 && b.born != 0) return false; // born in one year under one name
  const bool people_both = a.person() && b.person();
  if (a.fields != 0 && b.fields != 0 && (a.fields & b.fields) == 0 && !people_both) return true;
  if (a.year != 0 && b.year != 0 && std::abs(a.year - b.year) > works_year_of_mistake) return true;
  if (!people_both) return false;
  return other_peoples(a, b) && (a.fields & b.fields) == 0 && in_common(a.words, b.words) == 0;
}

int affinity(const Traits& a, const Traits& b) {
  const auto near = [](int x, int y) { return x != 0 && y != 0 && std::abs(x - y) <= 2; };
  int points = 0;
  if (near(a.born, b.born)) points += 8;
  if (near(a.died, b.died)) points += 8;
  if (a.year != 0 && a.year == b.year) points += 4;
  points += 8 * static_cast<int>(in_common(a.titles, b.titles));
  points += 2 * static_cast<int>(in_common(a.words, b.words));
  points += static_cast<int>(in_common(a.peoples, b.peoples));
  return points;
}

Kind kind_of_fields(std::uint32_t fields) noexcept {
  if (fields == 0) return Kind::unknown;
  const auto only = [&](std::uint32_t some) { return (fields & ~some) == 0; };
  if (only(fields_of_people)) return Kind::person;
  if (only(fields_of_works)) return Kind::work;
  if (only(field_settlement | field_water | field_height)) return Kind::place;
  if (only(field_company | field_institution)) return Kind::organisation;
  if (only(field_event)) return Kind::event;
  return Kind::unknown;
}

} // namespace graphrag::entity
