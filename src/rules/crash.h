// From a crash to its cause: one named rule, the facts it stands on, and why it is nothing that looks like it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/crash.h"
#include "finding/finding.h"

namespace abiscope::rules {

// What a fact can be checked against in the dump (crash_verify.h).
enum class FactKind : std::uint8_t {
    signal,     // a field of the signal's record: `name`, `value`
    reg,        // a register: `name`, `value`
    memory,     // bytes at `address`: `text` in hexadecimal
    mapping,    // the mapping of `address`: `text` is its permissions
    unmapped,   // nothing is mapped at `address`
    derived,    // concluded from others
};
[[nodiscard]] std::string_view to_string(FactKind kind);

struct Fact {
    FactKind kind = FactKind::derived;
    finding::EvidenceRole role = finding::EvidenceRole::shows;
    std::string name;
    std::uint64_t address = 0;
    std::uint64_t value = 0;
    std::uint64_t context = 0;         // address of the ucontext a register or signal field is from; 0: the notes
    std::string text;
    std::string source;                // "NT_SIGINFO", "NT_PRSTATUS", "PT_LOAD", "signal frame", "memory", "libc.so.6"
    std::optional<std::uint64_t> file_offset;   // in the core file
    std::string reading;               // what it says, for people
};

struct Cause {
    finding::Finding finding;
    std::vector<Fact> facts;
    std::optional<std::size_t> operand;   // the guilty one of the faulting instruction
};

struct Diagnosis {
    std::optional<Cause> cause;
    std::vector<std::string> missing;  // without a cause: which evidence would decide, or why the evidence contradicts itself
};

[[nodiscard]] Diagnosis diagnose(core::Crash& crash);

}  // namespace abiscope::rules
