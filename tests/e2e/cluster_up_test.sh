#!/bin/bash
# `graphrag cluster up`: a cluster of two nodes on this machine; what is written at one is found at
# the other, status tells, Ctrl-C ends it, and a second start has everything.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
graphrag=$root/build/release/graphrag
[ -x "$graphrag" ] || fail "no release build"
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  echo "SKIPPED: no PostgreSQL is installed"
  exit 0
fi
# A short path that the database's user may enter: that of a socket has 107 bytes.
folder=$(mktemp -d /tmp/graphrag-up-XXXXXX)
chmod 755 "$folder"
cleanup+=("rm -rf -- '$folder'")
# Of each of the two nodes: for clients, for its admin, for its peer.
port=$(free_ports 0 1 2 10 11 12) || fail "no free ports"

# shellcheck disable=SC2317  # called by wait_until
both_well() {
  "$graphrag" cluster status --url "http://127.0.0.1:$port" >"$scratch/status" 2>&1 &&
    grep -q "2 members" "$scratch/status"
}
up() {
  (cd "$folder" && as_from_terminal "$graphrag" cluster up --nodes 2 --port "$port") \
    >"$scratch/out" 2>"$scratch/err" &
  starter=$!
  cleanup+=("kill -TERM $starter 2>/dev/null")
  wait_until 120 grep -q "all are started" "$scratch/out" || fail "it does not start: $(cat "$scratch/err" "$scratch/out")"
  wait_until 240 both_well || fail "not well: $(cat "$scratch/status")"
}
down() {
  kill -INT "$starter"
  wait_until 120 gone "$starter" || fail "it does not end"
  wait "$starter"
}
ask() {
  "$graphrag" query --url "http://127.0.0.1:$((port + $1))" "Where is the corvane telescope kept?" |
    grep -q "boathouse"
}

if "$graphrag" cluster up --data "" --port "$port" >/dev/null 2>&1; then fail "no folder is taken for one"; fi
up
[ -d "$folder/graphrag-cluster/node-0/data" ] || fail "its folder is not graphrag-cluster: $(ls "$folder")"
printf 'The corvane telescope is kept in the boathouse.\n' >"$scratch/note.txt"
"$graphrag" ingest --url "http://127.0.0.1:$port" "$scratch/note.txt" >"$scratch/ingested" || fail "$(cat "$scratch/ingested")"
wait_until 240 ask 0 || fail "the first node does not find it"
wait_until 240 ask 10 || fail "the second node does not find it"
"$graphrag" cluster drain 1 --url "http://127.0.0.1:$port" --wait 240 >"$scratch/drained" 2>&1 || fail "$(cat "$scratch/drained")"
ask 0 || fail "the first node does not find it alone"
down
up
wait_until 240 ask 10 || fail "it is gone after a restart"
down
exit 0
