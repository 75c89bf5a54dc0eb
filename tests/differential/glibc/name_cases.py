"""What counts as the same library, DF_1_NODEFLIB, and filter objects. A function is a case; its name is the case's name."""
import os

import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()


# --- names and identity -------------------------------------------------------------------------------------------------------------------

@case
def absolute_needed(b):
    b.lib("/a/libx.so")
    b.prog(needed=["/a/libx.so"])


@case
def absolute_needed_missing(b):
    b.prog(needed=["/a/libx.so"])
    b.expect(127)


@case
def relative_needed_with_a_slash(b):
    b.lib("/work/sub/libx.so")
    b.prog(needed=["sub/libx.so"])
    b.directory = "/work"


@case
def relative_needed_is_not_searched(b):
    b.lib("/a/sub/libx.so")
    b.prog(needed=["sub/libx.so"], runpath="/a")
    b.expect(127)


@case
def needed_by_path_is_known_by_its_soname(b):
    b.lib("/a/libx.so")
    b.lib("/b/libx.so")
    b.prog(needed=["/a/libx.so", "libx.so"], runpath="/b")


@case
def needed_by_path_without_soname_is_not_known(b):
    b.lib("/a/libx.so", soname="")
    b.lib("/b/libx.so")
    b.prog(needed=["/a/libx.so", "libx.so"], runpath="/b")


@case
def soname_of_another_file_satisfies(b):
    b.lib("/a/libother.so", soname="libx.so")
    b.prog(needed=["libother.so", "libx.so"], runpath="/a")


@case
def two_names_of_one_file(b):
    x = b.lib("/a/libx.so", soname="libreal.so")
    os.link(x, b.path("/a/liby.so"))
    b.prog(needed=["libx.so", "liby.so"], runpath="/a")


@case
def link_and_file_are_one(b):
    b.lib("/a/libx.so.1.2", soname="libx.so.1")
    b.link_to("/a/libx.so.1", "libx.so.1.2")
    b.link_to("/a/libx.so", "libx.so.1.2")
    b.prog(needed=["libx.so", "libx.so.1", "libx.so.1.2"], runpath="/a")


@case
def copies_are_two(b):
    b.lib("/a/libx.so", soname="one")
    b.lib("/a/liby.so", soname="two")
    b.prog(needed=["libx.so", "liby.so"], runpath="/a")


@case
def program_needs_itself(b):
    b.prog(needed=["prog"], flags=["-soname", "prog"])


@case
def program_needs_itself_by_path(b):
    b.prog(needed=["/prog"])
    b.expect(None)


@case
def needs_the_loader_by_name(b):
    b.prog(needed=["ld-linux-x86-64.so.2"])
    b.expect(0, v2_36=127)


@case
def needs_the_loader_by_path(b):
    b.prog(needed=["/lib64/ld-linux-x86-64.so.2"])
    b.expect(0, v2_36=127)


@case
def loader_between_libraries(b):
    b.prog(needed=[b.lib("/a/libx.so"), "ld-linux-x86-64.so.2", b.lib("/a/liby.so")], runpath="/a")
    b.expect(0, v2_36=127)


@case
def needs_the_vdso_by_name(b):
    b.prog(needed=["linux-vdso.so.1"])


@case
def empty_needed(b):
    b.prog(needed=[""])
    b.expect(None)


@case
def needed_of_5000_bytes(b):
    b.prog(needed=["l" * 5000])
    b.expect(127)


@case
def needed_of_5000_bytes_with_a_run_path(b):
    b.prog(needed=["l" * 5000], runpath="/a")
    b.path("/a/x").mkdir()
    b.expect(127)


@case
def needed_of_256_bytes(b):
    b.prog(needed=["l" * 256], runpath="/a")
    b.path("/a/x").mkdir()
    b.expect(127)


@case
def needed_of_255_bytes(b):
    b.prog(needed=[b.lib("/a/" + "l" * 255)], runpath="/a")


@case
def needed_path_of_5000_bytes(b):
    b.prog(needed=["/" + "l/" * 2500])
    b.expect(127)


@case
def cycle_of_libraries(b):
    b.lib("/a/libtwo.so", needed=["libone.so"])
    b.prog(needed=[b.lib("/a/libone.so", needed=["libtwo.so"])], rpath="/a")


@case
def library_needs_itself(b):
    b.prog(needed=[b.lib("/a/libx.so", needed=["libx.so"])], rpath="/a")


@case
def library_needs_the_program_by_soname(b):
    x = b.lib("/a/libx.so", needed=["prog.so"])
    b.prog(needed=[x], flags=["-soname", "prog.so"], rpath="/a")


@case
def breadth_first(b):
    deep = b.lib("/a/libdeep.so")
    b.prog(needed=[b.lib("/a/liba.so", needed=[deep]), b.lib("/a/libb.so")], rpath="/a")


@case
def a_diamond(b):
    low = b.lib("/a/liblow.so")
    b.prog(needed=[b.lib("/a/liba.so", needed=[low]), b.lib("/a/libb.so", needed=[low])], rpath="/a")


@case
def fifty_libraries_in_a_chain(b):
    last = None
    for number in range(50):
        last = b.lib(f"/a/lib{number}.so", needed=[last] if last else [])
    b.prog(needed=[last], rpath="/a")


# --- DF_1_NODEFLIB ------------------------------------------------------------------------------------------------------------------------

@case
def nodeflib_hides_built_in_directories(b):
    b.prog(needed=[b.lib("/usr/lib/libx.so")], flags=["-z", "nodefaultlib"])
    b.expect(127)


@case
def nodeflib_leaves_run_paths(b):
    b.prog(needed=[b.lib("/a/libx.so")], flags=["-z", "nodefaultlib"], runpath="/a")


@case
def nodeflib_is_of_one_file(b):
    low = b.lib("/usr/lib/liblow.so")
    b.prog(needed=[b.lib("/a/libtop.so", needed=[low])], flags=["-z", "nodefaultlib"], runpath="/a")


@case
def nodeflib_of_a_library(b):
    low = b.lib("/usr/lib/liblow.so")
    b.prog(needed=[b.lib("/a/libtop.so", needed=[low], flags=["-z", "nodefaultlib"])], runpath="/a")
    b.expect(127)


# --- filters ------------------------------------------------------------------------------------------------------------------------------

@case
def filter_library_is_loaded_in_front(b):
    b.lib("/a/libreal.so", "int x_f(void) { return 1; }")
    b.prog(needed=[b.lib("/a/libx.so", "int x_f(void) { return 2; }", flags=["-F", "libreal.so"], rpath="/a")], rpath="/a")


@case
def filter_library_missing(b):
    b.prog(needed=[b.lib("/a/libx.so", flags=["-F", "libreal.so"])], rpath="/a")
    b.expect(127)


@case
def auxiliary_library_is_loaded_in_front(b):
    b.lib("/a/libreal.so")
    b.prog(needed=[b.lib("/a/libx.so", flags=["-f", "libreal.so"], rpath="/a")], rpath="/a")


@case
def auxiliary_library_may_be_missing(b):
    b.prog(needed=[b.lib("/a/libx.so", flags=["-f", "libreal.so"])], rpath="/a")
    b.listed = False   # listed as missing, and not missed


@case
def auxiliary_library_may_be_broken(b):
    b.put("/a/libreal.so", "a text that is long enough to be looked at as if it had a header of an ELF file")
    b.prog(needed=[b.lib("/a/libx.so", flags=["-f", "libreal.so"])], rpath="/a")
    b.expect(None)


@case
def auxiliary_already_needed(b):
    real = b.lib("/a/libreal.so")
    b.prog(needed=[b.lib("/a/libx.so", flags=["-f", "libreal.so"]), real], rpath="/a")


@case
def filter_of_the_program(b):
    prog = b.prog(needed=[b.lib("/a/libx.so"), b.lib("/a/liby.so")], flags=["-soname", "libx.so"], rpath="/a")
    patch = Patch(prog)
    patch.retag(14, 0x7FFFFFFF)   # DT_SONAME becomes DT_FILTER
    patch.save()
    b.listed = False   # the list begins behind the program
    b.expect(0, v2_31=127)
    b.cannot_tell("filter", "2.31")
