#!/usr/bin/env bash
# Kernels on a real GPU: builds them, checks them, compares them with the emulation, times them.
#   bench/gpu/run.sh [--quick] [--out FOLDER]     needs nvcc, g++ and NVIDIA's driver, no JDK
#   bench/gpu/run.sh --emulated [--quick]         only the checks, in the emulation; needs g++
# Where a JDK is, it ends with ./kvcache kernels check, which takes the way of the JVM.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
native=$root/kernels/src/main/native
quick=()
emulated=
out=$here/../target/gpu
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=(--quick) ;;
    --emulated) emulated=1 ;;
    --out)
      out=${2:?"--out needs a folder"}
      shift
      ;;
    *)
      echo "run.sh: unknown option '$1'; known: --quick, --emulated, --out FOLDER" >&2
      exit 2
      ;;
  esac
  shift
done

step() { printf '\n=== %s\n' "$*"; }
need() {
  command -v "$1" >/dev/null || {
    echo "run.sh: $1 was not found; $2" >&2
    exit 2
  }
}

need g++ "install a C++ compiler"
mkdir -p "$out"
out=$(cd "$out" && pwd)
flags=(-std=c++17 -O2 -Wall -Wextra -Werror -Wno-unknown-pragmas -ffp-contract=off
  -I"$here" -I"$native/simt" -I"$native/math" -I"$native/emu")
emulation=(-L"$out" -lkvcache-emu "-Wl,-rpath,$out")

if [ -n "$emulated" ]; then
  step "build"
  # Where Maven has it too.
  built=$root/kernels/target/classes/META-INF/native
  "$native/build.sh" emu --out "$built"
  built=$(cd "$built" && pwd)
  g++ "${flags[@]}" "$here"/{check,reference,backend_emu,open}.cpp \
    -L"$built" -lkvcache-emu "-Wl,-rpath,$built" -o "$out/check"
  for target in emu-cuda emu-sm90 emu-hip; do
    step "check $target"
    "$out/check" "$target" - "${quick[@]}"
  done
  exit
fi

need nvcc "install the CUDA toolkit, or give --emulated"
nvidia-smi >/dev/null 2>&1 || {
  echo "run.sh: nvidia-smi finds no GPU; give --emulated to check without one" >&2
  exit 2
}
major=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1)
case $major in
  8.9) arch=89 ;;
  9.*) arch=90a ;;
  10.*) arch=100 ;;
  12.*) arch=120a ;;
  *) arch=80 ;;
esac
include=$(dirname "$(command -v nvcc)")/../include

step "build for sm_$arch"
"$native/build.sh" emu --out "$out"
KVCACHE_CUDA_ARCHS=$arch "$native/build.sh" cuda --out "$out"
g++ "${flags[@]}" -DKV_WITH_CUDA -isystem "$include" \
  "$here"/{check,reference,backend_emu,backend_cuda,open}.cpp "${emulation[@]}" -ldl -o "$out/check"
g++ "${flags[@]}" -isystem "$include" "$here"/{bench,reference,backend_cuda}.cpp -ldl \
  -o "$out/bench"

step "check on the GPU"
"$out/check" cuda "$out/kvcache-cuda.fatbin" "${quick[@]}" --write "$out/real.bin"

step "compare with the emulation"
twin=emu-cuda
[ "$arch" != 90a ] || twin=emu-sm90
"$out/check" "$twin" - "${quick[@]}" --write "$out/emulated.bin" >/dev/null
"$out/check" --compare "$out/real.bin" "$out/emulated.bin"

step "time"
{
  date -u +%Y-%m-%dT%H:%M:%SZ
  nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,clocks.max.mem --format=csv,noheader
  "$out/bench" "$out/kvcache-cuda.fatbin" --json "$out/decode.json"
  if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    python3 "$here/sdpa.py"
  else
    echo "PyTorch with CUDA was not found: no comparison with its attention"
  fi
} | tee "$out/decode.txt"

if [ -x "$root/kvcache" ] && command -v java >/dev/null && command -v mvn >/dev/null; then
  step "check through the JVM"
  "$root/kvcache" kernels check --backend cuda
fi
step "done: $out/decode.txt, $out/decode.json"
