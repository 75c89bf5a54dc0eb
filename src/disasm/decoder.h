// One interface over the disassembler libraries: Zydis for x86 and x86-64, Capstone for the others.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "bytes/endian.h"
#include "disasm/architecture.h"
#include "disasm/instruction.h"

namespace abiscope::disasm {

class Decoder {
public:
    // Errors: unsupported, when no library on this machine decodes the architecture (Capstone 4 has no RISC-V).
    [[nodiscard]] static Result<Decoder> create(Architecture architecture, Endian order);
    [[nodiscard]] static Result<Decoder> create(Architecture architecture);     // in its usual byte order

    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;
    ~Decoder();

    // The instruction that `bytes` start with; nothing when they do not decode or are too few. Never fails otherwise, whatever they
    // are. Not for two threads at once.
    [[nodiscard]] std::optional<Instruction> decode(std::span<const std::byte> bytes, std::uint64_t address,
                                                    Syntax syntax = Syntax::intel) const;

    // The same into an instruction that was used before, whose memory is used again. False: what `into` holds means nothing.
    [[nodiscard]] bool decode(std::span<const std::byte> bytes, std::uint64_t address, Syntax syntax, Instruction& into) const;

    // The same without text and operands.
    [[nodiscard]] std::optional<Flow> flow(std::span<const std::byte> bytes, std::uint64_t address) const;

    [[nodiscard]] Architecture architecture() const;

    // What an architecture's library has to offer. Only decoder.cc and the backends use it.
    class Backend;

private:
    explicit Decoder(std::unique_ptr<Backend> backend);

    std::unique_ptr<Backend> backend_;
};

}  // namespace abiscope::disasm
