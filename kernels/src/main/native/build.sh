#!/usr/bin/env bash
# Builds native libraries and code objects: build.sh TARGET... --out DIR
#   hip   DIR/kvcache-hip.hipfb, for gfx942 and gfx950. KVCACHE_LLVM is the folder of a clang 20.
# A target whose compiler is missing is left out, and so is one that is newer than its sources.
set -euo pipefail

native=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=

say() { printf 'build.sh: %s\n' "$*"; }

# True if file $1 is newer than this script and all in the folders that follow.
newest() {
  local file=$1
  shift
  [ -f "$file" ] && [ -z "$(cd "$native" && find build.sh "$@" -newer "$file" -print -quit)" ]
}

hip() (
  object=$out/kvcache-hip.hipfb
  llvm=${KVCACHE_LLVM:-}
  if [ ! -f "$llvm/clang" ]; then
    say "hip: left out, KVCACHE_LLVM names no folder with a clang 20"
    exit
  fi
  if newest "$object" math simt hip; then
    exit
  fi
  # The archive that it comes from has neither modes nor links.
  chmod 755 "$llvm"/{clang,lld,llvm-objdump,llvm-readobj,clang-offload-bundler}
  ln -sf libLLVM.so "$llvm/libLLVM.so.20.1"
  ln -sf libclang-cpp.so "$llvm/libclang-cpp.so.20.1"
  ln -sf lld "$llvm/ld.lld"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # All modules at once: HIP reads one list of kernels in a code object, and linking several would
  # leave it as many.
  modules=$(sed -n 's/^#if defined(\(KV_MODULE_.*\))/-D\1/p' "$native/simt/modules.h")
  jobs=()
  inputs=(-input=/dev/null)
  targets=host-x86_64-unknown-linux-gnu
  for arch in gfx942 gfx950; do
    "$llvm/clang" -x hip --offload-arch=$arch --offload-device-only --no-gpu-bundle-output \
      -nogpuinc -nogpulib -fuse-cuid=none -std=c++17 -O3 -ffp-contract=off \
      -Wall -Wextra -Werror $modules "$native/hip/kernels.hip" -o "$work/$arch" &
    jobs+=($!)
    inputs+=(-input="$work/$arch")
    targets+=,hipv4-amdgcn-amd-amdhsa--$arch
  done
  for job in "${jobs[@]}"; do
    wait "$job"
  done
  "$llvm/clang-offload-bundler" -type=o -bundle-align=4096 -targets=$targets "${inputs[@]}" \
    -output="$work/bundle"
  mv "$work/bundle" "$object"
  say "hip: built $object"
)

wanted=()
while [ $# -gt 0 ]; do
  case $1 in
    --out)
      out=${2:?"--out needs a folder"}
      shift
      ;;
    hip) wanted+=("$1") ;;
    *)
      echo "build.sh: there is no target $1; targets: hip" >&2
      exit 2
      ;;
  esac
  shift
done
if [ -z "$out" ] || [ "${#wanted[@]}" -eq 0 ]; then
  echo "usage: build.sh TARGET... --out DIR" >&2
  exit 2
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
for target in "${wanted[@]}"; do
  "$target"
done
