"""$ORIGIN, the tokens musl does not know, and programs that are set-user-ID."""
import os

import named_cases

CASES, case = named_cases.registry()
NOBODY = 65534


@case
def origin_of_the_program(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath="$ORIGIN/lib")


@case
def origin_in_braces(b):
    b.prog(needed=[b.lib("lib/libx.so")], rpath="${ORIGIN}/lib:/none")


@case
def origin_twice(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath="$ORIGIN/none:${ORIGIN}/lib")


@case
def origin_without_a_slash_behind(b):
    b.lib("../origin_without_a_slash_behindmore/libx.so")
    b.prog(needed=["libx.so"], runpath="$ORIGINmore")


@case
def origin_through_a_link_to_the_program(b):
    b.prog(needed=[b.lib("real/lib/libx.so")], runpath="$ORIGIN/lib", name="real/prog")
    os.symlink("real/prog", b.path("prog"))
    b.program = str(b.folder / "prog")
    b.listable = False


@case
def origin_of_a_library_is_not_resolved(b):
    low = b.lib("real/low/liblow.so")
    b.lib("real/libtop.so", needed=[low], runpath="$ORIGIN/low")
    b.path("link/x")
    os.symlink("../real/libtop.so", b.path("link/libtop.so"))
    b.prog(needed=["libtop.so"], runpath=f"{b.folder}/link")
    b.expect(127)


@case
def origin_of_a_library(b):
    low = b.lib("a/low/liblow.so")
    b.prog(needed=[b.lib("a/libtop.so", needed=[low], runpath="$ORIGIN/low")], runpath=f"{b.folder}/a")


@case
def origin_of_a_library_found_by_a_relative_path(b):
    low = b.lib("a/low/liblow.so")
    b.prog(needed=[b.lib("a/libtop.so", needed=[low], runpath="$ORIGIN/low")])
    b.environment["LD_LIBRARY_PATH"] = "a"


@case
def lib_token_voids_the_whole_list(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath=f"{b.folder}/lib:$LIB")
    b.expect(127)


@case
def platform_token_voids_the_whole_list(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath="$ORIGIN/lib:/opt/$PLATFORM")
    b.expect(127)


@case
def void_list_leaves_the_ancestors(b):
    low = b.lib("a/liblow.so")
    b.prog(needed=[b.lib("a/libtop.so", needed=[low], runpath="$LIB")], runpath=f"{b.folder}/a")


@case
def lone_dollar_voids(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath=f"{b.folder}/lib:/a$")
    b.expect(127)


@case
def origin_for_a_set_user_id_program(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath="$ORIGIN/lib")
    b.user = NOBODY
    b.at_end(lambda: os.chmod(b.program, 0o4755))
    b.listable = False
    b.expect(127)


@case
def absolute_runpath_for_a_set_user_id_program(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath=f"{b.folder}/lib")
    b.user = NOBODY
    b.at_end(lambda: os.chmod(b.program, 0o4755))
    b.listable = False


@case
def environment_for_a_set_user_id_program(b):
    b.lib("pre/libpre.so")
    b.prog(needed=[b.lib("lib/libx.so")])
    b.environment.update(LD_LIBRARY_PATH=f"{b.folder}/lib", LD_PRELOAD=f"{b.folder}/pre/libpre.so")
    b.user = NOBODY
    b.at_end(lambda: os.chmod(b.program, 0o4755))
    b.listable = False
    b.expect(127)


@case
def set_user_id_of_the_same_user_is_not_secure(b):
    b.prog(needed=[b.lib("lib/libx.so")], runpath="$ORIGIN/lib")
    b.at_end(lambda: os.chmod(b.program, 0o4755))
