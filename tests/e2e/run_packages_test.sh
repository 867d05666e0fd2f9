#!/bin/bash
# Packages and disk: no apt when nothing is missing; not root and no sudo: the line to run and exit 3;
# as root: apt under a guard that is removed again; a small disk stops before anything is done.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
unset RUN_BINARY # the way to a build is what is tested here
copy_tree
mkdir "$scratch/bin"
tool() { cat >"$scratch/bin/$1" && chmod +x "$scratch/bin/$1"; }
port=$(free_ports) || fail "no free ports"
run_it() { PATH="$scratch/bin:$PATH" "$tree/run" --once --port "$port" >"$scratch/out" 2>"$scratch/err" </dev/null; }

# These stand-ins keep the test from building: cmake fails at once.
echo 'echo "cmake was reached" >&2; exit 1' | tool cmake
echo "echo \"\$*\" >>'$scratch/apt'; exit 1" | tool apt-get

tool dpkg-query <<'X'
for package in "$@"; do case $package in -*) ;; *) echo "ii |$package" ;; esac; done
X
run_it
[ $? = 1 ] || fail "a failed build has exit code 1"
grep -q "cmake was reached" "$scratch/err" || fail "did not get as far as the build: $(cat "$scratch/err")"
grep -q "^download  nothing" "$scratch/err" || fail "preflight: $(cat "$scratch/err")"
[ ! -e "$scratch/apt" ] || fail "apt was called though nothing was missing"

tool dpkg-query <<'X'
for package in "$@"; do case $package in -* | libcaf-dev) ;; g++) echo "rc |g++" ;; *) echo "ii |$package" ;; esac; done
X
tool id <<'X'
if [ "$1" = -u ]; then echo 1000; else exec /usr/bin/id "$@"; fi
X
echo 'exit 1' | tool sudo
run_it
[ $? = 3 ] || fail "missing packages, no root: exit code 3 expected: $(cat "$scratch/err")"
grep -q "apt-get install -y --no-install-recommends g++ libcaf-dev$" "$scratch/err" ||
  fail "no line to run in: $(cat "$scratch/err")"
! grep -q -- "^install" "$scratch/apt" || fail "apt install was called without being root"
! grep -q "cmake was reached" "$scratch/err" || fail "built in spite of missing packages"

tool df <<'X'
echo "Filesystem 1024-blocks Used Available Capacity Mounted on"
echo "/dev/x 100 1 3145728 1% /"
X
run_it
[ $? = 1 ] || fail "a small disk must stop the run"
grep -q "only 3 GB free" "$scratch/err" || fail "disk: $(cat "$scratch/err")"
exit 0
