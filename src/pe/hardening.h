// Protections an image asks the loader for, as plain facts out of several headers. What they are worth is for src/rules to say.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "finding/sink.h"

namespace abiscope::pe {

class Image;

// Optional members are nothing where the protection does not exist for that machine.
struct Hardening {
    bool dynamic_base = false;                 // ASLR asked for
    bool relocations_stripped = false;         // and then impossible
    std::optional<bool> high_entropy_va;       // 64-bit
    bool nx_compat = false;                    // DEP asked for; 64-bit processes have it always
    bool guard_cf = false;                     // the flag in DllCharacteristics
    std::uint32_t guard_flags = 0;             // of the load configuration; guard_flag_names
    std::uint64_t guard_functions = 0;         // entries in the table of call targets
    bool guard_xfg = false;
    bool guard_eh_continuations = false;
    std::optional<bool> no_seh;                // i386: no handlers at all
    std::optional<bool> safe_seh;              // i386: a table of handlers, or no handlers at all
    std::optional<std::uint64_t> safe_handlers;
    std::optional<bool> cet_compat;            // amd64, i386: user-mode shadow stack
    bool security_cookie = false;              // /GS, as far as the load configuration tells
    bool force_integrity = false;
    bool app_container = false;
    bool no_isolation = false;                 // manifest not honoured
    bool certificate = false;                  // a certificate table is present; whether it is valid is not looked at
    bool reproducible = false;
};

// Error for object files.
[[nodiscard]] Result<Hardening> read_hardening(const Image& image, finding::Sink& sink);

}  // namespace abiscope::pe
