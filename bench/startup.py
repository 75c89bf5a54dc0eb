#!/usr/bin/env python3
"""How long abiscope takes to start and stop: `abiscope --version`, against /bin/true for what the system itself costs."""
import statistics
import subprocess
import time

import ratios


def milliseconds(command, runs=200):
    """The median of many short runs."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


bench = ratios.Bench(__doc__)
bench.limit("start-up: `abiscope --version`, fork and exit included", milliseconds([bench.abiscope, "--version"]), "ms", at_most=5)
bench.limit("the same of `/bin/true`", milliseconds(["/bin/true"]), "ms")
bench.finish()
