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
    bool audit_tags = true;            // 2.32: DT_AUDIT and DT_DEPAUDIT of the program
    bool audit_by_program = true;      // 2.36: searched for as if the program asked; with 2.31 the loader does
    bool version_is_relocation_error = false;   // up to 2.29: a missing versioned symbol of the named file is a relocation error
    bool protected_warnings = true;    // 2.35: copy relocations against protected symbols are warned of
    bool filter_in_front_of_program = true;   // 2.36: a filter object of the program; seen to end in an assertion with 2.31
    bool bind_now_when_secure = false; // up to 2.38: LD_BIND_NOW is heard in a setuid program
    bool cache_count_checked = true;   // 2.33: the count of a new-form ld.so.cache is compared with its size
    bool cache_kernel_floor = false;   // up to 2.35: an entry of ld.so.cache may ask for a newer kernel
    bool loader_left_out =
        false;      // up to 2.40: nobody finds the loader's versions unless somebody needs it (elf/rtld.c, rtld_multiple_ref)
    // What the loader takes from the C library: looked for when somebody needs ld.so, or when there is a library of its name. What 2.37 to
    // 2.40 do was not seen.
    enum class Needed : std::uint8_t { never, with_loader, with_c_library, not_seen };
    Needed malloc = Needed::never;  // since 2.32
    Needed mutexes = Needed::never;  // since 2.34
    bool early_init = true;  // 2.32: __libc_early_init of the C library
    // A file without version table that defines what its version need names: an assertion up to 2.36, accepted from 2.41 on.
    enum class UnversionedProvider : std::uint8_t { assertion, accepted, not_seen };
    UnversionedProvider unversioned_provider = UnversionedProvider::accepted;
};

[[nodiscard]] GlibcRules glibc_rules(const Version& version);

// Line numbers the loader's assertions print; nothing for a version they were not seen with.
struct GlibcAssertionLines {
    std::optional<std::uint32_t> check_match;  // dl-lookup.c: a named file without version table defines the symbol
    std::optional<std::uint32_t> needed_is_null;  // dl-version.c: the file of a version need is not among the libraries
    std::optional<std::uint32_t> rela_relative;  // dl-machine.h: another type among the relative relocations
    std::optional<std::uint32_t> early_init;  // dl-call-libc-early-init.c: the C library has no start of its own
    std::optional<std::uint32_t> mutex_lock, mutex_unlock;  // dl-mutex.c: nor these
    std::optional<std::uint32_t> pltrel, relaent, relrent;  // get-dynamic-info.h: sizes and kinds of relocation tables
};
[[nodiscard]] GlibcAssertionLines glibc_assertion_lines(const Version& version);

}  // namespace abiscope::loader
