#!/bin/bash
# The check of include directions finds each kind of offence, and only those.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
mkdir -p "$scratch"/t/{observability,runtime/actor,cluster,actors/chunk,gateway/{http,main},tests/unit}
cd "$scratch/t" || fail "no scratch folder"
echo '#include "runtime/a.hpp"
#include "observability/log.hpp"
#include <vector>' >actors/chunk/fine.hpp
echo '#include <caf/all.hpp>' | tee actors/chunk/chunk_actor.hpp actors/chunk/messages.hpp runtime/actor/x.hpp >gateway/main/serve.cpp
echo '#include "cluster/x.hpp"' >gateway/main/main.cpp
echo '#include "cluster/x.hpp"' >tests/unit/x_test.cpp
"$root/cmake/check_includes.sh" . || fail "a clean tree was refused"

offence() { # offence FILE LINE
  echo "$2" >"$1"
  if "$root/cmake/check_includes.sh" . >"$scratch/out"; then fail "missed: $1: $2"; fi
  grep -q "^$1:1: " "$scratch/out" || fail "did not name $1: $(cat "$scratch/out")"
  rm "$1"
}
offence runtime/a.cpp '#include "actors/chunk/fine.hpp"'
offence observability/a.cpp '#include "runtime/a.hpp"'
offence actors/chunk/a.cpp '#include "gateway/http/x.hpp"'
offence cluster/a.cpp '#  include "actors/chunk/fine.hpp"'
offence runtime/b.cpp '#include "cluster/x.hpp"'
offence gateway/http/a.cpp '#include "cluster/x.hpp"'
offence gateway/http/b.cpp '#include "gateway/main/serve.hpp"'
offence actors/chunk/pure.cpp '#include <caf/actor.hpp>'
offence actors/chunk/b.cpp '#include "fine.hpp"'
offence actors/chunk/c.cpp '#include "../chunk/fine.hpp"'
exit 0
