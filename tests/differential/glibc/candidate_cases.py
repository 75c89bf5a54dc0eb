"""What glibc makes of a file of the right name: looks further, stops, or takes it."""
import os
import struct

import named_cases
from elf_patch import Patch
from glibc_builder import NOBODY

CASES, case = named_cases.registry()
PT_NULL, PT_LOAD, PT_DYNAMIC, PT_NOTE, PT_TLS = 0, 1, 2, 4, 7
PT_GNU_STACK, PT_GNU_RELRO = 0x6474E551, 0x6474E552


def first_of_two(name, change, code, **versions):
    """A case of a spoilt library in the first directory and a good one in the second."""
    def made(b):
        bad = b.lib("/bad/libx.so")
        change(b, bad)
        b.prog(needed=[b.lib("/good/libx.so")], runpath="/bad:/good")
        b.expect(code, **versions)
    CASES[name] = made


def only(name, change, code, **versions):
    def made(b):
        bad = b.lib("/bad/libx.so")
        change(b, bad)
        b.prog(needed=["libx.so"], runpath="/bad")
        b.expect(code, **versions)
    CASES[name] = made


def bytes_at(offset, data):
    def change(_, path):
        content = bytearray(path.read_bytes())
        content[offset:offset + len(data)] = data
        path.write_bytes(content)
    return change


def cut(size):
    return lambda _, path: path.write_bytes(path.read_bytes()[:size])


def text(content):
    return lambda _, path: path.write_bytes(content)


def segment_field(p_type, field, value, nth=0):
    """field: offset within the record and width"""
    def change(_, path):
        patch = Patch(path)
        record = patch.segment(p_type, nth)
        patch.put(record + field[0], field[1], value(patch, record) if callable(value) else value)
        patch.save()
    return change


P_TYPE, P_FLAGS, P_OFFSET, P_VADDR, P_FILESZ, P_MEMSZ, P_ALIGN = (0, 4), (4, 4), (8, 8), (16, 8), (32, 8), (40, 8), (48, 8)


def aarch64(_, path):
    bytes_at(18, struct.pack("<H", 183))(_, path)


def elf32(_, path):
    path.write_bytes(b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 3, 3, 1, 0, 52, 0, 0, 52, 32, 0, 40, 0, 0) + bytes(100))


# --- looks further ------------------------------------------------------------------------------------------------------------------------

first_of_two("other_class_is_passed_over", elf32, 0)
only("other_class_only", elf32, 127)
first_of_two("other_machine_is_passed_over", aarch64, 0)
only("other_machine_only", aarch64, 127)
first_of_two("class_byte_alone_is_passed_over", bytes_at(4, b"\x01"), 0)
only("class_byte_3_only", bytes_at(4, b"\x03"), 127)


@case
def other_class_then_other_machine(b):
    elf32(b, b.lib("/one/libx.so"))
    aarch64(b, b.lib("/two/libx.so"))
    b.prog(needed=["libx.so"], runpath="/one:/two")
    b.expect(127)


@case
def other_class_by_path(b):
    elf32(b, b.lib("/one/libx.so"))
    b.prog(needed=["/one/libx.so"])
    b.expect(127)


@case
def other_machine_by_path(b):
    aarch64(b, b.lib("/one/libx.so"))
    b.prog(needed=["/one/libx.so"])
    b.expect(127)


# --- stops --------------------------------------------------------------------------------------------------------------------------------

for name, change in {
    "text_stops": text(b"This is a text, and it is longer than the header of an ELF file, which has sixty-four bytes.\n"),
    "linker_script_stops": text(b"/* GNU ld script */ OUTPUT_FORMAT(elf64-x86-64) GROUP ( /lib/libx.so.1 AS_NEEDED ( /lib/liby.so ) )\n"),
    "short_text_stops": text(b"short\n"),
    "empty_file_stops": text(b""),
    "cut_to_63_bytes_stops": cut(63),
    "cut_to_64_bytes_stops": cut(64),
    "cut_within_the_program_headers_stops": cut(200),
    "bad_magic_stops": bytes_at(0, b"\x7fELG"),
    "big_endian_stops": bytes_at(5, b"\x02"),
    "data_0_stops": bytes_at(5, b"\x00"),
    "ident_version_0_stops": bytes_at(6, b"\x00"),
    "ident_version_2_stops": bytes_at(6, b"\x02"),
    "osabi_freebsd_stops": bytes_at(7, b"\x09"),
    "osabi_standalone_stops": bytes_at(7, b"\xff"),
    "abi_version_4_stops": bytes_at(7, b"\x03\x09"),
    "abi_version_of_sysv_stops": bytes_at(8, b"\x01"),
    "padding_stops": bytes_at(15, b"\x01"),
    "version_0_stops": bytes_at(20, struct.pack("<I", 0)),
    "version_2_stops": bytes_at(20, struct.pack("<I", 2)),
    "object_file_stops": bytes_at(16, struct.pack("<H", 1)),
    "core_stops": bytes_at(16, struct.pack("<H", 4)),
    "type_of_the_os_stops": bytes_at(16, struct.pack("<H", 0xfe00)),
    "phentsize_stops": bytes_at(54, struct.pack("<H", 32)),
    "phentsize_0_stops": bytes_at(54, struct.pack("<H", 0)),
    "phnum_0_stops": bytes_at(56, struct.pack("<H", 0)),
    "phnum_of_more_than_the_file_stops": bytes_at(56, struct.pack("<H", 60000)),
    "phoff_beyond_the_file_stops": bytes_at(32, struct.pack("<Q", 1 << 30)),
    "phoff_negative_stops": bytes_at(32, struct.pack("<q", -1 << 40)),
    "executable_type_stops": bytes_at(16, struct.pack("<H", 2)),
    "no_load_segment_stops": lambda b, path: [segment_field(PT_LOAD, P_TYPE, PT_NULL)(b, path) for _ in range(len([1 for _, t in Patch(path).segments() if t == 1]))],
    "no_dynamic_segment_stops": segment_field(PT_DYNAMIC, P_TYPE, PT_NULL),
    "dynamic_at_address_0": segment_field(PT_DYNAMIC, P_VADDR, 0),
    "load_not_aligned_stops": segment_field(PT_LOAD, P_OFFSET, lambda p, r: p.number(r + 8, 8) + 8, 1),
    "magic_of_another_class_and_order": bytes_at(4, b"\x01\x02"),
    "wrong_machine_and_wrong_type": lambda b, p: (aarch64(b, p), bytes_at(16, struct.pack("<H", 1))(b, p)),
    "wrong_version_and_wrong_machine": lambda b, p: (aarch64(b, p), bytes_at(20, struct.pack("<I", 7))(b, p)),
}.items():
    first_of_two(name, change, 127 if name not in ("wrong_machine_and_wrong_type", "magic_of_another_class_and_order") else 0)
first_of_two("phentsize_32_with_phnum_0", lambda b, p: bytes_at(54, struct.pack("<HH", 32, 0))(b, p), 127)
first_of_two("directory_of_that_name_stops", lambda b, path: (path.unlink(), path.mkdir()), 127)
only("directory_by_search", lambda b, path: (path.unlink(), path.mkdir()), 127)
first_of_two("null_device_stops", lambda b, path: (path.unlink(), os.mknod(path, 0o020666, os.makedev(1, 3))), 127)
first_of_two("empty_dynamic_segment", segment_field(PT_DYNAMIC, P_FILESZ, 0), None)


@case
def directory_by_path(b):
    b.path("/a/libx.so").mkdir()
    b.prog(needed=["/a/libx.so"])
    b.expect(127)


# --- takes it -----------------------------------------------------------------------------------------------------------------------------



@case
def phoff_that_wraps(b):
    """Program headers before the file's first byte: the loader looks at its own memory."""
    bytes_at(32, struct.pack("<q", -64))(b, b.lib("/bad/libx.so"))
    b.prog(needed=[b.lib("/good/libx.so")], runpath="/bad:/good")
    b.expect(None)
    b.cannot_tell("before the header")


only("osabi_gnu", bytes_at(7, b"\x03"), 0)
only("osabi_gnu_abi_version_3", bytes_at(7, b"\x03\x03"), 0)
only("section_headers_do_not_count", bytes_at(40, b"\xff" * 8), 0)
only("ehsize_does_not_count", bytes_at(52, b"\0\0"), 0)
only("entry_does_not_count", bytes_at(24, b"\xff" * 8), 0)
only("flags_do_not_count_on_amd64", bytes_at(48, b"\xff" * 4), 0)
only("writable_text", segment_field(PT_LOAD, P_FLAGS, 7, 1), 0)
only("p_align_of_no_power", segment_field(PT_LOAD, P_ALIGN, 3), None)
only("p_align_0", segment_field(PT_LOAD, P_ALIGN, 0), None)
only("p_align_1", segment_field(PT_LOAD, P_ALIGN, 1, 1), None)
only("p_align_huge", segment_field(PT_LOAD, P_ALIGN, 1 << 50), None)


@case
def p_memsz_huge(b):
    segment_field(PT_LOAD, P_MEMSZ, 1 << 46, 1)(b, b.lib("/bad/libx.so"))
    b.prog(needed=["libx.so"], runpath="/bad")
    b.expect(None)
    b.cannot_tell("memory")


only("p_memsz_beyond_everything", segment_field(PT_LOAD, P_MEMSZ, 1 << 60, 1), 127)
only("note_beyond_the_file", segment_field(PT_GNU_STACK, P_TYPE, PT_NOTE), None)


@case
def aligned_to_64_kibibytes(b):
    b.prog(needed=[b.lib("/a/libx.so", flags=["-z", "max-page-size=65536"])], runpath="/a")


@case
def aligned_to_2_mebibytes(b):
    b.prog(needed=[b.lib("/a/libx.so", flags=["-z", "max-page-size=2097152"])], runpath="/a")


@case
def separate_code_not(b):
    b.prog(needed=[b.lib("/a/libx.so", flags=["-z", "noseparate-code"])], runpath="/a")


@case
def library_without_dt_hash_is_taken(b):
    x = b.lib("/a/libx.so", "int x_f(void) { return 1; }")
    b.prog("int x_f(void);", "x_f()", needed=[x], runpath="/a", flags=["-z", "now"])
    patch = Patch(x)
    patch.drop(0x6FFFFEF5)
    patch.save()
    b.expect(None)


@case
def executable_as_library(b):
    b.prog(name="/a/libx.so", pie=False)
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(127)


@case
def pie_as_library(b):
    b.prog(name="/a/libx.so")
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(None)


@case
def static_pie_flag_of_a_library(b):
    x = b.lib("/a/libx.so", flags=["-z", "now"])
    patch = Patch(x)
    offset, value = patch.tag(0x6FFFFFFB)
    patch.put(offset + 8, 8, value | 0x08000000)
    patch.save()
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(127)


@case
def library_that_may_not_be_opened_at_run_time(b):
    b.prog(needed=[b.lib("/a/libx.so", flags=["-z", "nodlopen"])], runpath="/a")


@case
def cut_off_behind_the_program_headers(b):
    x = b.lib("/a/libx.so", "int x_d = 7;")
    cut(1000)(b, x)
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(None)


@case
def cut_off_at_a_page(b):
    x = b.lib("/a/libx.so", "int x_d = 7; int *x_p = &x_d;")
    cut(4096)(b, x)
    b.prog(needed=["libx.so"], runpath="/a")
    b.expect(None)


@case
def cut_off_behind_the_last_segment(b):
    x = b.lib("/a/libx.so", "int x_d = 7;")
    patch = Patch(x)
    end = max(patch.number(r + 8, 8) + patch.number(r + 32, 8) for r, t in patch.segments() if t == 1)
    cut(end)(b, x)
    b.prog(needed=["libx.so"], runpath="/a")


@case
def cut_off_within_the_last_page(b):
    x = b.lib("/a/libx.so", "int x_d[4] = {7, 7, 7, 7};")
    patch = Patch(x)
    end = max(patch.number(r + 8, 8) + patch.number(r + 32, 8) for r, t in patch.segments() if t == 1)
    cut(end - 4)(b, x)
    b.prog(needed=["libx.so"], runpath="/a")
    b.cannot_tell("rest of a segment")


# --- system and kernel notes ----------------------------------------------------------------------------------------------------------------

ABI_TAG = """__asm__(".pushsection .note.ABI-tag,\\"a\\",@note\\n .p2align 2\\n .long 4,16,1\\n .asciz \\"GNU\\"\\n .long {}\\n .popsection");"""


def abi_tag(name, words, code, **versions):
    def made(b):
        b.lib("/bad/libx.so", ABI_TAG.format(words))
        b.prog(needed=[b.lib("/good/libx.so")], runpath="/bad:/good")
        b.expect(code, **versions)
    CASES[name] = made


abi_tag("abi_tag_of_a_newer_kernel", "0,99,0,0", 0)
abi_tag("abi_tag_of_an_old_kernel", "0,2,6,32", 0)
abi_tag("abi_tag_of_the_hurd", "1,2,6,32", 0)


@case
def abi_tag_of_a_newer_kernel_only(b):
    b.lib("/bad/libx.so", ABI_TAG.format("0,99,0,0"))
    b.prog(needed=["libx.so"], runpath="/bad")
    b.expect(0, v2_31=127)


def assumed_kernel(name, value, words, code):
    """Up to 2.35 LD_ASSUME_KERNEL names an older kernel than the real one; what is newer, or no version, changes nothing."""
    def made(b):
        b.lib("/a/libx.so", ABI_TAG.format(words))
        b.prog(needed=["libx.so"], runpath="/a")
        b.environment["LD_ASSUME_KERNEL"] = value
        b.expect(0, v2_31=code)
    CASES["assumed_kernel_" + name] = made


for _name, _value, _code in (("older", "3.1.9", 127), ("same", "3.2.0", 0), ("two_parts", "3.2", 0), ("one_part", "3", 127), ("four_parts", "2.6.32.5", 127),
                             ("with_a_suffix", "3.1.9-foo", 127), ("suffix_too_early", "3.1x", 0), ("hexadecimal", "0x3.01", 127), ("blank", " 3.1", 127), ("ends_in_a_dot", "3.", 0),
                             ("too_large", "1.255", 0), ("no_number", "old", 0), ("zero", "0.0.0", 0), ("empty", "", 0)):
    assumed_kernel(_name, _value, "0,3,2,0", _code)
assumed_kernel("newer_than_the_real_one", "99.9", "0,99,0,0", 127)


# --- the stack ----------------------------------------------------------------------------------------------------------------------------

@case
def library_that_wants_an_executable_stack(b):
    b.prog(needed=[b.lib("/a/libx.so", flags=["-z", "execstack"])], runpath="/a")


@case
def library_without_a_stack_segment(b):
    x = b.lib("/a/libx.so")
    segment_field(PT_GNU_STACK, P_TYPE, PT_NULL)(b, x)
    b.prog(needed=["libx.so"], runpath="/a")


@case
def program_that_wants_an_executable_stack(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a", flags=["-z", "execstack"])


@case
def library_for_an_ordinary_user(b):
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")
    b.user = NOBODY
