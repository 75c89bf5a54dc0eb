// The ABI profile a program was compiled for: by its machine and system, and by the compiler its debug information names.
#pragma once

#include <string>
#include <string_view>

#include "abi/type.h"
#include "base/result.h"
#include "bytes/source.h"
#include "dwarf/debug.h"
#include "finding/sink.h"

namespace abiscope::debuginfo {

struct ProgramAbi {
    std::string format;                            // ELF, PE, Mach-O
    abi::Language language = abi::Language::c;     // that most of its units are written in
    std::string profile;                           // sysv-amd64/gcc-12; empty: there is none of its machine
    std::string machine;                           // for people: "ELF machine 8 (64-bit, big-endian)"
};

// Errors: those of the reader of the file's format.
[[nodiscard]] Result<ProgramAbi> program_abi(const SourcePtr& program, const dwarf::Debug& debug, finding::Sink& sink);

// go1.26 of a DW_AT_producer as Go's compiler writes it: "Go cmd/compile go1.26.1; regabi". Empty where it names no release.
[[nodiscard]] std::string_view go_release(std::string_view producer);

}  // namespace abiscope::debuginfo
