"""The named cases. A function is a case, or yields several; its name is the case's name."""
import os
import pathlib
import struct

from elf_patch import Patch
from musl_builder import patch_bytes

CASES = {}
DT_NEEDED, DT_PLTRELSZ, DT_HASH, DT_STRTAB, DT_RELA, DT_RELASZ, DT_RPATH, DT_TEXTREL, DT_DEBUG, DT_JMPREL, DT_RUNPATH = 1, 2, 4, 5, 7, 8, 15, 22, 21, 23, 29
DT_GNU_HASH, DT_VERSYM = 0x6FFFFEF5, 0x6FFFFFF0
NOBODY = 65534


def case(made):
    CASES[made.__name__] = made
    return made


# --- search order -----------------------------------------------------------------------------------------------------------------------

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


# --- the path file and the built-in list --------------------------------------------------------------------------------------------------

@case
def path_file_by_prefix_of_the_interpreter(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none\n{b.folder}/a\n")


@case
def path_file_split_by_colon(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none:{b.folder}/a")


@case
def path_file_with_carriage_returns(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none\r\n{b.folder}/a\r\n")
    b.expect(127)


@case
def path_file_with_a_comment(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"# my folders\n{b.folder}/a\n")


@case
def path_file_ends_at_nul(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/none\n".encode() + b"\0" + f"{b.folder}/a\n".encode())
    b.expect(127)


@case
def path_file_replaces_the_built_in_list(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/libx.so")])
    b.path_file("/elsewhere\n")
    b.expect(127)


@case
def path_file_empty(b):
    b.prog(needed=["libx.so"])
    b.path_file("")
    b.expect(127)


@case
def path_file_empty_keeps_an_old_errno(b):
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/none")
    b.path_file("\n\n")
    b.expect(127)


@case
def path_file_is_a_directory(b):
    b.prog(needed=["libx.so"])
    (b.root / "etc" / "ld-musl-x86_64.path").mkdir(parents=True)
    b.expect(127)


@case
def path_file_unreadable_for_an_ordinary_user(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/a").chmod(0o600)
    b.user = NOBODY
    b.expect(127)


@case
def path_file_parent_is_no_directory(b):
    b.prog(needed=["libx.so"])
    (b.root / "etc").write_text("a file")
    b.expect(127)


@case
def path_file_after_runpath(b):
    b.lib("conf/libx.so")
    b.prog(needed=[b.lib("run/libx.so")], runpath=f"{b.folder}/run")
    b.path_file(f"{b.folder}/conf")


@case
def path_file_of_another_architecture_is_ignored(b):
    b.prog(needed=[b.lib("a/libx.so")])
    b.path_file(f"{b.folder}/a").rename(b.root / "etc" / "ld-musl-aarch64.path")
    b.expect(127)


@case
def built_in_lib(b):
    b.in_chroot()
    b.lib("usr/lib/libx.so")
    b.lib("usr/local/lib/libx.so")
    b.prog(needed=[b.lib("lib/libx.so")])


@case
def built_in_usr_local_lib_second(b):
    b.in_chroot()
    b.lib("usr/lib/libx.so")
    b.prog(needed=[b.lib("usr/local/lib/libx.so")])


@case
def built_in_usr_lib_last(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/libx.so")])


@case
def no_multiarch_directory(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/x86_64-linux-gnu/libx.so")])
    b.expect(127)


@case
def no_hwcaps(b):
    b.in_chroot()
    b.prog(needed=[b.lib("usr/lib/glibc-hwcaps/x86-64-v2/libx.so")])
    b.expect(127)


@case
def no_cache(b):
    b.in_chroot()
    b.prog(needed=[b.lib("opt/libx.so")])
    (b.root / "etc").mkdir(exist_ok=True)
    (b.root / "etc" / "ld.so.conf").write_text("/opt\n")
    b.expect(127)


# --- $ORIGIN --------------------------------------------------------------------------------------------------------------------------------

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


# --- names ----------------------------------------------------------------------------------------------------------------------------------

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


# --- the libc -------------------------------------------------------------------------------------------------------------------------------

@case
def reserved_names(b):
    b.prog(needed=["libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libxnet.so", "libm.so.1"])


@case
def glibc_soname_is_reserved(b):
    b.prog(needed=["libc.so.6"])


@case
def glibc_program(b):
    b.prog(needed=[("libc.so.6", "int __snprintf_chk(void){return 0;} int backtrace(void){return 0;}")],
           code="int __snprintf_chk(void); int backtrace(void); void use(void){__snprintf_chk(); backtrace();}")
    b.expect(127)


@case
def reserved_name_although_a_file_is_there(b):
    b.lib("a/libm.so.6")
    b.prog(needed=["libm.so.6"], runpath=f"{b.folder}/a")


@case
def nearly_reserved_names(b):
    b.prog(needed=["libm-2.36.so", "libcrypt.so.1", "libresolv.so.2", "libmvec.so.1"])
    b.expect(127)


@case
def loader_path_as_needed(b):
    b.prog(needed=[b.loader])


@case
def loader_file_name_as_needed(b):
    b.prog(needed=["ld-musl-x86_64.so.1"], runpath=f"{b.root}/lib")


@case
def glibc_loader_as_needed(b):
    b.prog(needed=["ld-linux-x86-64.so.2"])
    b.expect(127)


@case
def another_libc_is_replaced(b):
    b.lib("a/libother.so", "int __libc_start_main(void){return 0;} void *stdin = &stdin;")
    b.prog(needed=["libother.so"], runpath=f"{b.folder}/a")


@case
def half_a_libc_is_not_replaced(b):
    b.lib("a/libother.so", "int __libc_start_main2(void){return 0;} void *stdin = &stdin;")
    b.prog(needed=["libother.so"], runpath=f"{b.folder}/a")


@case
def hidden_libc_start_main_does_not_count(b):
    b.lib("a/libother.so", '__asm__(".symver one,__libc_start_main@GLIBC_2.2"); int one(void){return 0;} void *stdin = &stdin;',
          script="GLIBC_2.2 { global: stdin; local: one; };")
    b.prog(needed=["libother.so"], runpath=f"{b.folder}/a")


@case
def libc_not_needed_by_anybody(b):
    main = "void _start(void){ __asm__ volatile (\"mov $60,%eax; xor %edi,%edi; syscall\"); }"
    b.prog(main=main, flags=["-nostdlib", "-nostartfiles"])
    b.listable = False
    b.expected = {"*": 0}
    b.talks = False


@case
def libc_not_needed_and_its_symbol_missing(b):
    main = "int puts(const char*); void _start(void){ puts(\"\"); __asm__ volatile (\"mov $60,%eax; xor %edi,%edi; syscall\"); }"
    b.prog(main=main, flags=["-nostdlib", "-nostartfiles"], needed=[("libx.so", "int puts(const char *text){return 0;}")], runpath=f"{b.folder}/a")
    b.lib("a/libx.so")
    b.expect(127)


# --- files that open and are no good ----------------------------------------------------------------------------------------------------

def bad_candidate(name, write, code=127, **more):
    def made(b):
        good = b.lib("good/libx.so")
        b.path("bad/libx.so")
        b.prog(needed=[good], runpath=f"{b.folder}/bad:{b.folder}/good")
        write(b, b.path("bad/libx.so"))
        b.expect(code)
        for key, value in more.items():
            setattr(b, key, value)
    made.__name__ = name
    CASES[name] = made


def other_machine(b, path, compiler, code="", flags=()):
    b.lib("bad/libx.so", code, compiler=compiler, flags=flags)


def patched(**fields):
    """A good library with bytes of its header changed: offset and value of each."""
    def write(b, path):
        b.lib("bad/libx.so", "int x(void){return 1;}")
        data = bytearray(path.read_bytes())
        for where, value in fields.items():
            data[int(where[1:])] = value
        path.write_bytes(data)
    return write


def unreadable(b, path):
    path.write_text("x")
    path.chmod(0)
    b.user = NOBODY


def directory_in_the_way(b, path):
    path.mkdir()


def closed_directory(b, path):
    path.write_text("x")
    path.parent.chmod(0)
    b.user = NOBODY


def looping_link(b, path):
    os.symlink("libx.so", path)


bad_candidate("text_stops_the_search", lambda b, path: path.write_text("INPUT(libgood.so)\n" * 20))
bad_candidate("short_text_stops_the_search", lambda b, path: path.write_text("x"))
bad_candidate("empty_file_stops_the_search", lambda b, path: path.write_bytes(b""))
bad_candidate("directory_stops_the_search", directory_in_the_way)
bad_candidate("link_loop_stops_the_search", looping_link)
bad_candidate("dangling_link_is_passed_over", lambda b, path: os.symlink("nothing", path), 0)
bad_candidate("unreadable_is_passed_over_by_an_ordinary_user", unreadable, 0)
bad_candidate("closed_directory_is_passed_over", closed_directory, 0)
bad_candidate("file_as_directory_is_passed_over", lambda b, path: (path.parent.rmdir(), path.parent.write_text("x")), 0)
bad_candidate("elf_32_bit_stops_the_search", lambda b, path: other_machine(b, path, "gcc", flags=["-m32"]))
bad_candidate("relocatable_object_stops_the_search", patched(_16=1))
bad_candidate("core_file_stops_the_search", patched(_16=4))
bad_candidate("no_magic_is_loaded", patched(_0=0, _1=0), 0)
bad_candidate("class_32_in_the_identification_is_loaded", patched(_4=1), 0)
bad_candidate("big_endian_in_the_identification_is_loaded", patched(_5=2), 0)
bad_candidate("wrong_os_abi_is_loaded", patched(_7=9, _8=7), 0)
bad_candidate("wrong_elf_version_is_loaded", patched(_6=0, _20=9), 0)
bad_candidate("aarch64_with_relocations", lambda b, path: other_machine(b, path, "aarch64-linux-gnu-gcc", "extern int q; int *p = &q; int f(void){return q;}"))
bad_candidate("aarch64_without_relocations", lambda b, path: other_machine(b, path, "aarch64-linux-gnu-gcc"), None, open_question="e_machine")
bad_candidate("other_machine_number_is_loaded", patched(_18=40), None, open_question="e_machine")


def cut(size):
    def write(b, path):
        b.lib("bad/libx.so", "int data[3000] = {1}; int zero[9000]; int x(void){return data[1];} extern int q; int *p = &q;")
        data = path.read_bytes()
        path.write_bytes(data[:size if size >= 0 else len(data) + size])
    return write


for cut_at in (1, 63, 64, 65, 200, 600, 900, 1000, 0x1000, 0x1800, 0x2000, 0x2F00, 0x3000, 0x3001, 0x3800):
    bad_candidate(f"cut_off_at_{cut_at}", cut(cut_at), None)


def table_at(offset):
    def write(b, path):
        b.lib("bad/libx.so")
        patch = Patch(path)
        patch.put(32, 8, offset)
        patch.save()
    return write


bad_candidate("program_headers_beyond_the_end", table_at(1 << 40))


def segment_edit(kind, field, value, nth=0, size=8):
    def write(b, path):
        b.lib("bad/libx.so", "int data[3] = {1}; int zero[9];")
        patch = Patch(path)
        patch.put(patch.segment(kind, nth) + field, size, value)
        patch.save()
    return write


bad_candidate("no_dynamic_segment", segment_edit(2, 0, 0, size=4))
bad_candidate("dynamic_segment_at_zero", segment_edit(2, 16, 0))
bad_candidate("segment_of_2_to_the_60_bytes", segment_edit(1, 40, 1 << 60, nth=-1))
bad_candidate("strange_alignment_is_loaded", segment_edit(1, 48, 3), 0)
bad_candidate("no_stack_segment_is_loaded", segment_edit(0x6474E551, 0, 0, size=4), 0)
bad_candidate("executable_stack_is_loaded", segment_edit(0x6474E551, 4, 7, size=4), 0)


@case
def library_without_a_hash_table(b):
    path = b.lib("a/libx.so", "int x(void){return 0;}", flags=["-Wl,--hash-style=gnu"])
    b.prog(needed=[path], runpath=f"{b.folder}/a")
    patch = Patch(path)
    patch.drop(DT_GNU_HASH)
    patch.save()
    b.expect(139)


@case
def library_with_the_old_hash_table_only(b):
    path = b.lib("a/libx.so", "int x(void){return 0;}", flags=["-Wl,--hash-style=sysv"])
    b.prog(needed=[path], runpath=f"{b.folder}/a", code="int x(void); int use(void){return x();}")


@case
def program_without_a_hash_table(b):
    prog = b.prog(needed=["libmissing.so"], flags=["-Wl,--hash-style=gnu"])
    patch = Patch(prog)
    patch.drop(DT_GNU_HASH, DT_HASH)
    patch.save()
    b.expect(139)


@case
def program_without_phdr_segment(b):
    prog = b.prog()
    patch = Patch(prog)
    patch.put(patch.segment(6), 4, 0)
    patch.save()
    b.listable = False
    b.expect(139)


@case
def program_without_dynamic_segment(b):
    prog = b.prog(flags=["-no-pie"])
    patch = Patch(prog)
    patch.put(patch.segment(2), 4, 0)
    patch.save()
    b.listable = False
    b.expect(139)


@case
def executable_as_library(b):
    b.path("a/x")
    command_program(b, "a/libx.so", "0x30000000")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")


def command_program(b, name, address):
    import musl_builder
    musl_builder.command(["gcc", "-no-pie", "-nostdlib", "-x", "c", "-", "-x", "none", "-o", b.path(name), f"-Wl,-Ttext-segment={address}", "-Wl,-e,x",
                          "-Wl,--export-dynamic", "-Wl,--no-as-needed", b.lib("a/libdep.so"), f"-Wl,-rpath,{b.folder}/a"], "int x(void){return 0;}")


@case
def executable_as_library_where_the_program_is(b):
    command_program(b, "a/libx.so", "0x400000")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a", flags=["-no-pie", "-Wl,-Ttext-segment=0x400000"])
    b.listable = False
    b.expect(127)


@case
def position_independent_program_as_library(b):
    b.prog(name="a/libx.so")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")


# --- symbols ----------------------------------------------------------------------------------------------------------------------------------

USE_X = "int x(void); int use(void){return x();}"


@case
def missing_function(b):
    b.lib("a/libx.so", "int y(void){return 0;}")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)
    b.expect(127)


@case
def missing_function_is_no_lazy_matter(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X, flags=["-Wl,-z,lazy"])
    b.expect(127)


@case
def missing_symbols_of_many_objects_in_order(b):
    low = b.lib("a/liblow.so", "int gone1(void); int gone2; extern int gone3; int low(void){return gone1()+gone3;}")
    top = b.lib("a/libtop.so", "int gone4(void); int low(void); int top(void){return gone4()+low();}", needed=[low])
    b.prog(needed=[top, ("libz.so", "int gone5(void){return 0;}"), ("libstub.so", "int gone6;")], runpath=f"{b.folder}/a",
           code="int top(void); int gone5(void); extern int gone6; int use(void){return top()+gone5()+gone6;}")
    b.expect(127)


@case
def missing_data(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "int v = 1;")], runpath=f"{b.folder}/a", code="extern int v; int use(void){return v;}", flags=["-no-pie"])
    b.expect(127)


@case
def weak_and_missing(b):
    b.prog(code="int x(void) __attribute__((weak)); int use(void){return x ? x() : 0;}")


@case
def weak_definition_first_wins(b):
    one = b.lib("a/libone.so", "int x(void) __attribute__((weak)); int x(void){return 1;}")
    two = b.lib("a/libtwo.so", "int x(void){return 2;}")
    b.prog(needed=[one, two], runpath=f"{b.folder}/a", code="int x(void); __attribute__((constructor)) void check(void){ if (x()!=1) __builtin_trap(); }")


@case
def ifunc_definition_does_not_count(b):
    lib = b.lib("a/libx.so", "static int one(void){return 1;} static void *pick(void){return one;} int x(void) __attribute__((ifunc(\"pick\")));")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", code=USE_X)
    b.expect(127)


@case
def own_ifunc_is_an_unsupported_relocation(b):
    b.prog(code="static int one(void){return 1;} static void *pick(void){return one;} static int x(void) __attribute__((ifunc(\"pick\"))); int use(void){return x();}")
    b.expect(127)


@case
def version_of_the_provider_missing(b):
    old = b.lib("a/libx.so", "int x(void){return 0;}", script="V1 { global: x; };")
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V2 { global: x; };")], runpath=f"{b.folder}/a", code=USE_X)
    assert old.exists()


@case
def versioned_reference_to_an_unversioned_library(b):
    b.lib("a/libx.so", "int x(void){return 0;}")
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V2 { global: x; };")], runpath=f"{b.folder}/a", code=USE_X)


TWO_VERSIONS = ('__asm__(".symver one,x@V1\\n.symver two,x@@V2"); int one(void){return 1;} int two(void){return 2;}', "V1 { local: one; two; }; V2 { };")


@case
def default_version_wins_although_the_old_is_asked_for(b):
    b.lib("a/libx.so", TWO_VERSIONS[0], script=TWO_VERSIONS[1])
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V1 { global: x; };")], runpath=f"{b.folder}/a",
           code="int x(void); __attribute__((constructor)) void check(void){ if (x()!=2) __builtin_trap(); }")


@case
def only_a_hidden_version(b):
    b.lib("a/libx.so", '__asm__(".symver one,x@V1"); int one(void){return 1;}', script="V1 { local: one; };")
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V1 { global: x; };")], runpath=f"{b.folder}/a", code=USE_X)
    b.expect(127)


@case
def hidden_version_in_the_old_hash_table(b):
    b.lib("a/libx.so", TWO_VERSIONS[0], script=TWO_VERSIONS[1], flags=["-Wl,--hash-style=sysv"])
    b.prog(needed=[("libx.so", "int x(void){return 0;}", "V1 { global: x; };")], runpath=f"{b.folder}/a",
           code="int x(void); __attribute__((constructor)) void check(void){ if (x()!=2) __builtin_trap(); }")


@case
def protected_symbol(b):
    lib = b.lib("a/libx.so", "__attribute__((visibility(\"protected\"))) int x(void){return 0;}")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", code=USE_X)


@case
def symbol_from_the_program(b):
    low = b.lib("a/liblow.so", "int from_program(void); int low(void){return from_program();}")
    b.prog(needed=[low], runpath=f"{b.folder}/a", code="int from_program(void){return 0;}", flags=["-Wl,--export-dynamic"])


@case
def symbol_from_a_later_library(b):
    first = b.lib("a/libfirst.so", "int later(void); int first(void){return later();}")
    second = b.lib("a/libsecond.so", "int later(void){return 0;}")
    b.prog(needed=[first, second], runpath=f"{b.folder}/a")


@case
def address_of_a_function_in_a_fixed_program(b):
    lib = b.lib("a/libx.so", "int x(void){return 0;} void *address(void){return x;}", flags=["-fno-plt"])
    b.prog(needed=[lib], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic", "-fno-pie"],
           code="int x(void); void *volatile p = x; void *address(void); __attribute__((constructor)) void check(void){ if (address()!=p) __builtin_trap(); }")


@case
def undefined_in_one_library_does_not_define(b):
    lib = b.lib("a/liba.so", "int x(void); int y(void){return x();}")
    b.prog(needed=[lib, ("libb.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)
    b.lib("a/libb.so")
    b.expect(127)


@case
def preload_provides_a_missing_symbol(b):
    b.lib("a/libx.so")
    b.lib("a/libpre.so", "int x(void){return 0;}")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)
    b.environment["LD_PRELOAD"] = f"{b.folder}/a/libpre.so"


@case
def large_file_aliases(b):
    b.prog(needed=[("libstub.so", "int open64(void){return 0;} int fstat64(void){return 0;} int readdir64_r(void){return 0;}")],
           code="int open64(void); int fstat64(void); int readdir64_r(void); void use(void){open64(); fstat64(); readdir64_r();}")
    b.lib("a/libstub.so")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/a"


@case
def posix_fallocate64_is_too_long_for_the_alias_table(b):
    b.prog(needed=[("libstub.so", "int posix_fallocate64(void){return 0;}")], code="int posix_fallocate64(void); void use(void){posix_fallocate64();}")
    b.lib("a/libstub.so")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/a"
    b.expect(0, v1_2_5=127)


@case
def names_with_64_that_are_no_aliases(b):
    b.prog(needed=[("libstub.so", "int fseek64(void){return 0;} int x64(void){return 0;}")], code="int fseek64(void); int x64(void); void use(void){fseek64(); x64();}")
    b.lib("a/libstub.so")
    b.environment["LD_LIBRARY_PATH"] = f"{b.folder}/a"
    b.expect(127)


# --- data, thread-local storage and relocations -------------------------------------------------------------------------------------------

@case
def copy_relocation(b):
    lib = b.lib("a/libx.so", "int v[4] = {7};")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic"],
           code="extern int v[4]; __attribute__((constructor)) void check(void){ if (v[0]!=7) __builtin_trap(); }")


@case
def copy_relocation_of_another_size_is_silent(b):
    b.lib("a/libx.so", "int v[4] = {7};")
    b.prog(needed=[("libx.so", "int v[2] = {7};")], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic"],
           code="extern int v[2]; __attribute__((constructor)) void check(void){ if (v[0]!=7) __builtin_trap(); }")


@case
def copy_relocation_of_more_than_the_library_has(b):
    b.lib("a/libx.so", "int v[4] = {7};")
    b.prog(needed=[("libx.so", "int v[9000000] = {7};")], runpath=f"{b.folder}/a", flags=["-no-pie", "-fno-pic"], code="extern int v[9000000]; int use(void){return v[0];}")
    b.expect(None)
    b.open_question = "a copy of more bytes than the library has"


@case
def thread_local_variable(b):
    lib = b.lib("a/libx.so", "__thread int t = 5;")
    b.prog(needed=[lib], runpath=f"{b.folder}/a", code="extern __thread int t; __attribute__((constructor)) void check(void){ if (t!=5) __builtin_trap(); }")


@case
def thread_local_variable_missing(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "__thread int t = 5;")], runpath=f"{b.folder}/a", code="extern __thread int t; int use(void){return t;}")
    b.expect(127)


@case
def thread_local_variable_weak_and_missing(b):
    b.lib("a/libx.so", "extern __thread int t __attribute__((weak, tls_model(\"initial-exec\"))); int use(void){return t;}")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.expect(139)


@case
def dynamic_thread_local_variable_weak_and_missing(b):
    b.lib("a/libx.so", "extern __thread int t __attribute__((weak)); int use(void){return t;}")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.expect(139)


@case
def initial_exec_in_a_library(b):
    b.lib("a/libx.so", "__thread int t __attribute__((tls_model(\"initial-exec\"))) = 3; int use(void){return t;}")
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")


@case
def thread_local_descriptors(b):
    b.lib("a/libx.so", "__thread int t = 3; int use(void){return t;}", flags=["-mtls-dialect=gnu2"])
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")


@case
def variable_where_thread_local_is_meant(b):
    b.lib("a/libx.so", "int t = 5;")
    b.prog(needed=[("libx.so", "__thread int t = 5;")], runpath=f"{b.folder}/a", code="extern __thread int t; int use(void){return t;}")


@case
def packed_relative_relocations(b):
    b.prog(flags=["-Wl,-z,pack-relative-relocs"])
    b.expect(139, v1_2_5=0)


@case
def packed_relative_relocations_of_a_library(b):
    b.lib("a/libx.so", "static void first(void) __attribute__((constructor)); int v; int *p = &v; static void first(void){ *p = 1; }", flags=["-Wl,-z,pack-relative-relocs"])
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.expect(139, v1_2_5=0)


@case
def packed_relative_relocations_of_a_fixed_program(b):
    b.prog(flags=["-Wl,-z,pack-relative-relocs", "-no-pie"])


@case
def missing_symbol_beside_packed_relocations(b):
    b.lib("a/libx.so")
    b.prog(needed=[("libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X, flags=["-Wl,-z,pack-relative-relocs"])
    b.expect(127)


@case
def text_relocation_in_a_library(b):
    lib = b.lib("a/libx.so", "__asm__(\".text\\n.globl f\\nf: .quad f\\n\");", flags=["-Wl,-z,notext"])
    b.prog(needed=[lib], runpath=f"{b.folder}/a")
    b.expect(0, v1_2_2=127)       # the linker left an empty PT_LOAD, which 1.2.2 hands to mmap()


@case
def text_relocation_without_its_tag(b):
    lib = b.lib("a/libx.so", "__asm__(\".text\\n.globl f\\nf: .quad f\\n\");", flags=["-Wl,-z,notext"])
    b.prog(needed=[lib], runpath=f"{b.folder}/a")
    patch = Patch(lib)
    patch.drop(DT_TEXTREL)
    patch.save()
    b.expect(139, v1_2_2=127)


@case
def text_relocation_in_the_program(b):
    b.prog(code="__asm__(\".text\\n.globl f\\nf: .quad f\\n\");", flags=["-Wl,-z,notext"])
    b.listable = False
    b.expect(139)


def relocation_type(name, kind, code):
    def made(b):
        lib = b.lib("a/libx.so", "int v; int *p = &v; extern int q; int *r = &q; int q;")
        b.prog(needed=[lib], runpath=f"{b.folder}/a")
        patch = Patch(lib)
        record = patch.relocations(DT_RELA, DT_RELASZ)[-1]
        patch.put(record + 8, 4, kind)
        patch.save()
        b.expect(code)
    made.__name__ = name
    CASES[name] = made


relocation_type("relocation_type_none", 0, 0)
relocation_type("relocation_type_unknown", 200, 127)
relocation_type("relocation_type_irelative", 37, 127)
relocation_type("relocation_type_32", 10, 127)
relocation_type("relocation_type_size", 33, 127)
relocation_type("relocation_type_huge", 0x7FFFFFFF, 127)
relocation_type("relocation_type_pc32", 2, 0)


@case
def read_only_dynamic_section_of_the_program(b):
    prog = b.prog(flags=["-Wl,-z,norelro"])
    patch = Patch(prog)
    patch.put(patch.segment(1, -1) + 4, 4, 4)
    patch.save()
    b.listable = False
    b.expect(139)


@case
def relro_over_a_hole(b):
    b.prog(flags=["-no-pie"])
    prog = b.folder / "prog"
    patch = Patch(prog)
    relro, last, before = patch.segment(0x6474E552), patch.segment(1, -1), patch.segment(1, -2)
    end = patch.number(before + 16, 8) + patch.number(before + 40, 8)
    start = (end + 4095) // 4096 * 4096
    patch.put(relro + 16, 8, start)
    patch.put(relro + 40, 8, patch.number(last + 16, 8) // 4096 * 4096 + 4096 - start)
    patch.save()
    b.listable = False
    b.expect(None)


@case
def symbols_of_a_cross_pair(b):
    one = b.lib("a/libone.so", "int two(void); int one(void){return two();}")
    two = b.lib("a/libtwo.so", "int one(void); int two(void){return one();}")
    b.prog(needed=[one, two], runpath=f"{b.folder}/a")


# --- LD_PRELOAD -------------------------------------------------------------------------------------------------------------------------------

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


# --- the program ------------------------------------------------------------------------------------------------------------------------------

@case
def fixed_program(b):
    b.prog(flags=["-no-pie"], needed=[b.lib("a/libx.so")], runpath="$ORIGIN/a")


@case
def program_by_a_relative_path(b):
    b.prog(needed=["libgone.so", b.lib("a/libx.so", "int f(void){return 0;}")], runpath="$ORIGIN/a")
    b.program = "./prog"
    b.listable = False            # there $ORIGIN is what stands before the program's name
    b.expect(127)


@case
def program_with_a_large_stack(b):
    b.prog(flags=["-Wl,-z,stack-size=16777216"])


@case
def program_with_an_executable_stack(b):
    b.prog(flags=["-Wl,-z,execstack"])


@case
def bind_now(b):
    b.prog(flags=["-Wl,-z,now"], needed=[b.lib("a/libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)


@case
def fifo_as_library(b):
    b.path("a/x")
    os.mkfifo(b.path("a/libx.so"))
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.runnable = False
    b.open_question = "a pipe, socket or device"
