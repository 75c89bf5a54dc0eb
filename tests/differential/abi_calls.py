#!/usr/bin/env python3
"""abiscope's calling-convention engine against the compilers: generated signatures are called with recognisable arguments, a naked callee
saves every register and the stack, and each byte of each argument and result must be where the engine says."""
import pathlib
import random
import sys

import differential

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "abi"))

import calls_abis  # noqa: E402
import calls_generate  # noqa: E402
import calls_go  # noqa: E402
import calls_program  # noqa: E402
import calls_run  # noqa: E402

CHUNK = 60


def options(parser):
    parser.add_argument("--signatures", type=int, default=40, help="for each ABI")
    parser.add_argument("--report", type=int, default=5, help="differences shown for each ABI")
    parser.add_argument("--keep", action="store_true", help="keep the generated programs")


def compare_abi(suite, abi):
    seed = random.Random(f"{suite.options.seed} {abi.title}")
    if abi.language == "cxx":
        generator = calls_generate.CxxGenerator(seed, abi.features)
    else:
        generator = calls_generate.Generator(seed, abi.features, abi.language, abi.variadic, abi.first_pointer)
    signatures = [generator.signature(i) for i in range(suite.options.signatures)]
    folder = suite.work / abi.title.replace("/", "-").replace(" ", "-").replace("(", "").replace(")", "")
    folder.mkdir(parents=True, exist_ok=True)
    problems, explained, failed = [], 0, 0
    chunks = [(start, signatures[start:start + CHUNK]) for start in range(0, len(signatures), CHUNK)]
    while chunks:
        start, chunk = chunks.pop()
        calls = calls_run.ask_engine(abi, chunk)
        program = calls_program.Program(abi.machine, chunk, calls, abi.language, abi.attribute, abi.format, abi.x87, abi.entry)
        try:
            path = calls_run.build(abi, program, folder, start)
        except calls_run.OracleFailed:   # of one signature, or more: the others are compared all the same
            half = len(chunk) // 2
            failed += len(chunk) == 1
            if len(chunk) > 1:
                chunks += [(start, chunk[:half]), (start + half, chunk[half:])]
            elif suite.options.verbose:
                print(f"{abi.title}: the compiler died of {chunk[0]}")
            continue
        seen = calls_run.execute(abi, path, len(chunk))
        for signature, call, blocks in zip(chunk, calls, seen):
            lines = calls_run.compare(abi, signature, call, blocks)
            if lines and abi.known and abi.known(signature):
                explained += 1
            elif lines:
                problems.append(lines)
    return len(signatures) - failed, explained, failed, problems


def report(suite, title, count, problems, explained=0, failed=0):
    also = f", {explained} differ as docs/abi/calls.md explains" if explained else ""
    also += f"; oracle failed: the compiler died of {failed} more" if failed else ""
    suite.true(f"the compiler died of {failed} signatures, and compiled {count}", failed * 20 <= count)
    print(f"{title}: {count - len(problems) - explained} of {count} signatures agree{also}", flush=True)
    suite.true(f"{len(problems)} of {count} signatures differ", not problems,
               "\n".join("\n    ".join(lines) for lines in problems[:suite.options.report]))


def main():
    suite = differential.Suite(__doc__, options)
    for abi in calls_abis.ABIS:
        if not suite.wanted(abi.title):
            continue
        with suite.case(abi.title):
            suite.need(abi.compiler[0], abi.machine.compiler[0], *abi.machine.emulator, *abi.needs())
            count, explained, failed, problems = compare_abi(suite, abi)
            report(suite, abi.title, count, problems, explained, failed)
    for abi in calls_go.ABIS:
        if not suite.wanted(abi.title):
            continue
        with suite.case(abi.title):
            suite.need("go", *abi.emulator)
            count, problems = calls_go.compare_abi(suite, abi, random.Random(f"{suite.options.seed} {abi.title}"), suite.options.signatures)
            report(suite, abi.title, count, problems)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
