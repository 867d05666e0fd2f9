#!/usr/bin/env python3
"""Does the past of a collection show?

  bench/quality/halves_check.py URL PASSAGES.jsonl [--seed 1] [--rounds 2]

On a running server: makes one collection by loading all passages, and another by loading them in
another order, then deleting a random half and loading it again, several times. Entities with their
names, kinds and counts, their home passages (of 2,000 of them), and all relations must be the same.
"""
import argparse
import json
import random
import urllib.parse
import urllib.request


def call(url, method="GET", body=None, kind="application/json"):
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=300) as answer:
        return answer.read().decode()


def load(base, passages):
    for at in range(0, len(passages), 2000):
        lines = "".join(json.dumps(p) + "\n" for p in passages[at:at + 2000])
        for line in call(base + "/documents/_bulk", "POST", lines.encode(),
                         "application/x-ndjson").splitlines():
            answer = json.loads(line)
            assert answer.get("status", 200) < 400, answer


def delete(base, ids):
    for key in ids:
        call(f"{base}/documents/_?id=" + urllib.parse.quote(key, safe=""), "DELETE")


def everything(base, what):
    cursor, items = "", []
    while cursor is not None:
        page = json.loads(call(f"{base}/{what}?limit=100&cursor=" + urllib.parse.quote(cursor)))
        items += page["items"]
        cursor = page["next_cursor"]
    return items


def canonical(items):
    drop = {"chunk_id", "version", "created_at", "updated_at"}

    def clean(value):
        if isinstance(value, dict):
            return {k: clean(v) for k, v in sorted(value.items()) if k not in drop}
        return [clean(v) for v in value] if isinstance(value, list) else value
    return sorted(json.dumps(clean(item), sort_keys=True, ensure_ascii=False) for item in items)


def homes(base, entities, sample):
    found = {}
    for entity in sample(entities):
        full = json.loads(call(f"{base}/entities/{urllib.parse.quote(entity['id'], safe='')}"))
        found[entity["id"]] = sorted((h["document_id"], h["confidence"])
                                     for h in full["home_passages"])
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("passages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    passages = [json.loads(line) for line in open(options.passages) if line.strip()]
    passages = [{"id": f"p{i}", "title": p.get("title", ""), "text": p["text"]}
                for i, p in enumerate(passages)]
    bases = {}
    for name in ("fresh", "halved"):
        bases[name] = f"{options.url}/api/v1/collections/{name}{options.seed}"
        call(bases[name], "PUT", b"")
    load(bases["fresh"], passages)
    chance.shuffle(passages)
    load(bases["halved"], passages)
    for _ in range(options.rounds):
        half = chance.sample(passages, len(passages) // 2)
        delete(bases["halved"], [p["id"] for p in half])
        load(bases["halved"], half)
    good = True
    for what in ("entities", "relations"):
        fresh, halved = (canonical(everything(bases[n], what)) for n in ("fresh", "halved"))
        differing = len(set(fresh) ^ set(halved))
        good &= fresh == halved
        print(f"{what}: {len(fresh)} fresh, {len(halved)} after halves, {differing} differ")
        for item in sorted(set(fresh) ^ set(halved))[:4]:
            print("   ", "fresh " if item in fresh else "halved", item[:300])
    entities = everything(bases["fresh"], "entities")
    chosen = chance.sample(entities, min(2000, len(entities)))
    of = {n: homes(bases[n], entities, lambda _: chosen) for n in bases}
    differing = sum(of["fresh"][key] != of["halved"][key] for key in of["fresh"])
    print(f"home passages of {len(chosen)} entities: {differing} differ")
    raise SystemExit(0 if good and differing == 0 else 1)


if __name__ == "__main__":
    main()
