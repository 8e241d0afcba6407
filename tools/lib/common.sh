# Shared by the scripts in tools/. Source it; it moves to the top of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly top="$PWD"
readonly jobs="${JOBS:-$(nproc)}"

say() { printf '%s\n' "$*"; }
die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Objects are found again from another clone or build directory: no absolute path enters the key.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$top}" CCACHE_NOHASHDIR=1
export NINJA_STATUS='  [%f/%t, %es] '

# build PRESET TARGET...: configures, then builds. The configure step speaks only when it fails.
build() {
    local preset="$1" log
    shift
    log="$(cmake --preset "$preset" 2>&1)" || {
        printf '%s\n' "$log" >&2
        return 1
    }
    ninja -C "build/$preset" -j "$jobs" "$@"
}
