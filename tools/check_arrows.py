#!/usr/bin/env python3
"""Checks that the rooms of src/ use only what src/CMakeLists.txt allows them.

usage: check_arrows.py [SOURCE_DIR]

Fails on: an #include of a room that is not in the USES of the including room; a USES of a room declared further down; a folder that
is no declared room; a library's header in a room that does not link the library; an operating-system header outside the places that
may touch the system (docs/architecture.md says why those few).
"""
import pathlib
import re
import sys

# Rooms that may touch the operating system, and the few files elsewhere that do.
SYSTEM_ROOMS = {"target", "live", "cli", "server"}
SYSTEM_FILES = {"bytes/mapped_file_posix.cc", "bytes/shared_library_posix.cc", "bytes/sparse_write_posix.cc", "source/clang_module_posix.cc"}

# What an entry of LINKS or LOADS in src/CMakeLists.txt lets a room include. fmt is for everybody.
LIBRARY_HEADERS = {
    "ZLIB::ZLIB": r"zlib\.h",
    "PkgConfig::ZSTD": r"zstd(_errors)?\.h",
    "${ZYDIS_LIBRARY}": r"(Zydis|Zycore)/.*",
    "CAPSTONE": r"capstone/.*",
    "TBB::tbb": r"(oneapi/)?tbb/.*",
    "yaml-cpp": r"yaml-cpp/.*",
    "LIBARCHIVE": r"archive(_entry)?\.h",
    "nlohmann_json::nlohmann_json": r"nlohmann/.*",
    "CLI11::CLI11": r"CLI/.*",
    "${IBERTY_LIBRARY}": r"libiberty/.*",
    "${CLANG_LIBRARY}": r"clang/.*",
    "${LLVM_LIBRARY}": r"llvm/.*",
}
FOR_EVERYBODY = r"fmt/.*"

# Standard headers that reach the file system, other than through the names above.
SYSTEM_STANDARD = {"filesystem", "fstream"}
STANDARD = set("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits clocale cmath
codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime
cuchar cwchar cwctype deque exception execution expected format forward_list functional future generator initializer_list
iomanip ios iosfwd iostream istream iterator latch limits list locale map mdspan memory memory_resource mutex new numbers numeric
optional ostream print queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream
sstream stack stacktrace stdexcept stdfloat stop_token streambuf string string_view strstream syncstream system_error thread tuple
type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
""".split())


def declared_rooms(text):
    """{room: (rooms it uses, libraries it links or loads)} in the order of declaration."""
    rooms = {}
    text = re.sub(r"#.*", "", text)
    for call in re.finditer(r"abiscope_room\(\s*([^)]*)\)", text):
        name, *words = call[1].split()
        lists = {"USES": [], "LINKS": [], "LOADS": [], "GENERATED": [], "SOURCES": [], "PRECOMPILES": []}
        current = None
        for word in words:
            if word in lists:
                current = lists[word]
            elif current is not None:
                current.append(word.strip('"'))
        rooms[name] = (lists["USES"], lists["LINKS"] + lists["LOADS"])
    return rooms


def check_order(rooms):
    seen = []
    for name, (uses, _) in rooms.items():
        for used in uses:
            if used not in seen:
                yield f"src/CMakeLists.txt: {name} uses {used}, which is not declared above it"
        seen.append(name)


def includes_of(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
        if match:
            yield number, match[1], match[2]


def library_of(header):
    return next((library for library, pattern in LIBRARY_HEADERS.items() if re.fullmatch(pattern, header)), None)


def check_quoted(room, uses, header, rooms):
    if "/" not in header:
        return f'"{header}": write the room too ("{room}/{header}")'
    other = header.split("/")[0]
    if other not in rooms:
        return f'"{header}": there is no room {other}'
    if other != room and other not in uses:
        return f'"{header}": {room} may not use {other} (src/CMakeLists.txt lists what it may)'
    return None


def check_angled(room, links, header, may_touch_system):
    if header in STANDARD or re.fullmatch(FOR_EVERYBODY, header):
        return None
    library = library_of(header)
    if library is not None:
        return None if library in links else f"<{header}>: {room} does not link {library}"
    if may_touch_system:
        return None
    if header in SYSTEM_STANDARD:
        return f"<{header}>: reaches the file system, which only {', '.join(sorted(SYSTEM_ROOMS))} may"
    return f"<{header}>: not a standard header, so the operating system's, which only {', '.join(sorted(SYSTEM_ROOMS))} may use"


def check(source):
    rooms = declared_rooms((source / "CMakeLists.txt").read_text(encoding="utf-8"))
    yield from check_order(rooms)
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        if folder.name not in rooms:
            yield f"src/{folder.name}: no abiscope_room({folder.name} ...) in src/CMakeLists.txt"
            continue
        uses, links = rooms[folder.name]
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".h", ".cc"):
                continue
            name = path.relative_to(source).as_posix()
            may_touch_system = folder.name in SYSTEM_ROOMS or name in SYSTEM_FILES
            for number, quoted, angled in includes_of(path):
                problem = (check_quoted(folder.name, uses, quoted, rooms) if quoted
                           else check_angled(folder.name, links, angled, may_touch_system))
                if problem:
                    yield f"src/{name}:{number}: {problem}"


def main():
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "src"
    problems = list(check(source))
    print("\n".join(problems) if problems else "arrows: every #include is on the list")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
