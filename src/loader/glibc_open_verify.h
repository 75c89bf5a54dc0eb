// Whether glibc takes a file as a library: what makes it look further, and what makes it stop (elf/dl-load.c, open_verify and
// _dl_map_object_from_fd).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "loader/glibc_machine.h"
#include "loader/glibc_versions_table.h"
#include "loader/module.h"

namespace abiscope::loader {

struct Acceptance {
    enum class Kind : std::uint8_t {
        accepted,
        skipped,           // another machine: the search goes on with ENOENT
        other_class,       // 32-bit for 64-bit or the reverse: the search goes on, and remembers it
        fatal,             // the program does not start
        crash,             // the loader dies by a signal
        assertion,         // the loader stops with an assertion of get-dynamic-info.h
        undecided,         // what happens depends on what is not known: `reason` names it
    };
    Kind kind = Kind::accepted;
    std::string_view reason;           // of skipped and fatal; for crash the signal's name, for assertion its condition
    int error = 0;                     // errno printed behind the reason; 0 none. For assertion the line; 0 when it is not known
    std::uint64_t offset = 0;          // of the bytes that decided it, in the file
    std::uint64_t size = 0;
};

struct VerifyRules {
    GlibcMachine machine;
    GlibcRules rules;
    std::uint32_t flags_mask = 0;      // bits of e_flags that must be those of the loader
    std::uint32_t flags_value = 0;
    std::uint64_t page_size = 4096;    // bytes
    Version kernel;                    // empty when unknown
    Version libc;
};

// The file header, at the moment the file is found.
[[nodiscard]] Acceptance verify_header(const Module& module, const VerifyRules& rules);
// Its dynamic section, once it is mapped (elf/get-dynamic-info.h).
[[nodiscard]] Acceptance verify_dynamic(const Module& module, const VerifyRules& rules);
// Its segments, when it is mapped, and then its dynamic section. Only for a module that passed the first; `executable` modules (the
// program) are mapped by the kernel.
// `no_execute`: the file lies on a file system that is mounted noexec.
[[nodiscard]] Acceptance verify_segments(const Module& module, const VerifyRules& rules, bool no_execute);

}  // namespace abiscope::loader
