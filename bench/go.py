#!/usr/bin/env python3
"""The insides of a Go program, the go command itself with its symbols, against the tools that come with Go."""
import json
import os
import subprocess

import ratios

bench = ratios.Bench(__doc__)
if bench.need("go against go tool nm", "go"):
    # With its symbols, which `go tool nm` needs; the one that is installed may be stripped.
    program = bench.work / "go"
    subprocess.run(["go", "build", "-o", program, "cmd/go"], check=True, env={**os.environ, "GO111MODULE": "off", "GOFLAGS": ""})
    size = program.stat().st_size / 1e6
    card = ratios.seconds([bench.abiscope, "go", program])
    counts = json.loads(subprocess.run([bench.abiscope, "go", "--json", program], capture_output=True, check=True).stdout)["results"][0]["go"]["counts"]
    bench.compare(f"go of {program.name}, {size:.0f} MB, {counts['functions']} functions, {counts['types']} types: the card", card, "go tool nm -n",
                  ratios.seconds(["go", "tool", "nm", "-n", program]), at_least=1)
    every = ratios.seconds([bench.abiscope, "go", "--functions", "--types", program])
    bench.compare("the same, every function with its lines and every type printed", every, "go tool nm -n (functions only, no lines)",
                  ratios.seconds(["go", "tool", "nm", "-n", program]))
    bench.compare("the card, which holds what the other prints", card, "go version -m (build information only)", ratios.seconds(["go", "version", "-m", program]))
    bench.limit("memory of the card", ratios.peak_megabytes([bench.abiscope, "go", program]), "MB", at_most=100)
bench.finish()
