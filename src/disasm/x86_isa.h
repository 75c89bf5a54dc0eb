// What an x86 instruction needs, out of the facts Zydis knows about it (its ISA set and mnemonic).
#pragma once

#include <cstddef>
#include <cstdint>

#include <Zydis/Zydis.h>

#include "disasm/architecture.h"
#include "disasm/features.h"
#include "disasm/lane.h"

namespace abiscope::disasm::x86 {

// A NeedsCode is a Zydis ISA set, or one of the instructions that its set describes wrongly.
[[nodiscard]] NeedsCode needs_code(ZydisISASet isa_set, ZydisMnemonic mnemonic);

// In 64-bit mode the baseline of x86-64 needs nothing; in 32-bit mode that of the i386.
[[nodiscard]] Needs needs(NeedsCode code, Architecture architecture);

[[nodiscard]] Landmark landmark(const ZydisDecodedInstruction& instruction);

// Needs and landmark of one decoded instruction, and its length; length 0: these bytes do not decode.
struct Measure {
    std::uint8_t length = 0;
    NeedsCode code = 0;
    Landmark landmark = Landmark::none;

    friend bool operator==(const Measure&, const Measure&) = default;
};

// Plain Zydis: the truth that the fast path is generated from and tested against.
class PlainDecoder {
public:
    explicit PlainDecoder(Architecture architecture);

    // Reads at most 15 of `size` bytes. The code is 0 where nothing is needed.
    [[nodiscard]] Measure measure(const std::byte* bytes, std::size_t size) const;
    [[nodiscard]] Measure measure(const ZydisDecodedInstruction& instruction) const;

    [[nodiscard]] const ZydisDecoder& zydis() const { return decoder_; }
    [[nodiscard]] Architecture architecture() const { return architecture_; }

private:
    ZydisDecoder decoder_;
    Architecture architecture_;
};

}  // namespace abiscope::disasm::x86
