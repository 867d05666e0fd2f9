#!/bin/bash
# Ctrl-C (a signal to the whole foreground group) at any moment leaves no server behind.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
copy_tree
use_fake

port=$(free_ports) || fail "no free ports"
interrupt_at() { # interrupt_at STAGE SIGNAL EXPECTED-CODE
  local stage=$1 signal=$2 expected=$3 run server code
  rm -f "$FAKE_STATE"/*
  export FAKE_SLOW=$stage
  as_from_terminal "$tree/run" --port "$port" >"$scratch/out" 2>&1 </dev/null &
  run=$!
  if [ "$stage" = serving ]; then
    wait_until 20 grep -q "Ctrl-C stops it" "$scratch/out" || fail "$stage: $(cat "$scratch/out")"
  else
    wait_until 20 test -e "$FAKE_STATE/slow" || fail "$stage was not reached: $(cat "$scratch/out")"
  fi
  wait_until 10 test -s "$FAKE_STATE/pid" || fail "no server"
  server=$(cat "$FAKE_STATE/pid")
  if [ "$signal" = KILL ]; then kill -KILL $run; else kill "-$signal" -- "-$run"; fi
  wait $run
  code=$?
  wait_until 10 gone "$server" || fail "server left behind after $signal while $stage"
  [ "$code" = "$expected" ] || fail "exit code $code after $signal while $stage: $(cat "$scratch/out")"
}
for stage in status ingest query; do interrupt_at $stage INT 130; done
interrupt_at serving INT 0
interrupt_at serving TERM 0
if setpriv --help 2>/dev/null | grep -q pdeathsig; then interrupt_at serving KILL 137; fi

# And at moments nobody chose.
for moment in 0.00 0.01 0.02 0.03 0.05 0.08 0.12 0.2 0.3; do
  rm -f "$FAKE_STATE"/*
  FAKE_SLOW=serving as_from_terminal "$tree/run" --port "$port" >"$scratch/out" 2>&1 </dev/null &
  run=$!
  wait_until 5 kill -0 -- "-$run" 2>/dev/null || fail "no process group"
  sleep $moment
  kill -INT -- "-$run"
  wait $run
  [ ! -s "$FAKE_STATE/pid" ] || wait_until 5 gone "$(cat "$FAKE_STATE/pid" 2>/dev/null || echo 999999999)" ||
    fail "server left behind after $moment s"
done
exit 0
