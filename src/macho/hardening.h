// Plain facts about protection, without an opinion on any of them.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/header.h"
#include "macho/image.h"

namespace abiscope::macho {

struct Hardening {
    bool pie = false;                      // MH_PIE; means something for programs, libraries always slide
    bool no_heap_execution = false;        // MH_NO_HEAP_EXECUTION: matters on 32 bit only, 64 bit heaps never execute
    bool allows_stack_execution = false;   // MH_ALLOW_STACK_EXECUTION
    bool stack_canary = false;             // imports ___stack_chk_fail
    bool fortify = false;                  // imports a ___NAME_chk function
    bool arc = false;                      // imports _objc_release: automatic reference counting
    bool restricted = false;               // has __RESTRICT,__restrict: dyld ignores DYLD_ variables
    bool encrypted = false;                // an encrypted range with a non-zero id
    std::optional<PointerAuthAbi> pointer_auth;   // arm64e
    bool is_signed = false;                // has a code directory
    bool adhoc = false;                    // CS_ADHOC: signed without an identity
    bool linker_signed = false;            // CS_LINKER_SIGNED
    bool hardened_runtime = false;         // CS_RUNTIME
    bool library_validation = false;       // CS_REQUIRE_LV
    bool has_certificate = false;          // a CMS signature is present
    bool has_entitlements = false;
};

// Reads imports, signature and notes; their findings are the business of those who ask for them in their own right.
[[nodiscard]] Result<Hardening> read_hardening(const Image& image);

}  // namespace abiscope::macho
