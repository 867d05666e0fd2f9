#!/bin/bash
# A taken port: ./run says who has it, suggests a pair of ports that works, and exits with 4 at once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
copy_tree
use_fake

port=$(free_ports) || fail "no free ports"
for taken in "$port" $((port + 1)); do
  perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => $ARGV[0]) or die;
    open(my $f, ">", $ARGV[1]); close($f); sleep 60' "$taken" "$scratch/listening.$taken" &
  holder=$!
  cleanup+=("kill $holder 2>/dev/null")
  wait_until 10 test -e "$scratch/listening.$taken" || fail "the test's listener did not start"
  "$tree/run" --once --port "$port" >"$scratch/out" 2>"$scratch/err"
  [ $? = 4 ] || fail "exit code for a taken port $taken: $(cat "$scratch/err")"
  grep -q "Port $taken is taken by pid $holder (perl" "$scratch/err" || fail "who? $(cat "$scratch/err")"
  [ ! -e "$FAKE_STATE/calls" ] || fail "something was started on a taken port"
  other=$(sed -n 's/.*--port \([0-9]*\)$/\1/p' "$scratch/err")
  [ -n "$other" ] || fail "no other port suggested"
  "$tree/run" --once --port "$other" >/dev/null 2>"$scratch/err" || fail "suggested port $other: $(cat "$scratch/err")"
  rm -f "$FAKE_STATE/calls"
  kill $holder
  wait $holder 2>/dev/null
done
exit 0
