#!/usr/bin/env python3
"""Quality of retrieval over HTTP as one table, with confidence intervals.

  bench/quality/quality_table.py --graphrag build/release/graphrag [--model MODEL] [--sets DIR]
                                 [--distractors FILE...] [--modes keyword,hybrid]

Runs `graphrag eval` on every folder below DIR (and on the Chinese set beside this file) once per
mode: a private server is started, loaded and asked over HTTP; the gold stays here. Prints a Markdown
table: means with 95 % intervals by bootstrap over questions (10,000 resamples, fixed seed), and the
gain of the last mode over the first in pairs. With a model, `hybrid` uses it and `graph` is hybrid
without it.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

RESAMPLES = 10_000
METRICS = ["recall@2", "recall@5", "ndcg@10"]


def interval(values, seed=1):
    rng = random.Random(seed)
    n = len(values)
    means = sorted(sum(rng.choices(values, k=n)) / n for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]


def evaluate(options, folder, mode):
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as scores:
        command = [options.graphrag, "eval", folder, "--json", "--scores", scores.name,
                   "--mode", "hybrid" if mode == "graph" else mode]
        if mode in ("hybrid", "vector") and options.model:
            command += ["--model", options.model]
        for path in options.distractors:
            if os.path.basename(os.path.normpath(folder)) not in path:
                command += ["--distractors", path]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{done.stderr}")
        return json.loads(done.stdout), [json.loads(line) for line in open(scores.name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graphrag", default="build/release/graphrag")
    parser.add_argument("--sets", default="")
    parser.add_argument("--model", default="")
    parser.add_argument("--distractors", nargs="*", default=[])
    parser.add_argument("--modes", default="")
    options = parser.parse_args()
    modes = options.modes.split(",") if options.modes else (
        ["keyword", "graph", "vector", "hybrid"] if options.model else ["keyword", "hybrid"])
    folders = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "chinese")]
    if options.sets:
        folders += sorted(entry.path for entry in os.scandir(options.sets)
                          if os.path.exists(os.path.join(entry.path, "queries.jsonl")))
    print("| set (questions) | mode | " + " | ".join(METRICS) + " | passages/s in | query ms p50/p99 |")
    print("|---|---|" + "---|" * (len(METRICS) + 2))
    gains = []
    for folder in folders:
        name = os.path.basename(os.path.normpath(folder))
        scores = {}
        for mode in modes:
            figures, scores[mode] = evaluate(options, folder, mode)
            cells = []
            for metric in METRICS:
                low, high = interval([score[metric] for score in scores[mode]])
                cells.append(f"{figures[metric]:.3f} ({low:.3f}–{high:.3f})")
            rate = f"{figures['ingest_passages_per_s']:.0f}"
            if "vectors_per_s" in figures:
                rate += f", {figures['vectors_per_s']:.0f} with vectors"
            ms = figures["query_ms"]
            print(f"| {name} ({figures['queries']}) | {mode} | " + " | ".join(cells) +
                  f" | {rate} | {ms['p50']:.1f}/{ms['p99']:.1f} |", flush=True)
        last = modes[-1]
        for other in modes[:-1]:
            for metric in METRICS:
                pairs = [a[metric] - b[metric] for a, b in zip(scores[last], scores[other])]
                low, high = interval(pairs)
                gains.append((name, f"{last} - {other}", metric, sum(pairs) / len(pairs), low, high))
    print("\n| set | gain, in pairs | measure | points | 95 % |\n|---|---|---|---|---|")
    for name, pair, metric, mean, low, high in gains:
        print(f"| {name} | {pair} | {metric} | {100 * mean:+.1f} | {100 * low:+.1f} to {100 * high:+.1f} |")


if __name__ == "__main__":
    main()
