#!/usr/bin/env python3
"""Does memory come back when everything that is written is deleted again?

  bench/cluster/churn_bench.py [--urls URL,...] [--admin-urls URL,...] [--rounds N]

Against running servers (`graphrag cluster up --nodes 3`, whose addresses are the defaults): each round puts
1,000 short documents with words of their own into eight collections and deletes them. Prints the
resident memory of each server after each round.
"""
import argparse
import json
import re
import urllib.request

COLLECTIONS, BATCH = 8, 250


def call(method, url, body=None, kind="application/json"):
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def resident(admins):
    sizes = []
    for admin in admins:
        text = call("GET", admin + "/metrics")
        sizes.append(round(float(re.search(r"^process_resident_memory_bytes (\S+)", text, re.M)[1]) / 1e6))
    return sizes


def main():
    arguments = argparse.ArgumentParser()
    ports = [8000, 8010, 8020]
    arguments.add_argument("--urls", default=",".join(f"http://127.0.0.1:{p}" for p in ports))
    arguments.add_argument("--admin-urls", default=",".join(f"http://127.0.0.1:{p + 1}" for p in ports))
    arguments.add_argument("--rounds", type=int, default=15)
    given = arguments.parse_args()
    urls, admins = given.urls.split(","), given.admin_urls.split(",")
    for c in range(COLLECTIONS):
        call("PUT", f"{urls[0]}/api/v1/collections/churn{c}")
    print("before, MB:", *resident(admins), flush=True)
    written = 0
    for round_number in range(given.rounds):
        ids = []
        for batch in range(1000 // BATCH):
            to = f"/api/v1/collections/churn{(round_number * 4 + batch) % COLLECTIONS}/documents"
            lines = []
            for _ in range(BATCH):
                written += 1
                word = f"word{written}x"
                text = f"The ledger of the harbour holds the entry {word} of the keeper."
                lines.append(json.dumps({"id": word, "text": text}))
                ids.append(f"{to}/{word}")
            call("POST", f"{urls[batch % len(urls)]}{to}/_bulk", "\n".join(lines).encode() + b"\n",
                 "application/x-ndjson")
        for number, path in enumerate(ids):
            call("DELETE", urls[number % len(urls)] + path)
        print(f"{written} written and deleted, MB:", *resident(admins), flush=True)


if __name__ == "__main__":
    main()
