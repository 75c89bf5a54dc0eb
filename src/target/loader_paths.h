// Where each libc puts its dynamic loader: the paths that programs name in PT_INTERP.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "target/target.h"

namespace abiscope::target {

struct LoaderPath {
    Architecture architecture;
    LibcKind kind;
    std::string_view path;
};

// One or more rows per architecture and libc, the usual one first. glibc: the "Known Interpreter names" table of its wiki's ABIList and
// sysdeps/*/shlib-versions; musl: ldso names of its arch/*/reloc.h.
[[nodiscard]] std::span<const LoaderPath> loader_paths();

// The usual one, or empty.
[[nodiscard]] std::string_view loader_path(Architecture architecture, LibcKind kind);

// The row of a path, or null when no known libc uses it.
[[nodiscard]] const LoaderPath* find_loader_path(std::string_view path);

// $PLATFORM as the kernel's AT_PLATFORM gives it to a program of that architecture (ELF_PLATFORM of the kernel's asm/elf.h).
[[nodiscard]] std::string_view kernel_platform(Architecture architecture);

}  // namespace abiscope::target
