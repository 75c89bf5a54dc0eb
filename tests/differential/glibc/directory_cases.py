"""Subdirectories for processors, and directories and files that cannot be used. A function is a case; its name is the case's name."""
import named_cases
from glibc_builder import NOBODY

CASES, case = named_cases.registry()


# --- subdirectories of the processor ------------------------------------------------------------------------------------------------------

def levels(b, *levels):
    for level in levels:
        x = b.lib(f"/a/glibc-hwcaps/x86-64-{level}/libx.so")
    return x


@case
def hwcaps_best_level_first(b):
    levels(b, "v2", "v3", "v4")
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")


@case
def hwcaps_v3(b):
    levels(b, "v2", "v3")
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")


@case
def hwcaps_v2(b):
    levels(b, "v2")
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")


@case
def only_in_hwcaps(b):
    b.prog(needed=[levels(b, "v3")], runpath="/a")
    b.expect(0, v2_31=127)


@case
def hwcaps_of_a_level_nobody_has(b):
    b.prog(needed=[levels(b, "v5")], runpath="/a")
    b.expect(127)


@case
def hwcaps_below_library_path(b):
    b.prog(needed=[levels(b, "v2")])
    b.environment["LD_LIBRARY_PATH"] = "/a"
    b.expect(0, v2_31=127)


@case
def hwcaps_below_a_built_in_directory(b):
    b.prog(needed=[b.lib("/usr/lib/glibc-hwcaps/x86-64-v3/libx.so")])
    b.lib("/usr/lib/libx.so")


@case
def hwcaps_of_one_directory_before_the_next_directory(b):
    b.lib("/b/glibc-hwcaps/x86-64-v4/libx.so")
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a:/b")


@case
def hwcaps_not_for_a_path(b):
    b.lib("/a/glibc-hwcaps/x86-64-v3/libx.so")
    b.lib("/a/libx.so")
    b.prog(needed=["/a/libx.so"])


def legacy(name, *folders, only=False):
    def made(b):
        for folder in folders:
            x = b.lib(f"/a/{folder}/libx.so")
        if not only:
            b.lib("/a/libx.so")
        b.prog(needed=[x], runpath="/a")
        b.expect(None)
    CASES[name] = made


legacy("legacy_tls", "tls")
legacy("legacy_x86_64", "x86_64")
legacy("legacy_haswell", "haswell")
legacy("legacy_haswell_and_x86_64", "haswell", "x86_64", "haswell/x86_64")
legacy("legacy_avx512", "avx512_1", "haswell")
legacy("legacy_tls_before_x86_64", "tls", "x86_64", "tls/x86_64")
legacy("legacy_tls_haswell_x86_64", "tls/haswell/x86_64", "tls/haswell/avx512_1/x86_64", "tls/haswell")
legacy("legacy_x86_64_twice", "x86_64/x86_64", only=True)
legacy("legacy_only_in_tls", "tls", only=True)
legacy("legacy_only_in_haswell", "haswell", only=True)
legacy("legacy_after_hwcaps", "tls", "glibc-hwcaps/x86-64-v2")


# --- errors on the way --------------------------------------------------------------------------------------------------------------------

@case
def directory_of_the_list_is_a_file(b):
    b.put("/file", "text")
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/file:/a")


@case
def dangling_link_is_passed_over(b):
    b.link_to("/a/libx.so", "nowhere")
    b.prog(needed=[b.lib("/b/libx.so")], runpath="/a:/b")


@case
def link_loop_as_library(b):
    b.link_to("/a/libx.so", "libx.so")
    b.prog(needed=[b.lib("/b/libx.so")], runpath="/a:/b")
    b.expect(None)


@case
def link_loop_as_directory(b):
    b.link_to("/a", "a")
    b.prog(needed=[b.lib("/b/libx.so")], runpath="/a:/b")


@case
def unreadable_library_is_passed_over(b):
    b.lib("/a/libx.so").chmod(0o000)
    b.prog(needed=[b.lib("/b/libx.so")], runpath="/a:/b")
    b.user = NOBODY


@case
def unreadable_library_only(b):
    b.lib("/a/libx.so").chmod(0o000)
    b.prog(needed=["libx.so"], runpath="/a")
    b.user = NOBODY
    b.expect(127)


@case
def unreadable_library_by_path(b):
    b.lib("/a/libx.so").chmod(0o000)
    b.prog(needed=["/a/libx.so"])
    b.user = NOBODY
    b.expect(127)


@case
def unreadable_library_for_root(b):
    b.lib("/a/libx.so").chmod(0o000)
    b.prog(needed=["libx.so"], runpath="/a")


@case
def directory_without_search_permission(b):
    b.lib("/a/libx.so")
    b.path("/a/x").parent.chmod(0o600)
    b.prog(needed=[b.lib("/b/libx.so")], runpath="/a:/b")
    b.user = NOBODY


@case
def directory_without_read_permission_is_searched(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")
    b.path("/a/x").parent.chmod(0o711)
    b.user = NOBODY


@case
def parent_without_search_permission(b):
    b.lib("/a/b/libx.so")
    b.path("/a/x").parent.chmod(0o600)
    b.prog(needed=["libx.so"], runpath="/a/b")
    b.user = NOBODY
    b.expect(127)


@case
def errno_is_that_of_the_last_place(b):
    b.lib("/a/libx.so").chmod(0o000)
    b.path("/lib/x").parent.mkdir(exist_ok=True)
    b.prog(needed=["libx.so"], runpath="/a")
    b.put("/usr/lib/libx.so", "", 0o000)
    b.user = NOBODY
    b.expect(127)


@case
def library_without_execute_permission(b):
    b.lib("/a/libx.so").chmod(0o444)
    b.prog(needed=["libx.so"], runpath="/a")
    b.user = NOBODY
