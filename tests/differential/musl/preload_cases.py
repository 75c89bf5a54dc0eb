"""LD_PRELOAD."""
import named_cases

CASES, case = named_cases.registry()


@case
def preload_by_path(b):
    b.lib("a/libpre.so")
    b.prog()
    b.environment["LD_PRELOAD"] = f"{b.folder}/a/libpre.so"


@case
def preload_by_name_through_library_path(b):
    b.lib("a/libpre.so")
    b.prog()
    b.environment.update(LD_PRELOAD="libpre.so", LD_LIBRARY_PATH=f"{b.folder}/a")


@case
def preload_does_not_see_the_programs_runpath(b):
    b.lib("a/libpre.so")
    b.prog(runpath=f"{b.folder}/a")
    b.environment["LD_PRELOAD"] = "libpre.so"


@case
def preload_missing_is_silent(b):
    b.prog()
    b.environment["LD_PRELOAD"] = "libnone.so /none/libnone.so"


@case
def preload_broken_is_silent(b):
    b.path("a/libpre.so").write_text("not a library")
    b.prog()
    b.environment["LD_PRELOAD"] = f"{b.folder}/a/libpre.so"


@case
def preload_separators(b):
    for name in ("one", "two", "three", "four"):
        b.lib(f"a/lib{name}.so")
    b.prog()
    b.environment.update(LD_PRELOAD=" libone.so:libtwo.so\tlibthree.so\n:libfour.so ", LD_LIBRARY_PATH=f"{b.folder}/a")


@case
def preload_ending_in_a_blank_sets_errno(b):
    b.prog(needed=["lib" + "x" * 260])
    b.environment["LD_PRELOAD"] = f"{b.folder}/none "
    b.expect(127)


@case
def preload_with_a_missing_dependency(b):
    b.lib("a/libpre.so", needed=["libgone.so"])
    b.prog(needed=["libalso.so"])
    b.environment["LD_PRELOAD"] = f"{b.folder}/a/libpre.so"
    b.expect(127)


@case
def preload_dependency_does_not_see_the_programs_runpath(b):
    b.lib("a/libpre.so", needed=[b.lib("a/liblow.so")])
    b.prog(runpath=f"{b.folder}/a")
    b.environment["LD_PRELOAD"] = f"{b.folder}/a/libpre.so"
    b.expect(127)


@case
def preload_of_the_libc(b):
    b.prog()
    b.environment["LD_PRELOAD"] = "libc.so.6 libm.so.6"


@case
def preload_of_what_is_needed_anyway(b):
    b.prog(needed=[b.lib("a/libone.so"), b.lib("a/libx.so")], runpath=f"{b.folder}/a")
    b.environment["LD_PRELOAD"] = f"{b.folder}/a/libx.so"
