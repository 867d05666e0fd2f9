#!/bin/bash
# ./run --once from an awkward place: spaces and Chinese characters in the path, a locale that does
# not exist, no Python, no terminal, no standard input, another working directory, no HOME.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
copy_tree
use_fake

mkdir "$scratch/bin"
for tool in /usr/bin/* /bin/*; do
  case ${tool##*/} in python* | apt-get) ;; *) ln -sf "$tool" "$scratch/bin/" ;; esac
done

port=$(free_ports) || fail "no free ports"
run_once() {
  (cd / && env -u HOME -u TERM PATH="$scratch/bin" LC_ALL=xx_YY.UTF-9 LANG=xx_YY \
    FAKE_STATE="$FAKE_STATE" "$tree/run" --once --port "$port" "$@" 2>"$scratch/err" <&-)
}

out=$(run_once) || fail "run --once: $(cat "$scratch/err")"
case $out in *"Question: "*"did query"*) ;; *) fail "no question and answer in: $out" ;; esac
[ ! -e "$FAKE_STATE/pid" ] || fail "the server was not stopped, or not gently"
grep -q "ingest examples --create --collection examples" "$FAKE_STATE/calls" || fail "examples not loaded"
grep -q -- "--data $tree/data --listen 127.0.0.1:$port --admin-listen 127.0.0.1:$((port + 1))" \
  "$FAKE_STATE/calls" || fail "serve was called with: $(cat "$FAKE_STATE/calls")"

# A second run over what the first left, in JSON: nothing else on standard output.
out=$(run_once --json --data "$scratch/数据 2") || fail "second run: $(cat "$scratch/err")"
case $out in '{"url":"http://127.0.0.1:'*'"ingest":{"did":"ingest"},"query":{"did":"query"}}') ;;
  *) fail "not one JSON object: $out" ;; esac
[ "$(printf '%s\n' "$out" | wc -l)" = 1 ] || fail "more than one line of JSON"
[ -d "$scratch/数据 2" ] || fail "--data was not used"

# Failures are said, and leave nothing running.
for command in serve ingest query; do
  FAKE_BROKEN=$command
  export FAKE_BROKEN
  ! run_once >/dev/null || fail "a broken $command went unnoticed"
  grep -q "fake $command is broken" "$scratch/err" || fail "$command: $(cat "$scratch/err")"
  [ ! -e "$FAKE_STATE/pid" ] || fail "server left after a broken $command"
done
unset FAKE_BROKEN

for arguments in "--port 0" "--port 65535" "--port x" "--port" "--nonsense"; do
  # shellcheck disable=SC2086
  "$tree/run" $arguments >/dev/null 2>&1
  [ $? = 2 ] || fail "usage error not refused with 2: $arguments"
done
"$tree/run" --help | grep -q "usage: ./run" || fail "no --help"
exit 0
