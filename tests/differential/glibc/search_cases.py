"""Where glibc looks for a library. A function is a case; its name is the case's name."""
import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()


# --- the order --------------------------------------------------------------------------------------------------------------------------

@case
def nothing_needed(b):
    b.prog()


@case
def missing_library(b):
    b.prog(needed=["libx.so"])
    b.expect(127)


@case
def first_of_two_missing_libraries_is_told(b):
    b.prog(needed=["libx.so", "liby.so"])
    b.expect(127)


@case
def missing_library_of_a_library(b):
    b.prog(needed=[b.lib("/a/libtop.so", needed=["libgone.so"])], rpath="/a")
    b.expect(127)


@case
def missing_library_is_told_breadth_first(b):
    top = b.lib("/a/libtop.so", needed=["libdeep.so"])
    b.prog(needed=[top, "libflat.so"], rpath="/a")
    b.expect(127)


@case
def library_path_finds(b):
    b.prog(needed=[b.lib("/a/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/a"


@case
def rpath_before_library_path(b):
    b.lib("/env/libx.so")
    b.prog(needed=[b.lib("/run/libx.so")], rpath="/run")
    b.environment["LD_LIBRARY_PATH"] = "/env"


@case
def library_path_before_runpath(b):
    b.lib("/env/libx.so")
    b.prog(needed=[b.lib("/run/libx.so")], runpath="/run")
    b.environment["LD_LIBRARY_PATH"] = "/env"


@case
def runpath_before_built_in(b):
    b.lib("/usr/lib/libx.so")
    b.prog(needed=[b.lib("/run/libx.so")], runpath="/run")


@case
def built_in_order(b):
    for folder in ("/usr/lib", "/lib", "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu"):
        x = b.lib(f"{folder}/libx.so")
    b.prog(needed=[x])


@case
def built_in_usr_multiarch_second(b):
    for folder in ("/usr/lib", "/lib", "/usr/lib/x86_64-linux-gnu"):
        x = b.lib(f"{folder}/libx.so")
    b.prog(needed=[x])


@case
def built_in_lib_third(b):
    b.lib("/usr/lib/libx.so")
    b.prog(needed=[b.lib("/lib/libx.so")])


@case
def built_in_usr_lib_last(b):
    b.prog(needed=[b.lib("/usr/lib/libx.so")])


@case
def lib64_is_not_built_in_on_debian(b):
    b.prog(needed=[b.lib("/lib64/libx.so")])
    b.expect(127)


@case
def usr_local_lib_is_not_built_in(b):
    b.prog(needed=[b.lib("/usr/local/lib/libx.so")])
    b.expect(127)


# --- DT_RPATH and DT_RUNPATH --------------------------------------------------------------------------------------------------------------

@case
def rpath_inherited_from_program(b):
    b.prog(needed=[b.lib("/a/libtop.so", needed=[b.lib("/a/liblow.so")])], rpath="/a")


@case
def runpath_not_inherited_from_program(b):
    b.prog(needed=[b.lib("/a/libtop.so", needed=[b.lib("/a/liblow.so")])], runpath="/a")
    b.expect(127)


@case
def runpath_not_inherited_but_origin_is_its_own(b):
    top = b.lib("/a/libtop.so", needed=[b.lib("/a/liblow.so")], runpath="$ORIGIN")
    b.prog(needed=[top], runpath="$ORIGIN/a")


@case
def requester_rpath_before_the_programs(b):
    b.lib("/p/liblow.so")
    top = b.lib("/p/libtop.so", needed=[b.lib("/l/liblow.so")], rpath="/l")
    b.prog(needed=[top], rpath="/p")


@case
def rpath_of_three_generations(b):
    c = b.lib("/c/libc3.so")
    two = b.lib("/b/libb3.so", needed=[c])
    one = b.lib("/a/liba3.so", needed=[two], rpath="/b:/c")
    b.prog(needed=[one], rpath="/a")


@case
def rpath_of_the_middle_is_inherited(b):
    low = b.lib("/low/liblow.so")
    middle = b.lib("/a/libmiddle.so", needed=[low])
    top = b.lib("/a/libtop.so", needed=[middle], rpath="/low")
    b.prog(needed=[top], rpath="/a")


@case
def runpath_of_the_requester_hides_every_rpath(b):
    low = b.lib("/low/liblow.so")
    top = b.lib("/a/libtop.so", needed=[low], runpath="/elsewhere")
    b.prog(needed=[top], rpath="/a:/low")
    b.expect(127)


@case
def runpath_of_the_middle_does_not_hide_the_programs_rpath(b):
    low = b.lib("/low/liblow.so")
    middle = b.lib("/a/libmiddle.so", needed=[low])
    top = b.lib("/a/libtop.so", needed=[middle], runpath="/a")
    b.prog(needed=[top], rpath="/a:/low")


@case
def rpath_not_inherited_from_a_sibling(b):
    low = b.lib("/low/liblow.so")
    sibling = b.lib("/a/libsibling.so", rpath="/low")
    b.prog(needed=[sibling, b.lib("/a/libtop.so", needed=[low])], rpath="/a")
    b.expect(127)


@case
def first_requester_decides_whose_rpath(b):
    shared = b.lib("/s/libshared.so", needed=[b.lib("/low/liblow.so")])
    first = b.lib("/a/libfirst.so", needed=[shared])
    second = b.lib("/a/libsecond.so", needed=[shared], rpath="/low")
    b.prog(needed=[first, second], rpath="/a:/s")
    b.expect(127)


@case
def runpath_drops_the_rpath_of_the_same_file(b):
    b.lib("/old/libx.so")
    prog = b.prog(needed=[b.lib("/new/libx.so")], runpath="/new", flags=["-soname", "/old"])
    patch = Patch(prog)
    patch.retag(14, 15)   # DT_SONAME becomes DT_RPATH
    patch.save()


@case
def both_tags_and_only_the_rpath_would_find(b):
    prog = b.prog(needed=[b.lib("/old/libx.so")], runpath="/new", flags=["-soname", "/old"])
    patch = Patch(prog)
    patch.retag(14, 15)
    patch.save()
    b.expect(127)


@case
def empty_rpath(b):
    prog = b.prog(needed=[b.lib("/libx.so")], flags=["-soname", "/a"])
    patch = Patch(prog)
    patch.retag(14, 15, 0)
    patch.save()
    b.expect(127)


@case
def empty_runpath_still_hides_the_rpath(b):
    top = b.lib("/a/libtop.so", needed=[b.lib("/low/liblow.so")])
    patch = Patch(top)
    patch.retag(14, 29, 0)
    patch.save()
    b.prog(needed=["libtop.so"], rpath="/a:/low")
    b.expect(127)


@case
def empty_element_of_runpath_is_the_working_directory(b):
    b.prog(needed=[b.lib("/work/libx.so")], runpath="/none::/other")
    b.directory = "/work"


@case
def relative_runpath(b):
    b.prog(needed=[b.lib("/work/sub/libx.so")], runpath="sub")
    b.directory = "/work"


@case
def runpath_is_not_split_at_semicolons(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/none;/a")
    b.expect(127)


@case
def runpath_with_many_slashes(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="//none//:///a///")


@case
def runpath_with_dots_is_shown_as_written(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/usr/../a/./")
    b.path("/usr/x").mkdir()


@case
def root_as_runpath(b):
    b.prog(needed=[b.lib("/libx.so")], runpath="/")


@case
def same_directory_twice(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/none:/none:/a:/a/")


# --- tokens -------------------------------------------------------------------------------------------------------------------------------

@case
def origin_of_the_program(b):
    b.prog(needed=[b.lib("/app/lib/libx.so")], runpath="$ORIGIN/../lib", name="/app/bin/prog")
    b.program = "/app/bin/prog"
    b.real_program("/app/bin/prog")


@case
def origin_in_braces(b):
    b.prog(needed=[b.lib("/app/libx.so")], runpath="${ORIGIN}", name="/app/prog")
    b.program = "/app/prog"
    b.real_program("/app/prog")


@case
def origin_of_a_linked_program_is_where_the_file_is(b):
    b.prog(needed=[b.lib("/app/libx.so")], runpath="$ORIGIN", name="/app/prog")
    b.link_to("/bin/prog", "../app/prog")
    b.program = "/bin/prog"
    b.real_program("/app/prog")


@case
def origin_of_a_linked_library_is_where_the_link_is(b):
    b.lib("/real/libtop.so", needed=["liblow.so"], runpath="$ORIGIN")
    b.lib("/link/liblow.so")
    b.link_to("/link/libtop.so", "../real/libtop.so")
    b.prog(needed=["libtop.so"], runpath="/link")


@case
def origin_of_a_linked_library_is_not_where_the_file_is(b):
    b.lib("/real/libtop.so", needed=["liblow.so"], runpath="$ORIGIN")
    b.lib("/real/liblow.so")
    b.link_to("/link/libtop.so", "../real/libtop.so")
    b.prog(needed=["libtop.so"], runpath="/link")
    b.expect(127)


@case
def origin_of_a_library_found_by_a_relative_path(b):
    b.lib("/work/sub/libtop.so", needed=["liblow.so"], runpath="$ORIGIN")
    b.lib("/work/sub/liblow.so")
    b.prog(needed=["libtop.so"], runpath="sub")
    b.directory = "/work"


@case
def lib_token(b):
    b.prog(needed=[b.lib("/opt/lib/x86_64-linux-gnu/libx.so")], runpath="/opt/$LIB")


@case
def platform_token(b):
    b.prog(needed=[b.lib("/opt/haswell/libx.so")], runpath="/opt/$PLATFORM")
    b.lib("/opt/x86_64/libx.so")


@case
def unknown_token_stays(b):
    b.prog(needed=[b.lib("/$OTHER/libx.so")], runpath="/$OTHER")


@case
def token_with_letters_behind_is_another_word(b):
    b.prog(needed=[b.lib("/$ORIGINAL/libx.so")], runpath="/$ORIGINAL")


@case
def token_with_a_dot_behind_is_a_token(b):
    b.prog(needed=[b.lib("/opt.d/libx.so")], runpath="$ORIGIN.d", name="/opt/prog")
    b.program = "/opt/prog"
    b.real_program("/opt/prog")


@case
def brace_without_an_end(b):
    b.prog(needed=[b.lib("/${ORIGIN/libx.so")], runpath="/${ORIGIN")


@case
def two_tokens_in_one_element(b):
    b.prog(needed=[b.lib("/opt/opt/lib/x86_64-linux-gnu/libx.so")], runpath="$ORIGIN$ORIGIN/$LIB", name="/opt/prog")
    b.program = "/opt/prog"
    b.real_program("/opt/prog")


@case
def token_in_needed(b):
    b.lib("/app/libx.so")
    b.prog(needed=["$ORIGIN/libx.so"], name="/app/prog")
    b.program = "/app/prog"
    b.real_program("/app/prog")


@case
def lib_token_in_needed(b):
    b.lib("/opt/lib/x86_64-linux-gnu/libx.so")
    b.prog(needed=["/opt/$LIB/libx.so"])


@case
def token_in_needed_of_a_library(b):
    b.lib("/a/libx.so")
    b.prog(needed=[b.lib("/a/libtop.so", needed=["$ORIGIN/libx.so"])], runpath="/a")


# --- LD_LIBRARY_PATH ------------------------------------------------------------------------------------------------------------------------

@case
def library_path_order(b):
    b.lib("/two/libx.so")
    b.prog(needed=[b.lib("/one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/none:/one:/two"


@case
def library_path_split_at_semicolons(b):
    b.prog(needed=[b.lib("/one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/none;/one"


@case
def library_path_empty_element_is_the_working_directory(b):
    b.prog(needed=[b.lib("/work/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/none:"
    b.directory = "/work"


@case
def library_path_leading_empty_element(b):
    b.lib("/one/libx.so")
    b.prog(needed=[b.lib("/work/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = ":/one"
    b.directory = "/work"


@case
def library_path_empty_means_nothing(b):
    b.prog(needed=[b.lib("/work/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = ""
    b.directory = "/work"
    b.expect(127)


@case
def library_path_of_a_colon_only(b):
    b.prog(needed=[b.lib("/work/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = ":"
    b.directory = "/work"


@case
def library_path_relative(b):
    b.prog(needed=[b.lib("/work/sub/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "sub"
    b.directory = "/work"


@case
def library_path_knows_origin(b):
    b.prog(needed=[b.lib("/app/libx.so")], name="/app/prog")
    b.program = "/app/prog"
    b.real_program("/app/prog")
    b.environment["LD_LIBRARY_PATH"] = "$ORIGIN"


@case
def library_path_knows_lib(b):
    b.prog(needed=[b.lib("/opt/lib/x86_64-linux-gnu/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/opt/$LIB"


@case
def library_path_is_not_split_at_blanks(b):
    b.prog(needed=[b.lib("/one/libx.so")])
    b.environment["LD_LIBRARY_PATH"] = "/none /one"
    b.expect(127)


@case
def library_path_for_a_library_of_a_library(b):
    low = b.lib("/low/liblow.so")
    b.prog(needed=[b.lib("/a/libtop.so", needed=[low])], runpath="/a")
    b.environment["LD_LIBRARY_PATH"] = "/low"
