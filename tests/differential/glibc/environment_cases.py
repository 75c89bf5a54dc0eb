"""LD_PRELOAD, /etc/ld.so.preload, LD_AUDIT, and programs that change the user."""
import os

import named_cases
from glibc_builder import NOBODY

CASES, case = named_cases.registry()


@case
def preload_by_path(b):
    b.lib("/p/libpre.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"


@case
def preload_by_name_uses_the_programs_runpath(b):
    b.lib("/p/libpre.so")
    b.prog(runpath="/p")
    b.environment["LD_PRELOAD"] = "libpre.so"


@case
def preload_by_name_from_library_path(b):
    b.lib("/p/libpre.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment.update({"LD_PRELOAD": "libpre.so", "LD_LIBRARY_PATH": "/p"})


@case
def preload_missing(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "libgone.so"


@case
def preload_missing_path(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libgone.so"


@case
def preload_text(b):
    b.put("/p/libpre.so", "a text that is longer than the sixty-four bytes of the header of an ELF file")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"


@case
def preload_empty_file(b):
    b.put("/p/libpre.so", "")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"


@case
def preload_of_another_class(b):
    data = bytearray(b.lib("/p/libpre.so").read_bytes())
    data[4] = 1
    b.put("/p/libpre.so", bytes(data))
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"


@case
def preload_unreadable(b):
    b.lib("/p/libpre.so").chmod(0)
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.user = NOBODY
    b.environment["LD_PRELOAD"] = "/p/libpre.so"


@case
def preload_several(b):
    b.lib("/p/libone.so")
    b.lib("/p/libtwo.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libone.so:/p/libtwo.so  /p/libgone.so"


@case
def preload_several_and_two_missing(b):
    b.lib("/p/libone.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "libgone.so /p/libone.so libgone2.so"


@case
def preload_twice(b):
    b.lib("/p/libone.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libone.so /p/libone.so"


@case
def preload_needs_a_missing_library(b):
    b.lib("/p/libpre.so", needed=["libgone.so"])
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"
    b.expect(127)


@case
def preload_needs_a_missing_symbol(b):
    b.lib("/p/libpre.so", "extern int gone; int *p = &gone;")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"
    b.expect(127)


@case
def preload_stands_for_a_needed_library(b):
    b.lib("/p/libother.so", soname="libx.so")
    b.prog(needed=["libx.so"])
    b.environment["LD_PRELOAD"] = "/p/libother.so"


@case
def preload_with_origin(b):
    b.lib("/app/libpre.so")
    b.prog(needed=[b.lib("/lib/libbase.so")], name="/app/prog")
    b.program = "/app/prog"
    b.real_program("/app/prog")
    b.environment["LD_PRELOAD"] = "$ORIGIN/libpre.so"


@case
def preload_with_lib(b):
    b.lib("/opt/lib/x86_64-linux-gnu/libpre.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/opt/$LIB/libpre.so"


@case
def preload_of_nothing_but_separators(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = " : : "


@case
def preload_of_5000_bytes(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "l" * 5000


@case
def preload_of_4000_bytes(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "l" * 4000


@case
def preload_of_300_bytes(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "l" * 300


@case
def preload_the_program_itself(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/prog"
    b.expect(None)


@case
def preload_the_loader(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/lib64/ld-linux-x86-64.so.2"


@case
def preload_comes_first_in_the_scope(b):
    b.lib("/p/libpre.so", "int x_f(void) { return 5; }")
    x = b.lib("/a/libx.so", "int x_f(void) { return 1; }")
    b.prog("int x_f(void);", "if (x_f() != 5) leave(3)", needed=[x], runpath="/a")
    b.environment["LD_PRELOAD"] = "/p/libpre.so"


@case
def preload_uses_hwcaps(b):
    b.lib("/p/glibc-hwcaps/x86-64-v3/libpre.so")
    b.lib("/p/libpre.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment.update({"LD_PRELOAD": "libpre.so", "LD_LIBRARY_PATH": "/p"})


# --- /etc/ld.so.preload -------------------------------------------------------------------------------------------------------------------

@case
def preload_file(b):
    b.lib("/p/libone.so")
    b.lib("/p/libtwo.so")
    b.put("/etc/ld.so.preload", "/p/libone.so\n/p/libtwo.so\n")
    b.prog(needed=[b.lib("/lib/libbase.so")])


@case
def preload_file_with_a_missing_library(b):
    b.put("/etc/ld.so.preload", "/p/libgone.so\n")
    b.prog(needed=[b.lib("/lib/libbase.so")])


@case
def preload_file_with_comments(b):
    b.lib("/p/libone.so")
    b.put("/etc/ld.so.preload", "# /p/libgone.so\n/p/libone.so # more: /p/libgone.so\n")
    b.prog(needed=[b.lib("/lib/libbase.so")])


@case
def preload_file_with_every_separator(b):
    for name in ("one", "two", "three"):
        b.lib(f"/p/lib{name}.so")
    b.put("/etc/ld.so.preload", "/p/libone.so:/p/libtwo.so\t/p/libthree.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])


@case
def preload_file_empty(b):
    b.put("/etc/ld.so.preload", "")
    b.prog(needed=[b.lib("/lib/libbase.so")])


@case
def preload_file_after_the_variable(b):
    b.lib("/p/libone.so")
    b.lib("/p/libtwo.so")
    b.put("/etc/ld.so.preload", "/p/libone.so\n")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libtwo.so"


@case
def preload_file_unreadable(b):
    b.lib("/p/libone.so")
    b.put("/etc/ld.so.preload", "/p/libone.so\n", 0o600)
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.user = NOBODY


# --- audit --------------------------------------------------------------------------------------------------------------------------------

@case
def audit_library_of_the_environment(b):
    b.lib("/p/libaudit.so", "unsigned la_version(unsigned v) { return v; }")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_AUDIT"] = "/p/libaudit.so"
    b.expect(None)
    b.cannot_tell("audit")


@case
def audit_library_of_the_program(b):
    b.lib("/p/libaudit.so", "unsigned la_version(unsigned v) { return v; }")
    b.prog(flags=["--audit", "/p/libaudit.so"])
    b.expect(None)
    b.cannot_tell("audit", "2.36", "2.41", "2.43")


@case
def audit_library_of_a_library_is_not_read(b):
    b.lib("/a/libx.so", flags=["--audit", "/p/libgone.so"])
    b.prog(needed=["libx.so"], runpath="/a")


@case
def audit_libraries_that_are_not_there(b):
    b.prog(needed=[b.lib("/lib/libbase.so")], flags=["--audit", "libgone3.so", "--depaudit", "/p/libgone4.so"])
    b.environment["LD_AUDIT"] = "/p/libgone.so::libgone2.so:$ORIGIN/libgone.so"


@case
def audit_library_without_its_function(b):
    b.lib("/p/libaudit.so")
    b.prog(needed=[b.lib("/lib/libbase.so")], runpath="/p")
    b.environment["LD_AUDIT"] = "libaudit.so"


@case
def audit_library_of_another_class(b):
    data = bytearray(b.lib("/p/libaudit.so", "unsigned la_version(unsigned v) { return v; }").read_bytes())
    data[4] = 1
    b.put("/p/libaudit.so", bytes(data))
    b.put("/p/libtext.so", "a text that is longer than the sixty-four bytes of the header of an ELF file")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_AUDIT"] = "/p/libaudit.so:/p/libtext.so"


@case
def audit_library_that_needs_a_missing_one(b):
    b.lib("/p/libaudit.so", "unsigned la_version(unsigned v) { return v; }", needed=["libgone.so"])
    b.prog(needed=["libmissing.so"])
    b.environment["LD_AUDIT"] = "/p/libaudit.so"
    b.expect(127)


@case
def audit_variable_empty(b):
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_AUDIT"] = ""


# --- programs that change the user ----------------------------------------------------------------------------------------------------------

def set_user_id(b, name="/prog"):
    path = b.root / name.lstrip("/")
    b.at_end(lambda: (os.chown(path, 0, 0), path.chmod(0o4755)))
    b.user = NOBODY


@case
def set_user_id_ignores_audit_paths(b):
    b.lib("/p/libaudit.so", "unsigned la_version(unsigned v) { return v; }")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_AUDIT"] = "/p/libaudit.so:libgone.so"
    set_user_id(b)
    b.listed = False


@case
def set_user_id_ignores_library_path(b):
    b.prog(needed=[b.lib("/a/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/a"
    set_user_id(b)
    b.listed = False
    b.expect(127)


@case
def set_user_id_ignores_preload_paths(b):
    b.lib("/p/libpre.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "/p/libpre.so"
    set_user_id(b)
    b.listed = False


@case
def set_user_id_preload_by_name_must_be_set_user_id(b):
    b.lib("/usr/lib/libpre.so")
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "libpre.so"
    set_user_id(b)
    b.listed = False


@case
def set_user_id_preload_of_a_set_user_id_library(b):
    pre = b.lib("/usr/lib/libpre.so")
    b.at_end(lambda: (os.chown(pre, 0, 0), pre.chmod(0o4755)))
    b.prog(needed=[b.lib("/lib/libbase.so")])
    b.environment["LD_PRELOAD"] = "libpre.so"
    set_user_id(b)
    b.listed = False


@case
def set_user_id_runpath_counts(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")
    set_user_id(b)
    b.listed = False


@case
def set_user_id_origin_is_not_trusted(b):
    b.prog(needed=[b.lib("/app/libx.so")], runpath="$ORIGIN", name="/app/prog")
    b.program = "/app/prog"
    b.real_program("/app/prog")
    set_user_id(b, "/app/prog")
    b.listed = False
    b.expect(127)


@case
def set_user_id_origin_below_a_built_in_directory(b):
    b.prog(needed=[b.lib("/usr/lib/app/libx.so")], runpath="$ORIGIN", name="/usr/lib/app/prog")
    b.program = "/usr/lib/app/prog"
    b.real_program("/usr/lib/app/prog")
    set_user_id(b, "/usr/lib/app/prog")
    b.listed = False
    b.expect(None)


@case
def set_user_id_token_in_needed(b):
    b.lib("/app/libx.so")
    b.prog(needed=["$ORIGIN/libx.so"], name="/app/prog")
    b.program = "/app/prog"
    b.real_program("/app/prog")
    set_user_id(b, "/app/prog")
    b.listed = False
    b.expect(127)


@case
def set_user_id_binds_now(b):
    b.lib("/a/libx.so")
    b.prog("int x_f(void); int never;", "if (never) x_f()", needed=[("libx.so", "int x_f(void) { return 1; }")], runpath="/a", flags=["-z", "lazy"])
    b.environment["LD_BIND_NOW"] = "1"
    set_user_id(b)
    b.listed = False
    b.expect(127)
    b.versions = ("2.31", "2.36")


@case
def set_user_id_does_not_bind_now_since_2_39(b):
    b.lib("/a/libx.so")
    b.prog("int x_f(void); int never;", "if (never) x_f()", needed=[("libx.so", "int x_f(void) { return 1; }")], runpath="/a", flags=["-z", "lazy"])
    b.environment["LD_BIND_NOW"] = "1"
    set_user_id(b)
    b.listed = False
    b.lazy = True
    b.versions = ("2.41", "2.43")


@case
def set_group_id_ignores_library_path(b):
    prog = b.prog(needed=[b.lib("/a/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/a"
    b.at_end(lambda: (os.chown(prog, NOBODY, 0), prog.chmod(0o2755)))
    b.user = NOBODY
    b.listed = False
    b.expect(127)


@case
def set_user_id_of_the_same_user_changes_nothing(b):
    prog = b.prog(needed=[b.lib("/a/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/a"
    b.at_end(lambda: (os.chown(prog, NOBODY, NOBODY), prog.chmod(0o4755)))
    b.user = NOBODY
