#!/usr/bin/env bash
# What abiscope says of five builds of two small programs: tools/demo.sh BUILD_DIR (`make demo` builds first).
set -euo pipefail

build="$(cd "${1:?usage: tools/demo.sh BUILD_DIR}" && pwd)"
sources="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/demo"
abiscope="$build/abiscope"
targets=(--target host --target debian:10/amd64 --target alpine:3.20/amd64)

work="$(mktemp -d "${TMPDIR:-/tmp}/abiscope-demo.XXXXXX")"
trap 'rm -rf "$work"' EXIT
cd "$work"

bold='' plain=''
if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }

show() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; }

# Compiles, and shows the command as one would type it.
make_program() {
    show "$@"
    env GOPROXY=off GOTOOLCHAIN=local GOCACHE="$build/demo-gocache" "$@"
}

# Runs abiscope. 0 (yes), 1 (no) and 3 (cannot tell) are answers; anything else is a failure of the demo.
ask() {
    local code=0
    show "abiscope $*"
    "$abiscope" "$@" || code=$?
    printf '(exit code %d)\n' "$code"
    [[ $code -eq 0 || $code -eq 1 || $code -eq 3 ]]
}

# What a user meets: the shell's line and its exit code.
bash_says() {
    local code=0
    show "$*"
    bash -c '"$@"' bash "$@" 2>&1 || code=$?
    printf '(exit code %d)\n' "$code"
}

cp -r "$sources"/hello "$sources"/hello-c.c .

say "One Go program built four ways, and one C program. The first build for a platform takes a moment."
cd hello
make_program CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -o ../hello.exe
make_program CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o ../hello-arm64
make_program CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o ../hello-go
make_program CGO_ENABLED=1 GOOS=linux GOARCH=amd64 go build -o ../hello-cgo
cd ..
make_program gcc -O2 -o hello-c hello-c.c -pthread -lm

say "1. A Windows program, started here. No crash: the kernel refuses it (ENOEXEC) before any of its code runs, and the shell says so."
bash_says ./hello.exe
ask check hello.exe
say "   What it is, beside the same program built for Linux: two formats, field by field."
ask inspect --only identity,entry,linkage hello.exe hello-go

say "2. The same program for another processor. It runs where a handler for that processor is registered, and nowhere else."
ask inspect --brief hello-arm64
ask check hello-arm64 --target debian:12/amd64

say "3. Without cgo it is static: no libc at all, so every Linux of this processor will do."
ask inspect --brief hello-go
ask check hello-go "${targets[@]}"

say "4. With cgo it is bound to the glibc it was linked with. The symbols that ask for it are named, and so is the cure."
ask inspect --brief hello-cgo
ask check hello-cgo "${targets[@]}"
say "   The first cure, taken: CGO_ENABLED=0 makes the program of number 3, which runs on all of them."

say "5. A C program, linked here: everything that can be known of it."
ask inspect hello-c
ask check hello-c --target debian:10/amd64

say "More: abiscope explain RULE, abiscope resolve FILE --target T, abiscope target list, abiscope --help."
