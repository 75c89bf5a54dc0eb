"""What counts as the same library, and names too long, empty or with a slash."""
import os

import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
DT_NEEDED = 1


@case
def absolute_needed(b):
    path = b.path("a/libx.so")
    b.lib("a/libx.so")
    b.prog(needed=[str(path)])


@case
def absolute_needed_missing(b):
    b.prog(needed=["/nowhere/libx.so"])
    b.expect(127)


@case
def relative_needed(b):
    b.lib("a/libx.so")
    b.prog(needed=["a/libx.so"])


@case
def a_path_gives_no_short_name(b):
    path = b.path("a/libx.so")
    b.lib("a/libx.so")
    b.prog(needed=[str(path), "libx.so"])
    b.expect(127)


@case
def a_path_and_a_name_of_the_same_file(b):
    path = b.path("a/libx.so")
    b.lib("a/libx.so")
    b.prog(needed=[str(path), "libx.so", "libx.so"], runpath=f"{b.folder}/a")


@case
def two_names_of_one_inode(b):
    b.lib("a/libx.so")
    os.link(b.path("a/libx.so"), b.path("a/liby.so"))
    os.symlink("libx.so", b.path("a/libz.so"))
    b.prog(needed=["libx.so", "liby.so", "libz.so"], runpath=f"{b.folder}/a")


@case
def same_name_in_two_directories_is_one(b):
    b.lib("two/libx.so")
    b.prog(needed=[b.lib("one/libx.so"), b.lib("one/libtop.so", needed=["libx.so"], runpath=f"{b.folder}/two")], runpath=f"{b.folder}/one")


@case
def soname_means_nothing(b):
    b.lib("a/libreal.so", soname="libalias.so")
    b.prog(needed=["libreal.so", "libalias.so"], runpath=f"{b.folder}/a")
    b.expect(127)


@case
def empty_needed(b):
    patch = Patch(b.prog(needed=["libempty.so"]))
    patch.put(patch.tag(DT_NEEDED)[0] + 8, 8, 0)
    patch.save()
    b.expect(127)


@case
def needed_of_255_bytes(b):
    name = "lib" + "x" * 249 + ".so"
    b.lib(f"a/{name}")
    b.prog(needed=[name], runpath=f"{b.folder}/a")
    b.expect(None)


@case
def needed_of_256_bytes_prints_an_old_errno(b):
    b.prog(needed=["lib" + "x" * 250 + ".so"])
    b.expect(127)


@case
def needed_of_256_bytes_after_a_missing_one(b):
    b.prog(needed=["libfirst.so", "lib" + "x" * 250 + ".so"])
    b.expect(127)


@case
def needed_of_5000_bytes(b):
    b.prog(needed=["lib" + "x" * 4994 + ".so"])
    b.expect(127)


@case
def needed_path_of_5000_bytes(b):
    b.prog(needed=["/" + "x/" * 2500 + "y"])
    b.expect(127)


@case
def needed_path_with_a_long_component(b):
    b.prog(needed=["/tmp/" + "x" * 300])
    b.expect(127)


@case
def directory_entry_too_long_for_the_buffer(b):
    b.prog(needed=[b.lib("a/libx.so")], runpath="/" + "d" * 200 + "/" + "e" * 200 + "/" + "f" * 150 + f":{b.folder}/a")


@case
def only_entry_too_long_prints_an_old_errno(b):
    b.prog(needed=["libx.so"], runpath="/" + "d" * 600)
    b.path_file("")
    b.expect(127)


@case
def program_needs_itself(b):
    b.prog(needed=["prog"], runpath=f"{b.folder}")
    b.expect(None)
