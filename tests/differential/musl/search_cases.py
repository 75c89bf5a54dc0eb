"""Which folders are searched, and in which order."""
import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
DT_STRTAB, DT_RPATH, DT_DEBUG = 5, 15, 21


@case
def nothing_needed_but_libc(b):
    b.prog()


@case
def library_path_finds(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = str(b.folder / "a")


@case
def missing_library(b):
    b.prog(needed=["libx.so"])
    b.expect(127)


@case
def two_missing_libraries_in_order(b):
    b.prog(needed=["libx.so", "liby.so", b.lib("a/libz.so", needed=["libw.so"])], runpath=f"{b.folder}/a")
    b.expect(127)


@case
def library_path_before_runpath(b):
    b.lib("env/libx.so")
    b.prog(needed=[b.lib("run/libx.so")], runpath=f"{b.folder}/run")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/env"


@case
def library_path_before_rpath(b):
    b.lib("env/libx.so")
    b.prog(needed=[b.lib("run/libx.so")], rpath=f"{b.folder}/run")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/env"


@case
def library_path_order_and_empty_entries(b):
    b.lib("two/libx.so")
    b.prog(needed=[b.lib("one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = f"::{b.folder}/none::{b.folder}/one:{b.folder}/two:"


@case
def library_path_split_by_newline(b):
    b.prog(needed=[b.lib("one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/none\n{b.folder}/one\n"


@case
def library_path_not_split_by_semicolon(b):
    b.prog(needed=[b.lib("one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/none;{b.folder}/one"
    b.expect(127)


@case
def library_path_empty_entry_is_not_the_working_directory(b):
    b.prog(needed=[b.lib("libx.so")])
    b.environment["LD_LIBRARY_PATH"] = ":"
    b.expect(127)


@case
def library_path_relative(b):
    b.prog(needed=[b.lib("one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "one"


@case
def library_path_knows_no_origin(b):
    b.prog(needed=[b.lib("one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "$ORIGIN/one"
    b.expect(127)


@case
def rpath_inherited_from_program(b):
    low = b.lib("a/liblow.so")
    b.prog(needed=[b.lib("a/libtop.so", needed=[low])], rpath=f"{b.folder}/a")


@case
def runpath_inherited_from_program(b):
    low = b.lib("a/liblow.so")
    b.prog(needed=[b.lib("a/libtop.so", needed=[low])], runpath=f"{b.folder}/a")


@case
def requester_before_ancestors(b):
    b.lib("of_program/liblow.so")
    low = b.lib("of_library/liblow.so")
    b.prog(needed=[b.lib("of_program/libtop.so", needed=[low], runpath=f"{b.folder}/of_library")], runpath=f"{b.folder}/of_program")


@case
def three_generations(b):
    c = b.lib("c/libc3.so")
    bb = b.lib("b/libb3.so", needed=[c])
    a = b.lib("a/liba3.so", needed=[bb], rpath=f"{b.folder}/c")
    b.prog(needed=[a], runpath=f"{b.folder}/a:{b.folder}/b")


@case
def not_inherited_from_a_sibling(b):
    low = b.lib("low/liblow.so")
    sibling = b.lib("a/libsibling.so", runpath=f"{b.folder}/low")
    b.prog(needed=[sibling, b.lib("a/libtop.so", needed=[low])], runpath=f"{b.folder}/a")
    b.expect(127)


@case
def first_requester_decides_whose_path(b):
    shared = b.lib("s/libshared.so", needed=[b.lib("low/liblow.so")])
    first = b.lib("a/libfirst.so", needed=[shared])
    second = b.lib("a/libsecond.so", needed=[shared], runpath=f"{b.folder}/low")
    b.prog(needed=[first, second], runpath=f"{b.folder}/a:{b.folder}/s")
    b.expect(127)


@case
def runpath_wins_over_rpath_in_one_file(b):
    b.lib("old/libx.so")
    new = b.lib("new/libx.so")
    prog = b.prog(needed=[new], runpath=f"{b.folder}/new", flags=["-Wl,-z,now"])
    old = b.prog(needed=[new], rpath=f"{b.folder}/old", name="other")
    text = f"{b.folder}/old".encode()
    patch = Patch(prog)
    strings = patch.offset_of(patch.tag(DT_STRTAB)[1])
    place = patch.data.index(f"{b.folder}/new\0".encode())
    assert len(text) == len(f"{b.folder}/new") and old.exists()
    # DT_DEBUG becomes DT_RPATH of a text put over the symbol names of the C runtime that nothing reads.
    spare = patch.data.index(b"/run_path_here\0") if b"/run_path_here\0" in patch.data else None
    assert spare is None and place > strings
    offset, _ = patch.tag(DT_DEBUG)
    patch.put(offset, 8, DT_RPATH)
    patch.put(offset + 8, 8, place - strings + len(f"{b.folder}/"))   # "new": a relative directory that is not there
    patch.save()


@case
def nodeflib_means_nothing(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/libx.so")], flags=["-Wl,-z,nodefaultlib"])


@case
def cycle_of_libraries(b):
    b.lib("a/libtwo.so")
    one = b.lib("a/libone.so", needed=["libtwo.so"])
    b.lib("a/libtwo.so", needed=["libone.so"])
    b.prog(needed=[one], runpath=f"{b.folder}/a")


@case
def breadth_first(b):
    deep = b.lib("a/libdeep.so")
    b.prog(needed=[b.lib("a/liba.so", needed=[deep]), b.lib("a/libb.so")], runpath=f"{b.folder}/a")
