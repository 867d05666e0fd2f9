# shellcheck shell=bash disable=SC2034,SC2016  # constants for the callers; text for another shell
# Shared by ./run and ./test: packages, preflight and build. Sourced, never run by itself.
# Everything it says goes to standard error; standard output belongs to results.

readonly EXIT_FAILED=1 EXIT_USAGE=2 EXIT_PACKAGES=3 EXIT_PORT=4
readonly NEED_FREE_GB=6
# Minutes on one core, measured from an empty compiler cache.
readonly BUILD_CORE_MINUTES=18

say() { printf '%s\n' "$*" >&2; }
die() { # die CODE MESSAGE...
  local code=$1
  shift
  say "error: $*"
  exit "$code"
}

read_packages() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$@"; }

# missing_packages FILE...: the packages of the lists that are not installed, one a line. Asks dpkg
# only, so it works offline and as anybody.
missing_packages() {
  local wanted
  mapfile -t wanted < <(read_packages "$@" | sort -u)
  comm -23 <(printf '%s\n' "${wanted[@]}") \
    <(dpkg-query -W -f='${db:Status-Abbrev}|${Package}\n' "${wanted[@]}" 2>/dev/null |
      sed -n 's/^.i[^|]*|//p' | sort -u)
}

# download_size PACKAGE...: what apt would fetch, in words.
download_size() {
  local bytes
  bytes=$(apt-get --print-uris -y --no-install-recommends install "$@" 2>/dev/null |
    awk '$3 ~ /^[0-9]+$/ { sum += $3 } END { printf "%.0f", sum / 1000000 }')
  if [ "${bytes:-0}" -gt 0 ]; then echo "$bytes MB"; else echo "up to 170 MB (apt has no lists yet)"; fi
}

available_gib() { # memory that can be had: the machine's, or the container's if that is less
  local kib limit
  kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    limit=$(cat "$file" 2>/dev/null) || continue
    case $limit in '' | *[!0-9]*) continue ;; esac
    if [ ${#limit} -lt 16 ] && [ $((limit / 1024)) -lt "$kib" ]; then kib=$((limit / 1024)); fi
  done
  echo $((kib / 1024 / 1024))
}

build_jobs() { # one compiler needs up to 1 GiB
  local cores gib
  cores=$(nproc)
  gib=$(available_gib)
  [ "$gib" -lt "$cores" ] && cores=$gib
  [ "$cores" -ge 1 ] || cores=1
  echo "$cores"
}

# preflight BUILDS LISTS...: says what is about to happen; stops when the disk is too small.
preflight() {
  local builds=$1 missing=() free_gb jobs download="nothing" minutes
  shift
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] || download="$(download_size "${missing[@]}") for ${#missing[@]} packages"
  free_gb=$(df -Pk . | awk 'NR == 2 { printf "%d", $4 / 1024 / 1024 }')
  jobs=$(build_jobs)
  if [ "$builds" = 0 ]; then
    minutes="less than a minute"
  else
    minutes="at most about $((builds * (BUILD_CORE_MINUTES + jobs - 1) / jobs + 1)) minutes (seconds when nothing changed)"
  fi
  say "download  $download"
  say "disk      $free_gb GB free, $NEED_FREE_GB GB needed"
  say "memory    $(available_gib) GiB available, $(nproc) cores: $jobs compilers at once"
  say "time      $minutes"
  [ "$free_gb" -ge "$NEED_FREE_GB" ] ||
    die $EXIT_FAILED "only $free_gb GB free in $PWD, the build needs $NEED_FREE_GB GB"
}

# The only part that needs root. A guard keeps apt from starting daemons of packages that are only
# wanted for their tools or for private test servers.
readonly INSTALL_AS_ROOT='
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
  trap "rm -f $guard" EXIT
  trap "exit 130" INT TERM
  printf "#!/bin/sh\nexit 101\n" >"$guard" && chmod 755 "$guard"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends "$@"'

# install_packages FILE...: installs what is missing; does not touch apt when nothing is.
install_packages() {
  local missing=() line
  command -v dpkg-query >/dev/null ||
    die $EXIT_PACKAGES "this is not Debian 12; the libraries that it needs are listed in $*"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" = 0 ]; then
    sh -c "$INSTALL_AS_ROOT" sh "${missing[@]}" </dev/null >&2 || die $EXIT_PACKAGES "apt failed: $line"
  elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    say "sudo is needed for one line: $line"
    sudo sh -c "$INSTALL_AS_ROOT" sh "${missing[@]}" >&2 || die $EXIT_PACKAGES "apt failed: $line"
  else
    say "Some packages are missing. As root, once:"
    say ""
    say "  $line"
    say ""
    exit $EXIT_PACKAGES
  fi
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -eq 0 ] || die $EXIT_PACKAGES "still missing after apt: ${missing[*]}"
}

# build PRESET CONFIGURE-ARGS... -- BUILD-ARGS...
build() {
  local preset=$1 configure=() home
  shift
  while [ $# -gt 0 ] && [ "$1" != "--" ]; do
    configure+=("$1")
    shift
  done
  [ $# -eq 0 ] || shift
  # A tree that was copied or moved brings a cache that names its old place.
  home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "build/$preset/CMakeCache.txt" 2>/dev/null || true)
  if [ -n "$home" ] && [ "$home" != "$PWD" ]; then rm -rf "build/$preset"; fi
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  cmake --preset "$preset" "${configure[@]}" >&2 </dev/null &&
    cmake --build "build/$preset" -j "$(build_jobs)" "$@" >&2 </dev/null
}
