"""Files that open and are no good: which stop the search, which are passed over, which are loaded all the same."""
import os

import named_cases
from elf_patch import Patch

CASES, case = named_cases.registry()
DT_HASH = 4
DT_GNU_HASH = 0x6FFFFEF5
NOBODY = 65534


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
def program_with_a_second_phdr_segment(b):
    prog = b.prog()
    patch = Patch(prog)
    patch.put(patch.segment(0x6474E551), 4, 6)
    patch.save()
    b.listable = False
    b.expect(139)
    b.open_question = "PT_PHDR is not the address of the program headers"


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
