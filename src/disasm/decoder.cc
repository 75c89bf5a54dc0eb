#include "disasm/decoder.h"

#include <utility>

#include "disasm/decoder_backend.h"

namespace abiscope::disasm {

Decoder::Decoder(std::unique_ptr<Backend> backend) : backend_(std::move(backend)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

Result<Decoder> Decoder::create(Architecture architecture, Endian order) {
    ABISCOPE_TRY(auto backend, is_x86(architecture) ? make_zydis_backend(architecture) : make_capstone_backend(architecture, order));
    return Decoder(std::move(backend));
}

Result<Decoder> Decoder::create(Architecture architecture) { return create(architecture, usual_endian(architecture)); }

std::optional<Instruction> Decoder::decode(std::span<const std::byte> bytes, std::uint64_t address, Syntax syntax) const {
    std::optional<Instruction> instruction(std::in_place);
    if (!backend_->decode(bytes, address, syntax, *instruction)) instruction.reset();
    return instruction;
}

bool Decoder::decode(std::span<const std::byte> bytes, std::uint64_t address, Syntax syntax, Instruction& into) const {
    return backend_->decode(bytes, address, syntax, into);
}

std::optional<Flow> Decoder::flow(std::span<const std::byte> bytes, std::uint64_t address) const { return backend_->flow(bytes, address); }

Architecture Decoder::architecture() const { return backend_->architecture(); }

std::string_view to_string(BranchKind kind) {
    switch (kind) {
        case BranchKind::none: return "none";
        case BranchKind::jump: return "jump";
        case BranchKind::conditional_jump: return "conditional jump";
        case BranchKind::call: return "call";
        case BranchKind::indirect_jump: return "indirect jump";
        case BranchKind::indirect_call: return "indirect call";
        case BranchKind::function_return: return "return";
        case BranchKind::system_call: return "system call";
        case BranchKind::trap: return "trap";
    }
    std::unreachable();
}

}  // namespace abiscope::disasm
