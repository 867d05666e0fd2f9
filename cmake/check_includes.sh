#!/bin/bash
# Includes go one way: gateway -> actors -> runtime, cluster -> runtime; observability is a leaf that
# all may include; only gateway/main knows everybody. Pure files do not include CAF: it belongs to
# *_actor.* and messages.* files, to runtime/actor, gateway/main and gateway/asio_execution_unit.*. Quoted includes are written
# from the root, but for the fixtures beside a test. Prints each offence; exit 1 when there is one.
# usage: cmake/check_includes.sh [ROOT]
set -euo pipefail
cd -- "${1:-"$(dirname -- "$0")/.."}"

folders=()
for folder in observability runtime cluster actors gateway tests bench; do
  [ ! -d "$folder" ] || folders+=("$folder")
done

{ grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.hpp' --include='*.cpp' "${folders[@]}" || true; } |
  awk '
    BEGIN {
      may["observability"] = " observability "
      may["runtime"] = " runtime observability "
      may["cluster"] = " cluster runtime observability "
      may["actors"] = " actors runtime observability "
      may["gateway"] = " gateway actors runtime observability "
      may["main"] = " gateway actors cluster runtime observability "
      may["tests"] = " tests gateway actors cluster runtime observability "
      may["bench"] = " bench tests gateway actors cluster runtime observability "
    }
    function offence(why) { printf "%s:%s: %s\n", file, line, why; bad = 1 }
    {
      file = $0; sub(/:.*/, "", file)
      rest = substr($0, length(file) + 2)
      line = rest; sub(/:.*/, "", line)
      room = file; sub(/\/.*/, "", room)
      if (file ~ /^gateway\/main\//) room = "main"
      target = rest
      if (match(target, /"[^"]*"/)) {
        target = substr(target, RSTART + 1, RLENGTH - 2)
        to = target; sub(/\/.*/, "", to)
        beside = target !~ /\// && (room == "tests" || room == "bench") # a fixture of its folder
        if (beside) next
        if (!(to in may) || to == target) offence("\"" target "\" is not written from the root")
        else if (index(may[room], " " to " ") == 0) offence(room " may not include " to " (\"" target "\")")
        else if (target ~ /^gateway\/main\// && room != "main" && room != "tests") offence("nobody includes gateway/main")
      } else if (target ~ /<caf\//) {
        name = file; sub(/.*\//, "", name)
        if (room != "tests" && room != "bench" && room != "main" && name !~ /_actor\./ &&
            name !~ /^messages\./ && name !~ /^asio_execution_unit\./ && file !~ /^runtime\/actor\//)
          offence("a pure file includes CAF")
      }
    }
    END { exit bad }'
