# shellcheck shell=bash disable=SC2034  # variables for the tests
# Helpers of the shell tests: a copy of the tree under an awkward path, conditions with deadlines.
set -uo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
scratch=$(mktemp -d)
cleanup=()
at_end() {
  local code=$?
  for command in "${cleanup[@]}"; do eval "$command"; done
  rm -rf -- "$scratch"
  exit "$code"
}
trap at_end EXIT

fail() {
  printf 'failed: %s\n' "$*"
  exit 1
}

# Newcomers keep things in such places.
tree="$scratch/我的 项目 (1)/graph rag"
copy_tree() {
  mkdir -p "$tree/cmake"
  cp -r "$root/run" "$root/examples" "$tree/"
  cp "$root"/cmake/packages*.txt "$root/cmake/setup.sh" "$tree/cmake/"
}

# A stand-in for the server and its clients, for tests of what `run` does around them.
use_fake() {
  export RUN_BINARY=$here/fake_graphrag FAKE_STATE=$scratch/fake
  mkdir -p "$FAKE_STATE"
}

wait_until() { # wait_until SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.05
  done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# free_ports [OFFSET...]: a port N so that nobody uses N + OFFSET now, for each (0 and 1).
free_ports() {
  [ $# -gt 0 ] || set -- 0 1
  perl -MIO::Socket::INET -e 'for (1 .. 200) {
    my $p = 20000 + int(rand(12000));
    my @s = map { IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => $p + $_) } @ARGV;
    if (@ARGV == grep { defined } @s) { print $p; exit }
  }
  exit 1' "$@"
}

# For background jobs: a group of its own, with SIGINT not ignored, as a person's terminal does it.
as_from_terminal() { exec env --default-signal=INT,QUIT setsid "$@"; }
