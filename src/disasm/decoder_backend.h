// What decoder.cc asks of a disassembler library.
#pragma once

#include "disasm/decoder.h"

namespace abiscope::disasm {

class Decoder::Backend {
public:
    virtual ~Backend() = default;
    [[nodiscard]] virtual bool decode(std::span<const std::byte> bytes, std::uint64_t address, Syntax syntax, Instruction& into) = 0;
    [[nodiscard]] virtual std::optional<Flow> flow(std::span<const std::byte> bytes, std::uint64_t address) = 0;
    [[nodiscard]] virtual Architecture architecture() const = 0;
};

[[nodiscard]] Result<std::unique_ptr<Decoder::Backend>> make_zydis_backend(Architecture architecture);
[[nodiscard]] Result<std::unique_ptr<Decoder::Backend>> make_capstone_backend(Architecture architecture, Endian order);

}  // namespace abiscope::disasm
