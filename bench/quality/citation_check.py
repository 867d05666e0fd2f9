#!/usr/bin/env python3
"""Do citations hold what they are cited for?

  bench/quality/citation_check.py URL COLLECTION QUERIES.jsonl

Asks a running server every question, and compares each citation with the text of its document: the
span [start, end) must be the cited text, and the answer must say it.
"""
import json
import sys
import urllib.parse
import urllib.request


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def main():
    url, collection, queries = sys.argv[1:]
    base = f"{url}/api/v1/collections/{collection}"
    texts, citations, good, answers = {}, 0, 0, 0
    for line in open(queries):
        asked = json.loads(line)["question"]
        answer = json.loads(call(base + "/query", {"query": asked}))["answer"]
        answers += bool(answer["citations"])
        for citation in answer["citations"]:
            key = citation["document_id"]
            if key not in texts:
                texts[key] = call(f"{base}/documents/_/text?id=" + urllib.parse.quote(key, safe=""))
            citations += 1
            span = texts[key][citation["start"]:citation["end"]]
            good += span == citation["text"] and citation["text"] in answer["text"]
    print(f"{answers} answers, {citations} citations, {100 * good / max(citations, 1):.2f} % hold "
          "their sentence")


if __name__ == "__main__":
    main()
