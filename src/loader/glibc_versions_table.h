// What changed in glibc's loader from version to version, as data. Sources: the NEWS files and elf/ of the releases named, and the
// loaders of Debian 11 (2.31), 12 (2.36), 13 (2.41) and sid (2.43) as observed by tests/differential/glibc_loader.py.
#pragma once

#include <cstdint>
#include <optional>

#include "base/version.h"

namespace abiscope::loader {

struct GlibcRules {
    bool glibc_hwcaps = true;          // 2.33: glibc-hwcaps/NAME below each directory
    bool legacy_hwcaps = false;        // up to 2.36: tls/, platform and hwcap names below each directory
    bool x86_hwcap_names = true;       // 2.26: the legacy names x86_64, avx512_1, haswell, xeon_phi
    bool kernel_floor = false;         // up to 2.35: NT_GNU_ABI_TAG of libraries and the loader's own floor
    bool segments_by_page = true;      // 2.35: p_vaddr and p_offset are compared modulo the page, not modulo p_align
    bool dt_relr = true;               // 2.36: DT_RELR is known, and needs GLIBC_ABI_DT_RELR
    bool sorted_by_depth = true;       // 2.35: relocation order is a depth-first sort
    bool isa_needed = true;            // 2.33: GNU_PROPERTY_X86_ISA_1_NEEDED
    bool refuses_pie = true;           // 2.30: a PIE is no library
    bool absolute_zero = true;         // 2.28: a symbol of SHN_ABS may have the value 0
    bool version_is_relocation_error = false;   // up to 2.29: a missing versioned symbol of the named file is a relocation error
    bool protected_warnings = true;    // 2.35: copy relocations against protected symbols are warned of
    bool bind_now_when_secure = false; // up to 2.38: LD_BIND_NOW is heard in a setuid program
};

[[nodiscard]] GlibcRules glibc_rules(const Version& version);

// Line numbers the loader's assertions print; nothing for a version they were not seen with.
struct GlibcAssertionLines {
    std::optional<std::uint32_t> check_match;            // dl-lookup.c: a named file without version table defines the symbol
    std::optional<std::uint32_t> needed_is_null;         // dl-version.c: the file of a version need is not among the libraries
    std::optional<std::uint32_t> rela_relative;          // dl-machine.h: another type among the relative relocations
};
[[nodiscard]] GlibcAssertionLines glibc_assertion_lines(const Version& version);

}  // namespace abiscope::loader
