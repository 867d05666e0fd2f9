#!/usr/bin/env python3
"""A cluster on this machine, with the same passages and questions as a node on its own.

  bench/cluster/cluster_bench.py PASSAGES_FOLDER [--nodes 1,3] [--seconds 10] [--binaries build/release]

Each *.jsonl of the folder becomes a collection. For every number of nodes: how fast they are loaded,
how many questions a second are answered when asked as fast as they are answered, of all nodes at
once; what a question costs at a node that holds its collection and at one that asks a peer. With
three nodes or more, the holder of the first collection is killed while questions come at a steady
rate, and the time until every collection is on two nodes again is taken. Processor time is that of
each node. Python's standard library only; prints a table in Markdown.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return json.loads(answer.read())


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def wait_until(holds, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if holds():
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.05)
    raise SystemExit(f"waited {seconds} s in vain: {what}")


class Cluster:
    def __init__(self, binaries, nodes, port):
        self.binaries, self.nodes, self.port = binaries, nodes, port
        self.folder = tempfile.mkdtemp(prefix="graphrag-bench-", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.up = subprocess.Popen(
            [f"{binaries}/graphrag", "cluster", "up", "--nodes", str(nodes), "--data", self.folder,
             "--port", str(port)], stdout=subprocess.PIPE, text=True)
        self.pids = {}
        for line in self.up.stdout:
            words = line.split()
            if words[:1] == ["node"] and words[-2] == "process":
                self.pids[int(words[1])] = int(words[-1])
            if "all are started" in line:
                break
        wait_until(self.settled, 120, "the cluster does not settle")

    def url(self, node):
        return f"http://127.0.0.1:{self.port + 10 * node}"

    def status(self, node):
        return get(f"http://127.0.0.1:{self.port + 10 * node + 1}/api/v1/admin/cluster")

    def settled(self, node=None):
        node = min(self.pids) if node is None else node
        seen = self.status(node)
        return (len(seen["members"]) == len(self.pids)
                and all(len(s["serving"]) == min(2, len(self.pids)) and not s["loading"]
                        for s in seen["placement"]))

    def processor(self):
        return {node: processor_seconds(pid) for node, pid in self.pids.items()}

    def holders(self, collection):
        """Those that answer without asking a peer, found by their counters."""
        out = []
        for node in self.pids:
            def given():
                admin = f"http://127.0.0.1:{self.port + 10 * node + 1}/metrics"
                with urllib.request.urlopen(admin) as answer:
                    return sum(float(line.split()[-1]) for line in answer.read().decode().splitlines()
                               if line.startswith("graphrag_peer_questions_total"))
            before = given()
            ask(self.url(node), collection, "who")
            if given() == before:
                out.append(node)
        return out

    def end(self):
        self.up.send_signal(signal.SIGINT)
        self.up.wait(120)
        shutil.rmtree(self.folder)


def ask(url, collection, text):
    body = json.dumps({"query": text}).encode()
    request = urllib.request.Request(f"{url}/api/v1/collections/{collection}/query", data=body,
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def load_gen(arguments, url, collection, bodies, **options):
    command = [f"{arguments.binaries}/load_gen", "--url", url, "--collection", collection, "--bodies",
               str(bodies), "--json"]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def together(runs):
    """Runs in threads; their results in order."""
    out = [None] * len(runs)

    def one(i):
        out[i] = runs[i]()
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return out


def cores(before, after, seconds):
    return " ".join(f"{(after[n] - before[n]) / seconds:.2f}" for n in sorted(after) if n in before)


def bench(arguments, nodes, files, questions):
    rows = []
    cluster = Cluster(arguments.binaries, nodes, arguments.port)
    try:
        began, before = time.monotonic(), cluster.processor()
        for i, file in enumerate(files):
            subprocess.run([f"{arguments.binaries}/bulk_load", str(file), "--url",
                            cluster.url(i % nodes), "--collection", file.stem], check=True,
                           capture_output=True)
        seconds = time.monotonic() - began
        passages = sum(sum(1 for _ in open(file)) for file in files)
        rows.append((f"load {passages:,} passages", f"{passages / seconds:,.0f} /s",
                     cores(before, cluster.processor(), seconds)))
        memory = " ".join(f"{resident_megabytes(pid):.0f}" for pid in cluster.pids.values())
        rows.append(("memory of each node, MB", memory, ""))

        # As fast as they are answered, each node asked for all collections in turn.
        before, began = cluster.processor(), time.monotonic()
        results = together([
            lambda node=node: [load_gen(arguments, cluster.url(node), file.stem, questions[file],
                                        connections=max(1, 8 // nodes), warmup=0.5,
                                        seconds=max(1.5, arguments.seconds / len(files)))
                               for file in files] for node in range(nodes)])
        seconds = time.monotonic() - began
        rate = sum(statistics.mean(r["rate"] for r in node) for node in results)
        p99 = max(r["latency_ms"]["p99"] for node in results for r in node)
        rows.append(("questions a second, all nodes", f"{rate:,.0f} /s, worst p99 {p99:.1f} ms",
                     cores(before, cluster.processor(), seconds)))

        first = files[0].stem
        holders = cluster.holders(first)
        for name, node in (("held", holders[0]),
                           ("through a peer", next((n for n in range(nodes) if n not in holders), None))):
            if node is None:
                continue
            runs = [load_gen(arguments, cluster.url(node), first, questions[files[0]], rate=100,
                             connections=8, warmup=0.5, seconds=3) for _ in range(5)]
            rows.append((f"a question at 100 /s, {name}",
                         "p50 %.1f ms, p99 %.1f ms" % tuple(
                             statistics.median(r["latency_ms"][k] for r in runs) for k in ("p50", "p99")), ""))
        if nodes >= 3:
            rows += failover(arguments, cluster, holders[0], first, questions[files[0]])
    finally:
        cluster.end()
    return rows


def failover(arguments, cluster, victim, collection, bodies):
    survivor = next(n for n in cluster.pids if n != victim)
    took = {}

    def kill():
        time.sleep(3)
        os.kill(cluster.pids.pop(victim), signal.SIGKILL)
        began = time.monotonic()
        wait_until(lambda: len(cluster.status(survivor)["members"]) == len(cluster.pids), 120,
                   "the dead node stays a member")
        took["noticed"] = time.monotonic() - began
        wait_until(lambda: cluster.settled(survivor), 120, "it does not come to itself")
        took["healed"] = time.monotonic() - began

    def load():
        return load_gen(arguments, cluster.url(survivor), collection, bodies, rate=100,
                        connections=16, seconds=25)
    result, _ = together([load, kill])
    times = result["latency_ms"]
    return [("a holder killed, questions at 100 /s to another node",
             f"{result['errors']} failed, p99 {times['p99']:.1f} ms, longest {times['max']:.0f} ms", ""),
            ("until the dead node is no member", f"{took['noticed']:.1f} s", ""),
            ("until every collection is on two nodes", f"{took['healed']:.1f} s", "")]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("passages", type=pathlib.Path)
    parser.add_argument("--nodes", default="1,3")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--binaries", default="build/release")
    parser.add_argument("--port", type=int, default=8600)
    arguments = parser.parse_args()
    files = sorted(arguments.passages.glob("*.jsonl"))
    with tempfile.TemporaryDirectory() as scratch:
        questions = {}
        for file in files:
            alone = pathlib.Path(scratch) / file.stem
            alone.mkdir()
            shutil.copy(file, alone)
            questions[file] = pathlib.Path(scratch) / (file.stem + ".questions")
            subprocess.run([f"{arguments.binaries}/make_questions", str(alone), "--count", "60000",
                            "--out", str(questions[file])], check=True, capture_output=True)
        print("| nodes | what | measured | cores of each node |\n|---|---|---|---|")
        for nodes in map(int, arguments.nodes.split(",")):
            for what, measured, used in bench(arguments, nodes, files, questions):
                print(f"| {nodes} | {what} | {measured} | {used} |", flush=True)


main()
