# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by bench/characterize, tests/run and .ci/run: finds what the build needs, installs what is missing where that
# is allowed, configures and builds. What is found (modules, CMAKE_PREFIX_PATH, CXX) is never replaced: CMake is asked
# first, and only what it does not find is installed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
may_install=${COLOSSUS_INSTALL_PACKAGES:-no}

say() { printf '%s: %s\n' "${0#"$root"/}" "$*" >&2; }
stop() { say "$1"; exit "${2:-5}"; }
have() { command -v "$1" >/dev/null 2>&1; }

# Debian's packages for what CMake calls by the name $1.
packages_of() {
  case $1 in
    compiler) echo g++ ;;
    cmake) echo cmake ;;
    generator) echo ninja-build ;;
    GoogleTest) echo libgtest-dev ;;
    benchmark) echo libbenchmark-dev ;;
    CLI11) echo libcli11-dev ;;
    nlohmann_json) echo nlohmann-json3-dev ;;
    MPI) echo libopenmpi-dev openmpi-bin ;;
    clang) echo clang ;;
    clang-format) echo clang-format ;;
    python3) echo python3 ;;
    report) echo python3-pandas python3-plotly ;;
    chromium) echo chromium ;;
  esac
}

# apt-get install "$@", with fresh package lists where the old ones are not enough. Silent unless it fails.
apt_install() {
  local as_root=() log
  [ "$EUID" -eq 0 ] || as_root=(sudo)
  log=$(mktemp)
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@")
  "${install[@]}" >"$log" 2>&1 </dev/null ||
    { "${as_root[@]}" apt-get update && "${install[@]}"; } >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; return 1; }
  rm -f "$log"
}

# True where packages may be installed: root; sudo with --install, or after a yes on a terminal.
allowed_to_install() {
  have apt-get || return 1
  [ "$EUID" -eq 0 ] && return
  have sudo || return 1
  [ "$may_install" = yes ] && return
  [ -t 0 ] && [ -t 2 ] || return 1
  local answer
  read -r -p "Install them with sudo apt-get? [y/N] " answer
  [[ $answer == [yY]* ]]
}

# Installs the packages of the names "$@"; stops with the line to run where that is not allowed.
install_missing() {
  local packages=() name
  for name in "$@"; do packages+=($(packages_of "$name")); done
  say "missing: $* (Debian packages: ${packages[*]})"
  allowed_to_install || stop "install them: sudo apt-get install -y ${packages[*]}"
  say "installing them"
  apt_install "${packages[@]}" || stop "apt-get could not install ${packages[*]}"
}

# What is missing before CMake can be asked for the rest.
missing_tools() {
  [ -n "${CXX:-}" ] || have c++ || have g++ || have clang++ || echo compiler
  have cmake || echo cmake
  [ -n "${CMAKE_GENERATOR:-}" ] || have ninja || have make || echo generator
}

# A guess at what CMake will not find, for one question instead of two while there is no CMake to ask.
guess_missing() {
  local name header folder prefixes=${CMAKE_PREFIX_PATH:-}
  for name in "$@"; do
    case $name in
      GoogleTest) header=gtest/gtest.h ;;
      benchmark) header=benchmark/benchmark.h ;;
      CLI11) header=CLI/CLI.hpp ;;
      nlohmann_json) header=nlohmann/json.hpp ;;
      MPI) have mpicxx && continue; header=mpi.h ;;
    esac
    for folder in ${prefixes//[:;]/ } /usr /usr/local; do [ -e "$folder/include/$header" ] && continue 2; done
    echo "$name"
  done
}

require_versions() {
  local compiler version
  for compiler in "${CXX:-}" c++ g++ clang++; do [ -n "$compiler" ] && have "${compiler%% *}" && break; done
  $compiler -std=c++20 -fsyntax-only -x c++ - >/dev/null 2>&1 <<<$'#include <concepts>\n#include <source_location>\n#include <span>' ||
    stop "$compiler does not compile C++20: g++ 11 or clang 14 at least is needed; name one in CXX"
  version=$(cmake --version | sed -n '1s/[^0-9]*//p')
  [ "$(printf '%s\n3.23\n' "$version" | sort -V | head -n 1)" = 3.23 ] ||
    stop "cmake $version is too old: 3.23 at least is needed; put one first in PATH"
}

# Those of "$@" that the configured build $1 did not find.
not_found() {
  local build=$1 name
  shift
  for name in "$@"; do grep -sx "$name" "$build/missing" || true; done
}

configured() { [ -f "$1/missing" ] && { [ -f "$1/build.ninja" ] || [ -f "$1/Makefile" ]; }; }

configure() {  # preset [arguments of cmake...]
  local generator=()
  [ -n "${CMAKE_GENERATOR:-}" ] || [ -f "$root/build/$1/CMakeCache.txt" ] || ! have ninja || generator=(-G Ninja)
  (cd "$root" && cmake --preset "$1" "${generator[@]}" "${@:2}" >&2) || stop "the configuration failed" 4
}

# prepare PRESET "NEEDED names" "WANTED names": configures build/PRESET with what is needed, and with what is wanted
# where that can be had. At once where that was done before.
prepare() {
  local preset=$1 build=$root/build/$1 needed=$2 wanted=$3 missing optional
  if ! configured "$build" || [ -n "$(not_found "$build" $needed)" ] || [ "$may_install" = yes ]; then
    missing=$(missing_tools)
    [ -z "$missing" ] || install_missing $missing $(guess_missing $needed $wanted)
    require_versions
    configure "$preset"
    missing=$(not_found "$build" $needed)
    optional=$(not_found "$build" $wanted)
    [ "$EUID" -eq 0 ] || [ "$may_install" = yes ] || [ -n "$missing" ] || optional=""
    if [ -n "$missing$optional" ]; then
      (install_missing $missing $optional) || [ -z "$missing" ] || exit 5
      configure "$preset"
    fi
    missing=$(not_found "$build" $needed)
    [ -z "$missing" ] || stop "CMake still does not find: "$missing
  fi
  optional=$(not_found "$build" $wanted)
  [ -z "$optional" ] || say "left out, as it was not found: "$optional
}

# As many compilers at a time as there are cores, and 2 GB of memory each.
jobs_here() {
  local cores memory
  cores=$(nproc 2>/dev/null || echo 2)
  memory=$(awk '/MemAvailable/ {print int($2 / 2e6)}' /proc/meminfo 2>/dev/null || echo "$cores")
  [ "${memory:-0}" -ge 1 ] || memory=1
  echo $((cores < memory ? cores : memory))
}

build() {  # preset [target...]
  local preset=$1
  shift
  cmake --build "$root/build/$preset" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(jobs_here)}" \
    ${1:+--target "$@"} >&2 || stop "the build failed" 4
}

# Takes --install out of the arguments: they come back in the array `arguments`.
take_install_flag() {
  arguments=()
  local argument
  for argument in "$@"; do
    if [ "$argument" = --install ]; then may_install=yes; else arguments+=("$argument"); fi
  done
}
