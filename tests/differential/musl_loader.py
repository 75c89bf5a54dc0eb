"""abiscope's simulation of musl's dynamic loader against the real one: verdict, text, exit code or signal, and the list of objects.

Cases come from musl/*_cases.py and, for each seed, from musl/musl_trees.py. Every case is built once and started under each version of
musl that can be had: the installed one, and those of other Debian releases, unpacked into a cache outside the source tree
(ABISCOPE_TEST_CACHE, or ~/.cache/abiscope-tests). A version that cannot be fetched is skipped, with the reason.
"""
import concurrent.futures
import os
import pathlib
import re
import signal
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "musl"
sys.path.insert(0, str(FOLDER))

import differential
import musl_builder
import musl_trees
import musl_versions
import named_cases

LIST_LINE = re.compile(r"^\t(.*) => (.*) \((?:0x)?[0-9a-f]+\)$")


def options(parser):
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds to try, from --seed on")
    parser.add_argument("--trees", type=int, default=20, help="random trees of libraries per seed")
    parser.add_argument("--musl", default="", help="try this version only")


def build(builder, made):
    try:
        made(builder)
        builder.finish()
        return None
    except Exception as problem:   # told where the case is counted
        return problem


def start(builder, arguments):
    command = [*arguments]
    if builder.chroot:
        command = ["chroot", str(builder.root), *command]
    if builder.user:
        command = ["setpriv", f"--reuid={builder.user}", f"--regid={builder.user}", "--clear-groups", *command]
    command = ["env", *(f"{name}={value}" for name, value in builder.environment.items()), *command]
    return differential.run(command, seconds=20, cwd=builder.directory, env={"PATH": os.environ["PATH"]})


def question(builder, version):
    return {"program": builder.program, "root": str(builder.root) if builder.chroot else "/", "loader": builder.loader, "version": version,
            "environment": builder.environment, "directory": "/" if builder.chroot else builder.directory, "uid": builder.user,
            "gid": builder.user, "traces": True}


def objects(builder, answer):
    """What dl_iterate_phdr shows: every object in load order. The loader has one entry for each of its names here."""
    paths = []
    for library in answer["libraries"]:
        if library["path"] and (library["path"] != builder.loader or builder.loader not in paths):
            paths.append(library["path"])
    return paths


def compare(suite, builder, version, answer):
    suite.true("abiscope cannot answer: " + answer.get("error", ""), "error" not in answer)
    context = f"{builder.folder}\nabiscope: {answer['verdict']} {answer['message']} {[(p['kind'], p['reason']) for p in answer['problems']]}"
    for problem in answer["problems"]:
        suite.true("a problem without a place", problem["places"] > 0, context)
    if builder.open_question:
        suite.true("abiscope knows more than it can", answer["verdict"] in ("unknown", "conditional"), context)
        suite.true("the missing evidence is not named", any(builder.open_question in problem["reason"] for problem in answer["problems"]), context)
    if not builder.runnable:
        return
    real = start(builder, [builder.program])
    told = real.err.rstrip("\n")
    context = f"stderr: {told}\n{context}"
    suite.true("the real one took too long", not real.timed_out, context)
    expected = builder.expected.get(version, builder.expected["*"])
    if expected is not None:
        suite.equal("the case is not what its name says: exit code", real.code, expected, context)
    if builder.open_question:
        return
    runs = real.code == 0
    suite.equal("verdict", "runs" if runs else "fails", answer["verdict"], context)
    suite.equal("text", told, answer["message"]["text"], context)
    if runs:
        if builder.talks:
            suite.equal("objects", real.out.splitlines(), objects(builder, answer), context)
    else:
        suite.equal("exit code", real.code, answer["message"]["exit_code"], context)
        suite.equal("signal", signal.Signals(real.signal).name if real.signal else "", answer["message"]["signal"], context)
    if builder.listable:
        compare_list(suite, builder, answer, context)


def compare_list(suite, builder, answer, context):
    """`ld-musl --list`, which also shows what was found before the first failure."""
    listed = start(builder, [builder.loader, "--list", builder.program])
    if listed.signal:
        return
    real = [match.groups() for match in map(LIST_LINE.match, listed.out.splitlines()) if match]
    ours = [(library["name"], library["path"]) for library in answer["libraries"][1:]
            if library["path"] and library["name"] != builder.loader]
    suite.equal("list", real, ours, context)


def main():
    suite = differential.Suite(__doc__, options)
    os.chmod(suite.work, 0o755)
    cases = named_cases.of_folder(FOLDER)
    for seed in range(suite.options.seed, suite.options.seed + suite.options.seeds):
        for number in range(suite.options.trees):
            cases[f"tree.{seed}.{number}"] = musl_trees.tree(seed, number)
    cases = {name: made for name, made in cases.items() if suite.wanted(name)}
    for reason in musl_builder.obstacles(suite.work):
        with suite.case("everything"):
            suite.skip(reason)
        return suite.finish()

    stubs = musl_builder.Stubs(suite.work / "stubs")
    builders = {name: musl_builder.Builder(suite.work / re.sub(r"[^\w.-]", "_", name), stubs) for name in cases}
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        problems = dict(zip(cases, pool.map(lambda name: build(builders[name], cases[name]), cases)))
    for name, problem in problems.items():
        if problem is not None:
            with suite.case(name):
                raise differential.Failure(f"not built: {problem}")

    for version, unpack in musl_versions.VERSIONS.items():
        if suite.options.musl not in ("", version):
            continue
        try:
            libc = unpack()
        except musl_versions.Unreachable as reason:
            with suite.case(f"musl {version}"):
                suite.skip(f"musl {version}: {reason}")
            continue
        names = [name for name in cases if problems[name] is None]
        for name in names:
            builders[name].install(libc)
        asked = musl_builder.ask(differential.dump_program("musl_dump"), [question(builders[name], version) for name in names])
        for name, answer in zip(names, asked):
            with suite.case(f"{name} (musl {version})"):
                compare(suite, builders[name], version, answer)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
