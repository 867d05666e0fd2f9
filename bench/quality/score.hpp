#pragma once
// Precision, recall and F1 over sentences, with an interval by resampling the sentences.
#include <algorithm>
#include <cstdio>
#include <random>
#include <utility>
#include <vector>

namespace names_eval {

struct Counts {
  double found = 0, wrong = 0, missed = 0;
  Counts& operator+=(const Counts& other) {
    found += other.found;
    wrong += other.wrong;
    missed += other.missed;
    return *this;
  }
  double precision() const { return found / std::max(found + wrong, 1.0); }
  double recall() const { return found / std::max(found + missed, 1.0); }
  double f1() const { return 2 * found / std::max(2 * found + wrong + missed, 1.0); }
};

// Both sorted and without repetition.
template <class T>
Counts compare(const std::vector<T>& gold, const std::vector<T>& ours) {
  std::vector<T> both;
  std::set_intersection(gold.begin(), gold.end(), ours.begin(), ours.end(),
                        std::back_inserter(both));
  const auto found = static_cast<double>(both.size());
  return {found, static_cast<double>(ours.size()) - found,
          static_cast<double>(gold.size()) - found};
}

inline Counts sum(const std::vector<Counts>& sentences) {
  Counts all;
  for (const auto& sentence : sentences) all += sentence;
  return all;
}

// The middle 95 % of F1 over 1,000 draws of as many sentences with replacement. Always the same
// draws.
inline std::pair<double, double> interval(const std::vector<Counts>& sentences) {
  constexpr std::size_t draws = 1000;
  std::mt19937 random{7};
  std::vector<double> figures;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    Counts all;
    for (std::size_t i = 0; i < sentences.size(); ++i)
      all += sentences[random() % sentences.size()];
    figures.push_back(all.f1());
  }
  std::sort(figures.begin(), figures.end());
  return {figures[draws / 40], figures[draws - 1 - draws / 40]};
}

inline void print(const char* what, const std::vector<Counts>& sentences) {
  const auto all = sum(sentences);
  const auto [low, high] = interval(sentences);
  std::printf("  %-28s precision %.3f  recall %.3f  F1 %.3f  [%.3f, %.3f]  (%.0f marked)\n", what,
              all.precision(), all.recall(), all.f1(), low, high, all.found + all.missed);
}

} // namespace names_eval
