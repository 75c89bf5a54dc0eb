#include "inspect/instructions.h"

#include "base/text.h"
#include "disasm/decoder.h"

namespace abiscope::inspect {

std::vector<Instruction> first_instructions(std::optional<disasm::Architecture> architecture, View code, std::uint64_t address,
                                            std::optional<Endian> order) {
    constexpr std::size_t most = 5;
    std::vector<Instruction> out;
    if (!architecture || code.empty()) return out;
    auto decoder = order ? disasm::Decoder::create(*architecture, *order) : disasm::Decoder::create(*architecture);
    if (!decoder) return out;
    std::uint64_t at = 0;
    while (out.size() < most && at < code.size()) {
        auto instruction = decoder->decode(code.from(at).bytes(), address + at);
        if (!instruction) break;
        out.push_back({.address = address + at,
                       .file_offset = code.file_offset(at),
                       .bytes = text::hex_bytes(instruction->bytes),
                       .text = instruction->text});
        at += instruction->length();
    }
    return out;
}

}  // namespace abiscope::inspect
