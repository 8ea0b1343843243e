#!/usr/bin/env bash
# Builds native libraries and code objects: build.sh TARGET[,TARGET]... --out FOLDER. Targets:
#   cpu    libkvcache-cpu-ARCH.so, attention on the CPU         needs g++
#   emu    libkvcache-emu.so, the GPU kernels on the host       needs g++
#   cuda   kvcache-cuda.fatbin, sm_80 to sm_120a and PTX        needs nvcc and g++
#   hip    kvcache-hip.hipfb, gfx942 and gfx950                 needs clang 20 in $KVCACHE_LLVM
# One whose compiler is missing is skipped with one line, one that is newer than its sources without.
# $KVCACHE_CUDA_ARCHS names architectures, if not all are wanted: "90a".
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
modules=(common bf16 fp8 mxfp4 k8v4 lm16)

say() { printf 'native: %s\n' "$*"; }

# True when file $1 is younger than this script and all files in the folders that follow.
up_to_date() {
  local file=$1
  shift
  [ -f "$file" ] && [ -z "$(cd "$here" && find "$@" build.sh -type f -newer "$file" | head -n 1)" ]
}

# Skips with one line when command $2 of target $1 is missing; a library that is there is too old.
has() {
  command -v "$2" >/dev/null || {
    say "$1 skipped: $2 was not found"
    rm -f "$3"
    return 1
  }
}

# Runs "COMMAND ITEM" for each item, two at a time; fails when one does.
side_by_side() {
  local command=$1 item failed=0
  shift
  local jobs=()
  for item in "$@"; do
    if [ "${#jobs[@]}" -ge "$(nproc)" ]; then
      wait "${jobs[0]}" || failed=1
      jobs=("${jobs[@]:1}")
    fi
    "$command" "$item" &
    jobs+=($!)
  done
  for item in "${jobs[@]}"; do
    wait "$item" || failed=1
  done
  return "$failed"
}

warnings=(-Wall -Wextra -Werror)

cpu() (
  library=$out/libkvcache-cpu-$(uname -m).so
  has cpu g++ "$library" || exit 0
  if up_to_date "$library" cpu math; then
    exit
  fi
  flags=(-std=c++17 -O3 -fPIC -fvisibility=hidden -fno-math-errno -fno-trapping-math
    "${warnings[@]}" -Wno-unknown-pragmas)
  avx2=(-mavx2 -mfma -mf16c)
  # g++ 12 takes its own header of AVX-512 for uninitialized.
  avx512=("${avx2[@]}" -mavx512f -mavx512bw -mavx512vl -mavx512dq -Wno-uninitialized
    -Wno-maybe-uninitialized)
  units=(attention portable)
  if [ "$(uname -m)" = x86_64 ]; then
    units+=(avx2 avx512 avx512vnni)
  fi
  unit() {
    local source=$1 more=()
    case $1 in
      avx2) more=("${avx2[@]}") ;;
      avx512) more=("${avx512[@]}") ;;
      avx512vnni)
        source=avx512
        more=("${avx512[@]}" -mavx512vnni)
        ;;
    esac
    g++ "${flags[@]}" ${more[@]+"${more[@]}"} -c "$here/cpu/$source.cpp" -o "$work/$1.o"
  }
  side_by_side unit "${units[@]}"
  g++ -shared -o "$work/library" "$work"/*.o
  mv "$work/library" "$library"
  rm "$work"/*
  say "cpu built: $(basename "$library")"
)

emu() (
  library=$out/libkvcache-emu.so
  has emu g++ "$library" || exit 0
  if up_to_date "$library" math simt cuda hip emu; then
    exit
  fi
  # Unrolling is for compilers of GPUs; kernels ask for fused operations where they want them.
  flags=(-std=c++17 -O2 -fPIC -ffp-contract=off "${warnings[@]}" -Wno-unknown-pragmas)
  if [ "$(uname -m)" = x86_64 ]; then
    flags+=(-mavx2 -mfma)
  fi
  units=()
  for source in "$here"/emu/*.cpp; do
    name=$(basename "$source" .cpp)
    case $name in
      cuda | sm90 | hip) for module in "${modules[@]}"; do units+=("$name:$module"); done ;;
      *) units+=("$name") ;;
    esac
  done
  unit() {
    case $1 in
      *:*) g++ "${flags[@]}" "-DKV_MODULE_${1#*:}" -c "$here/emu/${1%:*}.cpp" -o "$work/$1.o" ;;
      *) g++ "${flags[@]}" -c "$here/emu/$1.cpp" -o "$work/$1.o" ;;
    esac
  }
  side_by_side unit "${units[@]}"
  g++ -shared -o "$work/library" "$work"/*.o
  mv "$work/library" "$library"
  rm "$work"/*
  say "emu built: $(basename "$library")"
)

cuda() (
  object=$out/kvcache-cuda.fatbin
  has cuda nvcc "$object" || exit 0
  has cuda g++ "$object" || exit 0
  if up_to_date "$object" math simt cuda; then
    exit
  fi
  read -ra archs <<<"${KVCACHE_CUDA_ARCHS:-80 89 90a 100 120a}"
  targets=()
  for arch in "${archs[@]}"; do
    targets+=(-gencode "arch=compute_$arch,code=sm_$arch")
  done
  # As PTX too, which later drivers compile for later devices.
  targets+=(-gencode "arch=compute_80,code=compute_80")
  say "cuda: compiling for sm_${archs[*]}, some minutes"
  nvcc -std=c++17 -O3 -fmad=false --expt-relaxed-constexpr -Werror all-warnings -Xptxas -v \
    --threads 0 -Xfatbin -compress-all -fatbin "${targets[@]}" "${modules[@]/#/-DKV_MODULE_}" "$here/cuda/kernels.cu" \
    -o "$work/fatbin" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
  }
  mv "$work/log" "$out/kvcache-cuda.ptxas.txt"
  mv "$work/fatbin" "$object"
  say "cuda built: $(basename "$object")"
)

hip() (
  object=$out/kvcache-hip.hipfb
  llvm=${KVCACHE_LLVM:-}
  if [ ! -f "$llvm/clang" ]; then
    say "hip skipped: \$KVCACHE_LLVM names no folder with a clang 20"
    exit
  fi
  if up_to_date "$object" math simt hip; then
    exit
  fi
  # The archive that it comes from has neither modes nor links.
  chmod 755 "$llvm"/{clang,lld,llvm-objdump,llvm-readobj,clang-offload-bundler}
  ln -sf libLLVM.so "$llvm/libLLVM.so.20.1"
  ln -sf libclang-cpp.so "$llvm/libclang-cpp.so.20.1"
  ln -sf lld "$llvm/ld.lld"
  unit() {
    "$llvm/clang" -x hip "--offload-arch=$1" --offload-device-only --no-gpu-bundle-output \
      -nogpuinc -nogpulib -fuse-cuid=none -std=c++17 -O3 -ffp-contract=off "${warnings[@]}" \
      "${modules[@]/#/-DKV_MODULE_}" "$here/hip/kernels.hip" -o "$work/$1"
  }
  side_by_side unit gfx942 gfx950
  bundled=host-x86_64-unknown-linux-gnu
  inputs=(-input=/dev/null)
  for arch in gfx942 gfx950; do
    bundled+=,hipv4-amdgcn-amd-amdhsa--$arch
    inputs+=(-input="$work/$arch")
  done
  "$llvm/clang-offload-bundler" -type=o -bundle-align=4096 -targets=$bundled "${inputs[@]}" \
    -output="$work/bundle"
  mv "$work/bundle" "$object"
  say "hip built: $(basename "$object")"
)

out=
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --out)
      out=${2:?"--out needs a folder"}
      shift
      ;;
    *) IFS=, read -ra some <<<"$1" && targets+=("${some[@]}") ;;
  esac
  shift
done
if [ -z "$out" ] || [ "${#targets[@]}" -eq 0 ]; then
  echo "usage: build.sh TARGET[,TARGET]... --out FOLDER; targets: cpu, emu, cuda, hip" >&2
  exit 2
fi
if [ "$(uname -s)" != Linux ]; then
  say "skipped: native code is for Linux"
  exit
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
# Whoever builds into the same folder waits, and then finds it done.
if command -v flock >/dev/null; then
  exec 9<"$out"
  flock 9
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for target in "${targets[@]}"; do
  case $target in
    cpu | emu | cuda | hip) "$target" ;;
    *)
      echo "build.sh: unknown target '$target'; known: cpu, emu, cuda, hip" >&2
      exit 2
      ;;
  esac
done
