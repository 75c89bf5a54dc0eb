"""/etc/ld.so.cache: made by the real ldconfig, then left behind, cut off or spoilt."""
import struct

import named_cases
from glibc_builder import NOBODY

CASES, case = named_cases.registry()


@case
def cache_finds(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")])
    b.ldconfig("/opt/lib\n")


@case
def cache_before_built_in_directories(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")])
    b.ldconfig("/opt/lib\n")
    b.lib("/usr/lib/libx.so")


@case
def cache_after_runpath(b):
    b.lib("/opt/lib/libx.so")
    b.prog(needed=[b.lib("/a/libx.so")], runpath="/a")
    b.ldconfig("/opt/lib\n")


@case
def cache_absent(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")])
    b.put("/etc/ld.so.conf", "/opt/lib\n")
    b.expect(127)


@case
def cache_older_than_the_library(b):
    b.prog(needed=["libx.so"])
    b.lib("/opt/lib/liby.so")
    b.ldconfig("/opt/lib\n")
    b.lib("/opt/lib/libx.so")
    b.expect(127)


@case
def cache_leads_to_a_file_that_is_gone(b):
    x = b.lib("/opt/lib/libx.so")
    b.prog(needed=["libx.so"])
    b.ldconfig("/opt/lib\n")
    x.unlink()
    b.expect(127)


@case
def cache_leads_nowhere_and_built_in_directory_has_it(b):
    x = b.lib("/opt/lib/libx.so")
    b.prog(needed=["libx.so"])
    b.ldconfig("/opt/lib\n")
    x.unlink()
    b.lib("/usr/lib/libx.so")


@case
def cache_leads_to_a_text(b):
    x = b.lib("/opt/lib/libx.so")
    b.prog(needed=["libx.so"])
    b.ldconfig("/opt/lib\n")
    x.write_text("now a text, which is long enough to be taken for an ELF header: sixty-four bytes and more\n")
    b.lib("/usr/lib/libx.so")
    b.expect(127)


@case
def cache_leads_to_another_machine(b):
    x = b.lib("/opt/lib/libx.so")
    b.prog(needed=["libx.so"])
    b.ldconfig("/opt/lib\n")
    data = bytearray(x.read_bytes())
    data[18] = 183
    x.write_bytes(data)
    b.lib("/usr/lib/libx.so")


@case
def cache_knows_the_soname_not_the_file_name(b):
    b.lib("/opt/lib/libx.so.1.2.3", soname="libx.so.1")
    b.prog(needed=["libx.so.1"])
    b.ldconfig("/opt/lib\n")


@case
def cache_file_name_of_a_library_with_another_soname(b):
    b.lib("/opt/lib/libfile.so", soname="libx.so.1")
    b.prog(needed=["libfile.so"])
    b.ldconfig("/opt/lib\n")
    b.expect(None)


@case
def cache_two_directories_first_wins(b):
    b.lib("/two/libx.so")
    b.prog(needed=[b.lib("/one/libx.so")])
    b.ldconfig("/one\n/two\n")


@case
def cache_numbers_are_compared_as_numbers(b):
    libraries = [b.lib(f"/opt/lib/libx.so.{number}") for number in (1, 2, 9, 10, 11, 100)]
    b.prog(needed=libraries)
    b.ldconfig("/opt/lib\n")


@case
def cache_of_many(b):
    libraries = [b.lib(f"/opt/lib/lib{name}.so.{number}") for number in (1, 12) for name in ("a", "a-b", "a1", "a01", "A", "z", "a.b")]
    b.prog(needed=libraries)
    b.ldconfig("/opt/lib\n")


def levels(name, *folders, plain=True):
    def made(b):
        for folder in folders:
            x = b.lib(f"/opt/lib/{folder}/libx.so")
        if plain:
            x = b.lib("/opt/lib/libx.so")
        b.prog(needed=[x])
        b.ldconfig("/opt/lib\n")
        b.expect(None)
    CASES[name] = made


levels("cache_hwcaps_best_level", "glibc-hwcaps/x86-64-v2", "glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v4")
levels("cache_hwcaps_v3", "glibc-hwcaps/x86-64-v3", "glibc-hwcaps/x86-64-v2")
levels("cache_hwcaps_only", "glibc-hwcaps/x86-64-v2", plain=False)
levels("cache_hwcaps_unknown", "glibc-hwcaps/x86-64-v5", "glibc-hwcaps/other")
levels("cache_legacy_tls", "tls")
levels("cache_legacy_haswell", "haswell", "haswell/x86_64")
levels("cache_legacy_and_hwcaps", "haswell", "glibc-hwcaps/x86-64-v3")


@case
def cache_hwcaps_file_gone_falls_to_the_built_in_directory(b):
    x = b.lib("/usr/lib/glibc-hwcaps/x86-64-v3/libx.so")
    b.prog(needed=[b.lib("/usr/lib/libx.so")])
    b.ldconfig("")
    x.unlink()


@case
def cache_with_nodeflib(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")], flags=["-z", "nodefaultlib"])
    b.ldconfig("/opt/lib\n")


@case
def cache_with_nodeflib_and_a_built_in_directory(b):
    b.prog(needed=[b.lib("/usr/lib/libx.so")], flags=["-z", "nodefaultlib"])
    b.ldconfig("")
    b.expect(127)


@case
def cache_of_the_old_form(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")])
    b.ldconfig("/opt/lib\n", "-c", "old")
    b.expect(None)


@case
def cache_of_both_forms(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")])
    b.ldconfig("/opt/lib\n", "-c", "compat")


def spoilt(name, change, code=127, unknown=(), **versions):
    def made(b):
        b.prog(needed=[b.lib("/opt/lib/libx.so"), b.lib("/opt/lib/liby.so")])
        cache = b.ldconfig("/opt/lib\n")
        data = bytearray(cache.read_bytes())
        cache.write_bytes(change(data) or data)
        b.expect(code, **versions)
        if unknown:
            b.cannot_tell("ld.so.cache", *unknown)
    CASES[name] = made


def put(offset, form, value):
    def change(data):
        struct.pack_into(form, data, offset, value)
    return change


def entry(number, field, value):
    return put(48 + 24 * number + field, "<I", value)


spoilt("cache_empty", lambda data: b"\0"[:0] or bytearray(), None)
spoilt("cache_cut_in_the_header", lambda data: data[:40])
spoilt("cache_cut_in_the_entries", lambda data: data[:60], unknown=("2.31",))
spoilt("cache_cut_before_the_strings", lambda data: data[:96], None)
spoilt("cache_text", lambda data: bytearray(b"this is not a cache at all, but it is long enough to have a header\n"))
spoilt("cache_wrong_version", put(19, "<B", ord("2")))
spoilt("cache_of_the_other_byte_order", put(28, "<B", 3))
spoilt("cache_byte_order_invalid", put(28, "<B", 1))
spoilt("cache_byte_order_unset", put(28, "<B", 0), 0)
spoilt("cache_count_0", put(20, "<I", 0))
spoilt("cache_count_too_large", put(20, "<I", 1 << 20), 127, unknown=("2.31",), v2_31=139)
spoilt("cache_count_1", put(20, "<I", 1), None)
spoilt("cache_extension_offset_beyond", put(32, "<I", 1 << 20), 0)
spoilt("cache_extension_offset_odd", put(32, "<I", 49), 0)
spoilt("cache_flags_of_another_machine", entry(0, 0, 0xa03), None)
spoilt("cache_flags_of_i386", entry(1, 0, 3), None)
spoilt("cache_key_beyond", entry(0, 4, 1 << 24), None)
spoilt("cache_value_beyond", entry(0, 8, 1 << 24), None)
spoilt("cache_hwcap_unknown", entry(0, 20, 0x80), None)
spoilt("cache_hwcap_extension_without_names", entry(0, 20, 1 << 30), None)
spoilt("cache_osversion", entry(0, 12, 0x7fffffff), 0, v2_31=127)


@case
def cache_entries_not_sorted(b):
    b.prog(needed=[b.lib(f"/opt/lib/lib{name}.so") for name in "abc"])
    cache = b.ldconfig("/opt/lib\n")
    data = bytearray(cache.read_bytes())
    one, three = data[48:72], data[96:120]
    data[48:72], data[96:120] = three, one
    cache.write_bytes(data)
    b.expect(127)


@case
def cache_unreadable_for_an_ordinary_user(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")])
    b.ldconfig("/opt/lib\n").chmod(0o600)
    b.user = NOBODY
    b.expect(127)


@case
def cache_is_a_directory(b):
    b.prog(needed=[b.lib("/opt/lib/libx.so")])
    b.path("/etc/ld.so.cache").mkdir()
    b.expect(127)
