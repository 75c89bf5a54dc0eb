// What a file is, from its bytes alone; never from its name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/names.h"
#include "bytes/view.h"

namespace abiscope::object {

enum class FileKind : std::uint8_t {
    empty,
    elf,
    elf_truncated,     // the magic is there, the header is not whole
    pe,                // MZ with a PE signature where e_lfanew points
    dos,               // MZ without one: DOS, NE, LE
    coff,              // an object file of a Windows toolchain
    macho,
    macho_fat,
    archive,           // ar, thin archives too
    bitcode,           // LLVM
    wasm,
    java_class,
    script,            // #!
    compressed,        // one compressed stream: gzip, xz, zstd, bzip2, lz4
    package,           // zip (jar, whl, apk, nupkg), rpm, cab, 7z, tar
    text,
    data,
};

struct Detected {
    FileKind kind = FileKind::data;
    std::string detail;        // "gzip", "zip", the interpreter line of a script
};

[[nodiscard]] Detected detect(View bytes);

// "ELF", "PE", "script": the value of `format` in reports.
[[nodiscard]] std::string_view format_name(FileKind kind);

// A sentence for people: "a shell script, run by /bin/sh", "gzip-compressed data, not a program".
[[nodiscard]] std::string describe(const Detected& detected);

}  // namespace abiscope::object
