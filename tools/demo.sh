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

cp -r "$sources"/hello "$sources"/hello-c.c .

say "One Go program for three platforms, with and without cgo, and one C program. The first build for a platform takes a moment."
cd hello
make_program CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -o ../hello.exe
make_program CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o ../hello-arm64
make_program CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o ../hello-go
make_program CGO_ENABLED=1 GOOS=linux GOARCH=amd64 go build -o ../hello-cgo
cd ..
make_program gcc -O2 -o hello-c hello-c.c -pthread -lm

say "1. A Windows program. What is it, and what does Linux do with it? The kernel refuses it; no crash is involved."
ask inspect hello.exe
ask check hello.exe "${targets[@]}"

say "2. A Go program for another processor. It runs where a handler for that processor is registered, and nowhere else."
ask inspect hello-arm64
ask check hello-arm64 "${targets[@]}"

say "3. The same Go program for this processor, without cgo: static, no libc at all, so every Linux of this processor will do."
ask inspect hello-go
ask check hello-go "${targets[@]}"

say "4. With cgo it is bound to the glibc it was linked with. The symbols that ask for it are named, and so is the cure."
ask inspect hello-cgo
ask check hello-cgo "${targets[@]}"

say "5. A C program, linked here: dynamic, and the older system lacks the versions it asks for."
ask inspect hello-c
ask check hello-c "${targets[@]}"

say "6. The first and the third are one program: side by side, field by field."
ask inspect hello.exe hello-go

say "More: abiscope explain RULE, abiscope resolve FILE --target T, abiscope target list, abiscope --help."
