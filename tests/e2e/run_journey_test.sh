#!/bin/bash
# The whole way with the real program: examples in, two-hop questions answered with citations, in
# English and Chinese; a second run over the same data; two servers on one folder; names of metrics.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
copy_tree
graphrag=${RUN_BINARY:-$root/build/release/graphrag}
export RUN_BINARY=$graphrag
[ -x "$graphrag" ] || fail "there is no $graphrag"
port=$(free_ports) || fail "no free ports"

has() { case $1 in *"$2"*) return 0 ;; *) return 1 ;; esac; }
nobody_left() { # nobody works on our data any more
  local file
  for file in /proc/[0-9]*/cmdline; do
    if tr '\0' ' ' <"$file" 2>/dev/null | grep -qF -- "--data $tree/data"; then return 1; fi
  done
}

out=$(LC_ALL=xx_YY "$tree/run" --once --json --port "$port" 2>"$scratch/err" </dev/null) ||
  fail "first run: $(cat "$scratch/err")"
nobody_left || fail "a process was left behind"
has "$out" '"stored":15' || fail "not all examples were stored: $out"
has "$out" '"failed":0' || fail "examples failed: $out"
answer=${out#*\"query\":}
answer=${answer%%\"results\":*} # the text and its citations alone
has "$answer" "Marrowdale" || fail "the two-hop answer is not there: $answer"
for document in observatory/corvane-telescope.html people/ilsabet-thorne.docx; do
  has "$answer" "\"document_id\":\"$document\"" || fail "$document is not cited: $answer"
done

out=$("$tree/run" --once --json --port "$port" 2>"$scratch/err" </dev/null) || fail "second run: $(cat "$scratch/err")"
has "$out" '"unchanged":15' || fail "the second run stored documents again: $out"
answer=${out#*\"query\":}
has "${answer%%\"results\":*}" "Marrowdale" || fail "the second answer differs: $out"

# A server of our own on what the runs left.
as_from_terminal "$graphrag" serve --data "$tree/data" --listen "127.0.0.1:$port" \
  --admin-listen "127.0.0.1:$((port + 1))" >"$scratch/served" 2>"$scratch/log" </dev/null &
server=$!
cleanup+=("kill -KILL $server 2>/dev/null")
url=http://127.0.0.1:$port
"$graphrag" status --url "$url" --wait 60 >"$scratch/status" || fail "not ready: $(tail -n 5 "$scratch/log")"
grep -q "listening on http://127.0.0.1:$port (admin http://127.0.0.1:$((port + 1)))" "$scratch/served" ||
  fail "the line with the addresses: $(cat "$scratch/served")"
grep -q "examples *15 documents" "$scratch/status" || fail "status: $(cat "$scratch/status")"

out=$("$graphrag" query '海潮钟是谁制造的？' --collection examples --url "$url")
has "$out" "钟表匠陆文澜制造" || fail "the Chinese answer is not there: $out"
out=$("$graphrag" query "Which captain sailed the Kessara expedition's brig?" --collection examples --url "$url" --json)
has "$out" "Hester Quill" || fail "the master of the ship is not found: $out"

"$graphrag" serve --data "$tree/data" --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 >"$scratch/out" 2>&1 </dev/null &&
  fail "two servers on one folder"
grep -q "in use by pid $server" "$scratch/out" || fail "who uses the folder? $(cat "$scratch/out")"

# What vanishes from the folder goes when asked.
rm "$tree/examples/town/harbour-guide.html"
"$graphrag" ingest "$tree/examples" --collection examples --sync --url "$url" >"$scratch/out" || fail "sync: $(cat "$scratch/out")"
grep -q "14 documents in 'examples' (0 stored, 14 unchanged), 1 deleted, 0 failed" "$scratch/out" ||
  fail "sync: $(cat "$scratch/out")"

if command -v promtool >/dev/null && command -v curl >/dev/null; then
  curl -sS "http://127.0.0.1:$((port + 1))/metrics" | promtool check metrics >"$scratch/out" 2>&1 ||
    fail "names of metrics: $(cat "$scratch/out")"
fi

kill -INT "$server"
wait "$server" || fail "the server's exit code after Ctrl-C: $?"
nobody_left || fail "a process was left behind"
exit 0
