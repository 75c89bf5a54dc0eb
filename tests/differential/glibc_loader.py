"""abiscope's simulation of glibc's dynamic loader against the real one: verdict, text, exit code or signal, and the list of libraries.

Cases come from glibc/*_cases.py and, for each seed, from glibc/glibc_trees.py. Every case is built once, in a root of its own, and started
there under each glibc that can be had: the installed one, and those of other Debian releases, unpacked into a cache outside the source
tree (ABISCOPE_TEST_CACHE, or ~/.cache/abiscope-tests). A release that cannot be fetched is skipped, with the reason.
"""
import concurrent.futures
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "glibc"
sys.path.insert(0, str(FOLDER))

import differential
import glibc_builder
import glibc_dump
import glibc_trees
import glibc_versions
import named_cases


def options(parser):
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds to try, from --seed on")
    parser.add_argument("--trees", type=int, default=60, help="random trees of libraries per seed")
    parser.add_argument("--release", default="", help="try this release only: installed, bullseye, trixie, sid")


def build(builder, made):
    try:
        made(builder)
        builder.finish()
        return None
    except Exception as problem:   # told where the case is counted
        return problem


def start(builder, **environment):
    """The real one, in the case's root. Exit code as a shell would show it."""
    try:
        done = subprocess.run([builder.program], env={**builder.environment, **environment}, preexec_fn=builder.enter, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        raise differential.Failure("the real one took too long") from None
    return differential.Outcome([builder.program], done.returncode, done.stdout.decode("utf-8", "backslashreplace"),
                                done.stderr.decode("utf-8", "backslashreplace"), False)


def question(builder, libc, cpu):
    return {"program": builder.program, "root": str(builder.root), "loader": builder.loader, "libc": libc.version, "cwd": builder.directory,
            "uid": builder.user, "gid": builder.user, "kernel": platform.release(), "dirs": glibc_dump.DEBIAN_DIRECTORIES, **cpu,
            **{f"env.{name}": value for name, value in builder.environment.items()}}


def compare(suite, builder, version, answer):
    real = start(builder)
    told = real.err.rstrip("\n")
    context = f"{builder.root}\nstderr: {told}\nabiscope: {answer['verdict']} {answer['message']} {[(p['kind'], p['reason']) for p in answer['problems']]}"
    for problem in answer["problems"]:
        suite.true("a problem without a place", problem["places"] > 0, context)
    expected = builder.expected_for(version)
    if expected is not None:
        suite.equal("the case is not what its name says: exit code", real.code, expected, context)
    words = builder.unknown.get(version, builder.unknown.get("*"))
    if words:
        suite.true("abiscope knows more than it can", answer["verdict"] in ("unknown", "conditional"), context)
        suite.true("the missing evidence is not named", any(words in problem["reason"] for problem in answer["problems"]), context)
        return
    lazy = builder.lazy or (builder.random and answer["verdict"] == "conditional")
    if lazy:
        suite.equal("verdict", "conditional", answer["verdict"], context)
        suite.true("nothing is missing when everything is bound at start", builder.user or start(builder, LD_BIND_NOW="1").code != 0, context)
    else:
        suite.equal("verdict", "runs" if real.code == 0 else "fails", answer["verdict"], context)
    if real.code != 0 or not lazy:
        suite.equal("text", told, answer["message"]["text"], context)
    if real.code != 0:
        suite.equal("exit code", real.code, answer["message"].get("exit_code"), context)
        suite.equal("signal", signal.Signals(real.signal).name if real.signal else "", answer["message"].get("signal", ""), context)
    if builder.listed:
        compare_list(suite, builder, answer, context)


def compare_list(suite, builder, answer, context):
    """What the loader says it would load: in trace mode a library that is not there does not stop it."""
    real = start(builder, LD_TRACE_LOADED_OBJECTS="1")
    if real.code != 0:
        suite.true("abiscope goes on where the real one stops", answer["verdict"] != "runs", context)
        return
    if "\tstatically linked" in real.out:   # said of every program without DT_NEEDED, whatever is preloaded
        return
    wanted, found = glibc_dump.traced(real.out), glibc_dump.libraries(answer)
    # The loader is listed when somebody needs it, and since 2.37 always; where it stands says nothing once a library is missing.
    if any(path == "" for _, path in wanted) or not any(name == builder.loader for name, _ in wanted):
        wanted, found = ([entry for entry in entries if entry[0] != builder.loader] for entries in (wanted, found))
    # A library that is missing is listed for each one who asks.
    wanted = [entry for index, entry in enumerate(wanted) if entry[1] or entry not in wanted[:index]]
    suite.equal("list", wanted, found, context)


def folder_of(name):
    return re.sub(r"[^\w.-]", "_", name)


def build_all(suite, cases, builders):
    """Builds every case; the names of those that could be."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        problems = dict(zip(cases, pool.map(lambda name: build(builders[name], cases[name]), cases)))
    for name, problem in problems.items():
        if problem is not None:
            with suite.case(name):
                raise differential.Failure(f"not built: {problem!r}")
    return [name for name in cases if problems[name] is None]


def own_copies(libc, folder):
    """The loader and library within reach of ordinary users; the roots get links to them."""
    folder.mkdir(parents=True)
    for name in ("loader", "library"):
        source = getattr(libc, name)
        setattr(libc, name, pathlib.Path(shutil.copy(source, folder / name)))


def main():
    suite = differential.Suite(__doc__, options)
    suite.work.chmod(0o755)
    for reason in glibc_builder.obstacles(suite.work):
        with suite.case("everything"):
            suite.skip(reason)
        return suite.finish()
    cases = named_cases.of_folder(FOLDER)
    for seed in range(suite.options.seed, suite.options.seed + suite.options.seeds):
        for number in range(suite.options.trees):
            cases[f"tree.{seed}.{number}"] = glibc_trees.tree(seed, number)
    cases = {name: made for name, made in cases.items() if suite.wanted(name)}
    tools = glibc_builder.Toolchain(suite.work / "made")
    builders = {name: glibc_builder.Builder(suite.work / folder_of(name), tools) for name in cases}
    names = build_all(suite, cases, builders)
    cpu = glibc_dump.host_cpu()
    for release, source in glibc_versions.SOURCES.items():
        if suite.options.release not in ("", release):
            continue
        try:
            libc = source()
        except glibc_versions.Unreachable as reason:
            with suite.case(f"glibc of {release}"):
                suite.skip(f"glibc of {release}: {reason}")
            continue
        own_copies(libc, suite.work / "libc" / release)
        mine = [name for name in names if builders[name].versions is None or libc.version in builders[name].versions]
        for name in mine:
            builders[name].install_libc(libc)
        answers, _ = glibc_dump.ask([question(builders[name], libc, cpu) for name in mine])
        for name, answer in zip(mine, answers):
            with suite.case(f"{name} (glibc {libc.version})"):
                compare(suite, builders[name], libc.version, answer)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
