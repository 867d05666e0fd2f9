#!/bin/bash
# The packages hold the program, its documents, an example configuration and the service; the
# dependencies are known to Debian's tools; the program of the package starts and serves.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "$0")/lib.sh"
graphrag=${RUN_BINARY:-$root/build/release/graphrag}
build=$(dirname -- "$graphrag")
[ -e "$build/CPackConfig.cmake" ] || fail "there is no build in $build"
if ! command -v dpkg-deb >/dev/null || ! command -v dpkg-shlibdeps >/dev/null; then
  echo "skipped: not on Debian"
  exit 0
fi

(cd "$build" && cpack -G "DEB;TGZ" -B "$scratch/made") >"$scratch/out" 2>&1 || fail "cpack: $(tail -n 20 "$scratch/out")"
deb=$(echo "$scratch"/made/*.deb) archive=$(echo "$scratch"/made/*.tar.gz)
for made in "$deb" "$archive"; do [ -s "$made" ] || fail "no $made was made"; done
dpkg-deb -x "$deb" "$scratch/deb" || fail "$deb cannot be unpacked"
mkdir "$scratch/tgz"
tar -xzf "$archive" -C "$scratch/tgz" --strip-components=1 || fail "$archive cannot be unpacked"

files="bin/graphrag share/doc/graphrag/README.md share/doc/graphrag/CHANGELOG.md
  share/doc/graphrag/docs/configuration.md share/doc/graphrag/graphrag.yaml lib/systemd/system/graphrag.service"
[ ! -e "$root/LICENSE" ] || files+=" share/doc/graphrag/copyright"
for file in $files; do
  for place in "$scratch/deb/usr" "$scratch/tgz"; do [ -s "$place/$file" ] || fail "$place has no $file"; done
done
others=$(find "$scratch/deb/usr" -perm /022 ! -type l | head -n 3)
[ -z "$others" ] || fail "others may write to $others"
dpkg-deb -c "$deb" | awk '$2 != "root/root" { exit 1 }' || fail "files that are not root's"

depends=" $(dpkg-deb -f "$deb" Depends),"
for package in libc6 libstdc++6 libsqlite3-0 libssl3 libpoppler-cpp0v5 poppler-data; do
  case $depends in *" $package "* | *" $package,"*) ;; *) fail "does not depend on $package: $depends" ;; esac
done
[ "$(dpkg-deb -f "$deb" Package)" = graphrag ] || fail "the name: $(dpkg-deb -f "$deb")"

installed=$scratch/deb/usr/bin/graphrag
said=$("$installed" --version) || fail "--version: $said"
case $said in *"$(dpkg-deb -f "$deb" Version)"*) ;; *) fail "the program says $said, the package $(dpkg-deb -f "$deb" Version)" ;; esac
"$installed" config check --config "$scratch/deb/usr/share/doc/graphrag/graphrag.yaml" >"$scratch/out" 2>&1 ||
  fail "the example configuration: $(cat "$scratch/out")"
unit=$scratch/deb/usr/lib/systemd/system/graphrag.service
if command -v systemd-analyze >/dev/null; then
  sed "s|/usr/bin/graphrag|$installed|" "$unit" >"$scratch/graphrag.service"
  said=$(systemd-analyze verify "$scratch/graphrag.service" 2>&1 | grep -F graphrag.service)
  [ -z "$said" ] || fail "the service: $said"
fi

# As the service starts it: no folder to write to but its own, and its place in a variable.
port=$(free_ports) || fail "no free ports"
mkdir "$scratch/state"
(cd / && GRAPHRAG_NODE_DATA=$scratch/state GRAPHRAG_SERVER_LISTEN=127.0.0.1:$port \
  GRAPHRAG_SERVER_ADMIN_LISTEN=127.0.0.1:$((port + 1)) exec "$installed" serve) >"$scratch/served" 2>"$scratch/log" </dev/null &
server=$!
cleanup+=("kill -KILL $server 2>/dev/null")
"$installed" status --url "http://127.0.0.1:$port" --wait 60 >"$scratch/out" || fail "not ready: $(tail -n 5 "$scratch/log")"
kill -TERM "$server"
wait "$server" || fail "the server's exit code after SIGTERM: $?"
exit 0
