#!/usr/bin/env python3
"""What leaves the machine of a crash: reports that can be checked against the dump (--verify), ids of defects that stay the same (bucket), and answers
without data (--redact). Programs crash for real; each report is checked, changed in every place and checked again."""
import copy
import json
import pathlib
import re
import sys

import core_dump
import differential

SECRET = ["S3cretWord", "hunter2hunter2", "0x7e57ab1e7e57ab1e"]
# What text shows escaped, and what is too short to be looked for anywhere.
ARGUMENTS = [*SECRET, "S3cretTab\tS3cretLine\nS3cretBack\\slash", "q7"]
FOLDER = "S3cret Folder"
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <assert.h>
struct request { long id; char* name; struct request* next; };
PADDING
__attribute__((noinline)) long follow(struct request* r) { return r->next->id + 1; }
__attribute__((noinline)) long handle(struct request* r) { return follow(r) + 2; }
__attribute__((noinline)) long other(struct request* r) { return follow(r) + 3; }
__attribute__((noinline)) int down(int n) { volatile char room[100 + DEPTH]; room[0] = n; return down(n + 1) + room[0]; }
__attribute__((noinline)) void stop(const char* why) { assert(!why[0]); abort(); }
__attribute__((noinline)) void smash(char* to, const char* from) { strcpy(to, from); }
static long word = 0x7e57ab1e7e57ab1e;
__attribute__((noinline)) long wild(void) { long* at = (long*) word; return *at; }
int main(int argc, char** argv) {
    struct request r = {1, "S3cretWord", 0};
    const char* how = argv[1];
    if (!strcmp(how, "null")) return handle(&r);
    if (!strcmp(how, "null-elsewhere")) return other(&r);
    if (!strcmp(how, "deep")) return down(0) + printf("up");
    if (!strcmp(how, "assert")) stop("S3cretWord");
    if (!strcmp(how, "wild")) return wild();
    if (!strcmp(how, "heap")) { char* volatile p = malloc(24); smash(p + 24, "S3cretWordS3cretWord"); free(p); p = malloc(2000); free(p); free(p); }
    return 0;
}
"""
HOWS = ["null", "null-elsewhere", "deep", "assert", "wild", "heap"]
CXX = r"""
#include <stdexcept>
#include <string>
template <typename T> [[gnu::noinline]] void refuse(T value) { throw std::runtime_error("S3cretWord in " + std::to_string(value)); }
[[gnu::noinline]] void release(int* values) { delete[] values; }
int main(int argc, char**) {
    if (argc > 1) release(new int[100] + 4);
    refuse(PADDED);
}
"""


class Programs:
    def __init__(self, suite):
        self.suite = suite

    def build(self, name, compiler, flags, padding=0):
        folder = self.suite.work / FOLDER
        folder.mkdir(exist_ok=True)
        source = folder / f"{name}.{'cc' if '++' in compiler else 'c'}"
        text = CXX if "++" in compiler else PROGRAM
        lines = "".join(f"int padding{i}(int n) {{ return n * {i} + 7; }}\n" for i in range(padding))
        source.write_text(text.replace("PADDING", lines).replace("DEPTH", str(padding * 16)).replace("PADDED", str(padding)), encoding="utf-8")
        program = folder / name / "app"
        program.parent.mkdir(parents=True, exist_ok=True)
        self.suite.need(compiler)
        done = differential.run([compiler, "-w", *flags, source, "-o", program])
        if done.code != 0:
            raise differential.Failure(f"{compiler}: {done.err[:800]}")
        return program

    def core(self, program, *arguments):
        return core_dump.dump(self.suite, [program, *arguments], program.parent / "-".join(["dump", *arguments[:1]]))


def report_of(suite, core, *options):
    done = differential.run([suite.options.abiscope, "core", "--json", *options, core])
    suite.equal("exit code", 0, done.code, done.err[:300])
    return json.loads(done.out)


def verdict(suite, report, core, name):
    place = suite.work / "reports" / f"{name}.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(report), encoding="utf-8")
    done = differential.run([suite.options.abiscope, "core", "--json", "--verify", place, core])
    results = json.loads(done.out)["results"]
    return done.code, results[0]["verification"]["verdict"] if results else done.err


def changed(report):
    """(what, report) with one thing changed that the dump contradicts."""
    for i, fact in enumerate(report["results"][0]["cause"]["facts"]):
        def with_fact(what, **members):
            other = copy.deepcopy(report)
            other["results"][0]["cause"]["facts"][i].update(members)
            return f"fact {i} ({fact['kind']}): {what}", other
        if "value" in fact:
            yield with_fact("value", value=hex(int(fact["value"], 16) ^ 1))
        if "bytes" in fact:
            yield with_fact("bytes", bytes=("00" if fact["bytes"][:2] != "00" else "01") + fact["bytes"][2:])
        if "permissions" in fact:
            yield with_fact("permissions", permissions="rwx" if fact["permissions"] != "rwx" else "---")
        if fact["kind"] == "unmapped":
            yield with_fact("address", address=report["results"][0]["frames"][-1]["sp"])
    other = copy.deepcopy(report)
    other["results"][0]["cause"]["id"] = "CRASH-HARDWARE-CHECK"
    yield "the cause", other
    other = copy.deepcopy(report)
    other["results"][0]["process"]["pid"] += 1
    yield "the process", other


def check_verify(suite, core, name):
    report = report_of(suite, core)
    suite.equal("the report of this dump", (0, "holds"), verdict(suite, report, core, name))
    count = 0
    for what, other in changed(report):
        suite.equal(what, (1, "contradicted"), verdict(suite, other, core, name))
        count += 1
    suite.true(f"only {count} things to change", count >= 4)
    for i, fact in enumerate(report["results"][0]["cause"]["facts"]):
        other = copy.deepcopy(report)
        other["results"][0]["cause"]["facts"][i]["reading"] = "nothing to see here"
        code, _ = verdict(suite, other, core, name)
        suite.true(f"other words of {fact['kind']} are noticed", code != 0)


def check_redacted(suite, core, name):
    report = json.dumps(report_of(suite, core, "--redact", "--threads"))
    text = differential.run([suite.options.abiscope, "core", "--redact", "--threads", core]).out
    ticket = differential.run([suite.options.abiscope, "core", "--redact", "--ticket", core]).out
    report = re.sub(r'"fingerprint": "0x[0-9a-f]+"', '"fingerprint": ""', report)
    for form, words in {"JSON": report, "text": text, "ticket": ticket}.items():
        for secret in [*SECRET, "S3cret", " q7 ", " q7\""]:
            suite.true(f"{secret} in {form} of {name}", secret not in words, words[:3000])
        suite.true(f"{form} of {name} names a folder", str(suite.work) not in words, words[:3000])
        addresses = [one for one in re.findall(r"(?<![+\w-])0x[0-9a-f]+(?! byte)", words) if int(one, 16) >= 1 << 32]
        if form == "JSON":
            # Numbers of the signal are no addresses, nor is a finding's own.
            addresses = [one for one in addresses if not one.startswith("0xffffffffffffff")]
        suite.true(f"{form} of {name} has addresses {addresses}", not addresses)
    suite.equal("what is left of it is not contradicted", (3, "unknown"), verdict(suite, json.loads(report), core, f"{name}-redacted"))


def main():
    suite = differential.Suite(__doc__)
    programs = Programs(suite)
    builds = {"gcc": ("gcc", ["-O1", "-g"], 0), "gcc again": ("gcc", ["-O1"], 9), "clang": ("clang-19", ["-O1"], 3), "static": ("gcc", ["-O1", "-static"], 1)}
    buckets = {}
    for title, (compiler, flags, padding) in builds.items():
        for how in HOWS:
            with suite.case(f"{title} {how}"):
                program = programs.build(title.replace(" ", "-"), compiler, flags, padding)
                core = programs.core(program, how, *ARGUMENTS)
                bucket = report_of(suite, core)["results"][0]["bucket"]
                buckets.setdefault(how, {})[title] = bucket
                # How it was built is the bucket's matter alone.
                if title != "gcc":
                    continue
                check_verify(suite, core, f"{title}-{how}".replace(" ", "-"))
                check_redacted(suite, core, f"{title}-{how}".replace(" ", "-"))
    for how, found in buckets.items():
        with suite.case(f"one bucket for {how}"):
            # What the C library says of a damaged heap, it finds at different places.
            suite.equal("buckets", 1, len({one["id"] for one in found.values()}), json.dumps(found, indent=1))
    with suite.case("different buckets for different defects"):
        suite.equal("buckets", len(buckets), len({json.dumps(sorted(one["id"] for one in found.values())) for found in buckets.values()}), json.dumps(buckets, indent=1))
    for padding in (1, 2):
        with suite.case(f"C++ exception {padding}"):
            program = programs.build(f"cxx{padding}", "g++", ["-O1"], padding)
            core = programs.core(program)
            buckets.setdefault("c++", {})[str(padding)] = report_of(suite, core)["results"][0]["bucket"]
            check_verify(suite, core, f"cxx{padding}")
            check_redacted(suite, core, f"cxx{padding}")
    with suite.case("names in the help are demangled"):
        core = programs.core(programs.build("cxx1", "g++", ["-O0"], 1), "release")
        text = differential.run([suite.options.abiscope, "core", core]).out
        suite.true("the function in the help", "look at the pointer that release(int*)+" in text, text)
    with suite.case("one bucket for the exception"):
        suite.equal("buckets", 1, len({one["id"] for one in buckets["c++"].values()}), json.dumps(buckets["c++"], indent=1))
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
