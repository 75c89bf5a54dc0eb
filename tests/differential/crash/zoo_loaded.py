"""The libraries of crash_zoo.py that a loader of its own leaves unfinished."""

# Libraries for own_loader.c: how they are built, and with which table of relocations left out which function fails how.
LIBRARIES = {
    "gcc": ("gcc", ["-O1", "-Wl,-z,lazy"]),
    "gcc-packed": ("gcc", ["-O2", "-Wl,-z,lazy", "-Wl,-z,pack-relative-relocs"]),
    "clang-packed": ("clang-19", ["-O0", "-fuse-ld=bfd", "-Wl,-z,lazy", "-Wl,-z,pack-relative-relocs", "-fsemantic-interposition"]),
}
LOADED = [
    ("gcc", "by_plt", "jmprel", "CRASH-UNRELOCATED", "DT_JMPREL"),
    ("gcc-packed", "by_plt", "jmprel", "CRASH-UNRELOCATED", "DT_JMPREL"),
    ("clang-packed", "by_plt", "jmprel", "CRASH-UNRELOCATED", "DT_JMPREL"),
    ("gcc-packed", "by_table", "relr", "CRASH-UNRELOCATED", "DT_RELR"),
    ("clang-packed", "by_table", "relr", "CRASH-UNRELOCATED", "DT_RELR"),
    ("gcc-packed", "by_pointer", "relr", "CRASH-UNRELOCATED", "DT_RELR"),
    ("clang-packed", "by_pointer", "relr", "CRASH-UNRELOCATED", "DT_RELR"),
    ("gcc", "by_table", "rela", "CRASH-UNRELOCATED", "DT_RELA"),
    ("gcc", "by_pointer", "rela", "CRASH-UNRELOCATED", "DT_RELA"),
    # Everything is applied, and the program itself writes a null pointer to such a place.
    ("gcc", "null_by_hand", "none", "CRASH-NULL-FIELD", "si_addr 0x0"),
    ("gcc-packed", "null_by_hand", "none", "CRASH-NULL-FIELD", "si_addr 0x0"),
]
