#include "actors/entity/senses.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace graphrag::entity {
namespace {

constexpr std::size_t max_senses = 12;

struct Cluster {
  Traits traits;
  std::vector<std::uint32_t> members; // definitions
};

// What says most goes first, so that what says little finds the senses already there.
std::vector<std::uint32_t> in_order(std::span<const Definition> definitions,
                                    std::span<const Traits> traits) {
  std::vector<std::uint32_t> order(definitions.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto rank = [&](std::uint32_t i) {
    const auto& t = traits[i];
    const auto& d = definitions[i];
    const auto told = (t.born != 0) * 4 + (t.died != 0) * 2 + (t.fields != 0) * 4 +
                      (t.year != 0) * 2 + !t.titles.empty() * 4 + !t.peoples.empty() * 2 +
                      !t.words.empty();
    return std::make_tuple(-told, -static_cast<int>(t.words.size() + t.peoples.size()), t.born,
                           std::string_view{d.what}, std::string_view{d.title}, d.place);
  };
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return rank(a) < rank(b); });
  return order;
}

// The cluster that a definition belongs to; null when it contradicts all, or fits several equally.
Cluster* fitting(std::vector<Cluster>& clusters, const Traits& traits, bool& contradicts_all) {
  Cluster* best = nullptr;
  int most = -1;
  bool tie = false;
  contradicts_all = true;
  for (auto& cluster : clusters) {
    if (contradict(cluster.traits, traits)) continue;
    contradicts_all = false;
    const auto points = affinity(cluster.traits, traits);
    tie = points == most || (tie && points < most);
    if (points > most) {
      most = points;
      best = &cluster;
    }
  }
  return tie ? nullptr : best;
}

template <class Counts>
std::string most_common(const Counts& counts) {
  const auto best =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == counts.end() ? std::string{} : best->first;
}

std::string noun_of(const Cluster& cluster, std::span<const Traits> traits) {
  std::map<std::string, int> titles, heads;
  for (const auto member : cluster.members) {
    for (const auto& title : traits[member].titles) ++titles[title];
    if (!traits[member].heads.empty()) ++heads[traits[member].heads.front()];
  }
  if (auto title = most_common(titles); !title.empty()) return title;
  if (auto head = most_common(heads); !head.empty()) return head;
  return std::string{to_string(kind_of_fields(cluster.traits.fields))};
}

std::string years_of(const Traits& traits) {
  if (traits.year != 0) return ", " + std::to_string(traits.year);
  if (traits.born != 0) return ", born " + std::to_string(traits.born);
  if (traits.died != 0) return ", died " + std::to_string(traits.died);
  return traits.peoples.empty() ? std::string{} : ", " + traits.peoples.front();
}

std::string hex(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(8, '0');
  for (std::size_t i = 8; i-- > 0; number >>= 4) text[i] = digits[number & 15];
  return text;
}

// Makes the qualifiers that several senses share longer, by what `more` tells of each.
template <class More>
void tell_apart(std::vector<Sense>& senses, More more) {
  std::map<std::string, int> uses;
  for (const auto& sense : senses) ++uses[sense.qualifier];
  for (std::size_t i = 0; i < senses.size(); ++i)
    if (uses[senses[i].qualifier] > 1) senses[i].qualifier += more(i);
}

Sense sense_of(const Cluster& cluster, std::span<const Definition> definitions,
               std::span<const Traits> traits) {
  Sense sense;
  sense.qualifier = noun_of(cluster, traits);
  sense.born = cluster.traits.born;
  sense.died = cluster.traits.died;
  sense.kind = cluster.traits.person() ? Kind::person : kind_of_fields(cluster.traits.fields);
  for (const auto member : cluster.members) {
    const auto& what = definitions[member].what;
    if (what.size() > sense.what.size() || (what.size() == sense.what.size() && what < sense.what))
      sense.what = what;
  }
  return sense;
}

} // namespace

Senses senses_of(std::span<const Definition> definitions) {
  if (definitions.size() < 2) return {};
  std::vector<Traits> traits;
  traits.reserve(definitions.size());
  for (const auto& definition : definitions) traits.push_back(traits_of(definition));
  Senses found;
  found.of.assign(definitions.size(), Senses::none);
  std::vector<Cluster> clusters;
  for (const auto i : in_order(definitions, traits)) {
    if (traits[i].empty()) continue;
    bool contradicts_all = true;
    if (auto* cluster = fitting(clusters, traits[i], contradicts_all)) {
      cluster->traits.add(traits[i]);
      cluster->members.push_back(i);
    } else if (contradicts_all && clusters.size() < max_senses) {
      clusters.push_back({traits[i], {i}});
    }
  }
  if (clusters.size() < 2) return {};
  for (const auto& cluster : clusters) {
    for (const auto member : cluster.members)
      found.of[member] = static_cast<std::uint32_t>(found.all.size());
    found.all.push_back(sense_of(cluster, definitions, traits));
  }
  tell_apart(found.all, [&](std::size_t i) { return years_of(clusters[i].traits); });
  tell_apart(found.all, [&](std::size_t i) {
    auto least = definitions[clusters[i].members.front()].place;
    for (const auto member : clusters[i].members)
      least = std::min(least, definitions[member].place);
    return ", " + hex(least);
  });
  return found;
}

std::string sense_normal(std::string_view normal, const Sense& sense) {
  return std::string{normal} + " (" + sense.qualifier + ")";
}

std::string_view written_name(std::string_view normal) noexcept {
  return normal.substr(0, normal.find(" ("));
}

} // namespace graphrag::entity
