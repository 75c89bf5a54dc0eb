# A thin door to the presets of CMakePresets.json: `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 600
# The targets below run cmake and ninja themselves; `make -j` has nothing to add.
.NOTPARALLEL:
.PHONY: help build demo test bench fuzz lint goldens install clean

help:                ## this list
	@grep -hE '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 20

build:               ## optimised program in build/release
	@tools/install-dependencies build
	@cmake --preset release
	@cmake --build --preset release -j $(JOBS)

demo: build          ## build, compile two small programs, and see what abiscope says of them
	@tools/install-dependencies demo
	@tools/demo.sh build/release

test:                ## every test, under sanitizers
	@tools/install-dependencies test
	@cmake --preset sanitize
	@cmake --build --preset sanitize -j $(JOBS)
	@ctest --preset sanitize -j $(JOBS)

bench:               ## ratios against other tools, into docs/benchmarks.md
	@tools/install-dependencies bench
	@cmake --preset bench
	@cmake --build --preset bench -j $(JOBS)
	@tools/bench.py --build build/bench --output docs/benchmarks.md

fuzz:                ## every fuzz target for FUZZ_SECONDS (600) each
	@tools/install-dependencies fuzz
	@cmake --preset fuzz
	@cmake --build --preset fuzz -j $(JOBS)
	@tools/fuzz.py --build build/fuzz --seconds $(FUZZ_SECONDS) --jobs $(JOBS)

lint:                ## arrows between rooms, format, clang-tidy, rule pages, scripts
	@tools/install-dependencies lint
	@cmake --preset tidy
	@cmake --build --preset tidy -j $(JOBS)
	@tools/lint.py --build build/tidy --jobs $(JOBS)

goldens:             ## rewrite the expectations of tests/golden
	@tools/install-dependencies build
	@cmake --preset release
	@cmake --build --preset release -j $(JOBS)
	@ABISCOPE_UPDATE_GOLDENS=1 tests/golden/run.py --abiscope build/release/abiscope
	@git diff --stat -- tests/golden

install: build       ## into PREFIX (/usr/local); DESTDIR is heeded
	@cmake --install build/release --prefix $(PREFIX)

clean:               ## remove what was built
	@rm -rf build .cache
