#!/usr/bin/env bash
# Builds native libraries: build.sh TARGET... --out FOLDER. Targets: cpu. One whose compiler is
# missing is skipped with one line. Nothing is built again while its sources stay the same.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2 ;;
    *) targets+=("$1"); shift ;;
  esac
done
[ -n "$out" ] || { echo "build.sh: say where to, with --out FOLDER" >&2; exit 2; }
mkdir -p "$out"
out=$(cd "$out" && pwd)

say() { printf 'native: %s\n' "$*"; }

# True when file $1 is younger than all files in the folders that follow.
up_to_date() {
  local file=$1
  shift
  [ -f "$file" ] && [ -z "$(find "$@" "$here/build.sh" -type f -newer "$file" | head -n 1)" ]
}

# Attention on the CPU: libkvcache-cpu-ARCH.so.
cpu() {
  local arch library objects unit
  arch=$(uname -m)
  library=$out/libkvcache-cpu-$arch.so
  if [ "$(uname -s)" != Linux ]; then
    say "cpu skipped: it is for Linux"
    return
  fi
  if ! command -v g++ >/dev/null; then
    say "cpu skipped: g++ was not found"
    rm -f "$library"
    return
  fi
  if up_to_date "$library" "$here/cpu" "$here/math"; then
    return
  fi
  local flags=(-std=c++17 -O3 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -fno-math-errno
    -fno-trapping-math)
  local avx2=(-mavx2 -mfma -mf16c)
  # g++ 12 takes its own header of AVX-512 for uninitialized.
  local avx512=("${avx2[@]}" -mavx512f -mavx512bw -mavx512vl -mavx512dq -Wno-uninitialized
    -Wno-maybe-uninitialized)
  objects=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$objects'" EXIT
  unit() { g++ "${flags[@]}" -c "$here/cpu/$1.cpp" -o "$objects/$2.o" "${@:3}"; }
  unit attention attention
  unit portable portable
  if [ "$arch" = x86_64 ]; then
    unit avx2 avx2 "${avx2[@]}"
    unit avx512 avx512 "${avx512[@]}"
    unit avx512 avx512vnni "${avx512[@]}" -mavx512vnni
  fi
  g++ -shared -o "$objects/library" "$objects"/*.o
  mv "$objects/library" "$library"
  say "cpu built: $(basename "$library")"
}

for target in "${targets[@]}"; do
  case $target in
    cpu) cpu ;;
    *) echo "build.sh: unknown target '$target'; known: cpu" >&2; exit 2 ;;
  esac
done
