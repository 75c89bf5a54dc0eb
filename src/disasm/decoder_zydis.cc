#include <array>

#include "disasm/decoder_backend.h"
#include "disasm/x86_isa.h"

namespace abiscope::disasm {

namespace {

std::string_view register_name(ZydisRegister reg) {
    static const auto names = [] {
        std::array<std::string_view, ZYDIS_REGISTER_MAX_VALUE + 1> all;
        for (int i = ZYDIS_REGISTER_NONE + 1; i <= ZYDIS_REGISTER_MAX_VALUE; ++i) {
            const char* name = ZydisRegisterGetString(static_cast<ZydisRegister>(i));
            if (name != nullptr) all[static_cast<std::size_t>(i)] = name;
        }
        return all;
    }();
    auto index = static_cast<std::size_t>(reg);
    return index < names.size() ? names[index] : std::string_view();
}

bool is_system_call(ZydisMnemonic mnemonic) {
    return mnemonic == ZYDIS_MNEMONIC_SYSCALL || mnemonic == ZYDIS_MNEMONIC_SYSENTER || mnemonic == ZYDIS_MNEMONIC_INT;
}

bool is_trap(ZydisMnemonic mnemonic) {
    switch (mnemonic) {
        case ZYDIS_MNEMONIC_UD0:
        case ZYDIS_MNEMONIC_UD1:
        case ZYDIS_MNEMONIC_UD2:
        case ZYDIS_MNEMONIC_HLT:
        case ZYDIS_MNEMONIC_INT3: return true;
        default: return false;
    }
}

// XBEGIN and XABORT are in branch categories, but what they do on their own is go on.
BranchKind branch_kind(const ZydisDecodedInstruction& instruction, bool direct) {
    switch (instruction.meta.category) {
        case ZYDIS_CATEGORY_COND_BR:
            return instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_NONE ? BranchKind::none : BranchKind::conditional_jump;
        case ZYDIS_CATEGORY_UNCOND_BR:
            if (instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_NONE) return BranchKind::none;
            return direct ? BranchKind::jump : BranchKind::indirect_jump;
        case ZYDIS_CATEGORY_CALL: return direct ? BranchKind::call : BranchKind::indirect_call;
        case ZYDIS_CATEGORY_RET: return BranchKind::function_return;
        case ZYDIS_CATEGORY_SYSRET: return BranchKind::function_return;
        default: break;
    }
    if (is_system_call(instruction.mnemonic)) return BranchKind::system_call;
    if (is_trap(instruction.mnemonic)) return BranchKind::trap;
    return BranchKind::none;
}

class ZydisBackend final : public Decoder::Backend {
public:
    explicit ZydisBackend(Architecture architecture) : plain_(architecture) {
        ZydisFormatterInit(&intel_, ZYDIS_FORMATTER_STYLE_INTEL);
        ZydisFormatterInit(&att_, ZYDIS_FORMATTER_STYLE_ATT);
        for (ZydisFormatter* formatter : {&intel_, &att_}) {
            ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED);
            ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED);
            ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED);
            ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
        }
    }

    Architecture architecture() const override { return plain_.architecture(); }

    std::optional<Flow> flow(std::span<const std::byte> bytes, std::uint64_t address) override {
        ZydisDecodedInstruction instruction;
        ZydisDecoderContext context;
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&plain_.zydis(), &context, bytes.data(), bytes.size(), &instruction))) return {};
        // Only branches have operands that matter here.
        Operands operands{};
        if (instruction.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE &&
            !ZYAN_SUCCESS(
                ZydisDecoderDecodeOperands(&plain_.zydis(), &context, &instruction, operands.data(), instruction.operand_count))) {
            return {};
        }
        return flow_of(instruction, operands, address);
    }

    bool decode(std::span<const std::byte> bytes, std::uint64_t address, Syntax syntax, Instruction& into) override {
        ZydisDecodedInstruction raw;
        Operands operands;
        if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&plain_.zydis(), bytes.data(), bytes.size(), &raw, operands.data()))) return false;
        into.address = address;
        into.bytes.assign(bytes.begin(), bytes.begin() + raw.length);
        into.mnemonic = ZydisMnemonicGetString(raw.mnemonic);
        into.flow = flow_of(raw, operands, address);
        into.needs = x86::needs(plain_.measure(raw).code, plain_.architecture());
        into.text.clear();
        if (syntax != Syntax::none) into.text = text_of(raw, operands, address, syntax == Syntax::att ? att_ : intel_);
        into.operands.clear();
        for (std::size_t i = 0; i < raw.operand_count; ++i) {
            // The flags register is an operand of nearly everything.
            if (operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER && ZydisRegisterGetClass(operands[i].reg.value) == ZYDIS_REGCLASS_FLAGS)
                continue;
            if (auto operand = operand_of(raw, operands[i], address)) into.operands.push_back(*operand);
        }
        return true;
    }

private:
    using Operands = std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT>;

    static std::string text_of(const ZydisDecodedInstruction& instruction, const Operands& operands, std::uint64_t address,
                               const ZydisFormatter& formatter) {
        std::array<char, 256> text{};
        bool done = ZYAN_SUCCESS(ZydisFormatterFormatInstruction(
            &formatter, &instruction, operands.data(), instruction.operand_count_visible, text.data(), text.size(), address, nullptr));
        return done ? text.data() : std::string();
    }

    static std::optional<std::uint64_t> absolute(const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand& operand,
                                                 std::uint64_t address) {
        ZyanU64 result = 0;
        if (!ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&instruction, &operand, address, &result))) return std::nullopt;
        return result;
    }

    static Flow flow_of(const ZydisDecodedInstruction& instruction, const Operands& operands, std::uint64_t address) {
        bool branches = instruction.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE;
        bool direct = branches && operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operands[0].imm.is_relative != 0;
        Flow flow{.length = instruction.length, .branch = branch_kind(instruction, direct), .target = {}, .slot = {}};
        if (direct) flow.target = absolute(instruction, operands[0], address);
        if ((flow.branch == BranchKind::indirect_jump || flow.branch == BranchKind::indirect_call) &&
            operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY && operands[0].mem.segment != ZYDIS_REGISTER_FS &&
            operands[0].mem.segment != ZYDIS_REGISTER_GS) {
            flow.slot = absolute(instruction, operands[0], address);
        }
        return flow;
    }

    std::optional<Operand> operand_of(const ZydisDecodedInstruction& instruction, const ZydisDecodedOperand& raw,
                                      std::uint64_t address) const {
        Operand operand{.kind = Operand::Kind::reg,
                        .read = (raw.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0,
                        .write = (raw.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0,
                        .implicit = raw.visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN,
                        .size = raw.size / 8U,
                        .reg = {},
                        .immediate = 0,
                        .memory = {}};
        switch (raw.type) {
            case ZYDIS_OPERAND_TYPE_REGISTER: operand.reg = register_name(raw.reg.value); return operand;
            case ZYDIS_OPERAND_TYPE_IMMEDIATE:
                operand.kind = Operand::Kind::immediate;
                operand.immediate = raw.imm.value.s;
                if (raw.imm.is_relative != 0) {
                    if (auto target = absolute(instruction, raw, address)) operand.immediate = static_cast<std::int64_t>(*target);
                }
                return operand;
            case ZYDIS_OPERAND_TYPE_POINTER:
                operand.kind = Operand::Kind::immediate;
                operand.immediate = raw.ptr.offset;
                return operand;
            case ZYDIS_OPERAND_TYPE_MEMORY: operand.kind = Operand::Kind::memory; break;
            default: return std::nullopt;
        }
        MemoryOperand& memory = operand.memory;
        if (raw.mem.segment == ZYDIS_REGISTER_FS || raw.mem.segment == ZYDIS_REGISTER_GS || plain_.architecture() == Architecture::x86) {
            memory.segment = register_name(raw.mem.segment);
        }
        memory.base = register_name(raw.mem.base);
        memory.index = register_name(raw.mem.index);
        // Intel SDM volume 2, XLAT: DS:[EBX + AL]. Zydis has the base alone.
        if (instruction.mnemonic == ZYDIS_MNEMONIC_XLAT) memory.index = register_name(ZYDIS_REGISTER_AL);
        memory.scale = raw.mem.scale == 0 ? std::uint8_t{1} : raw.mem.scale;
        memory.displacement = raw.mem.disp.has_displacement != 0 ? raw.mem.disp.value : 0;
        bool fixed_segment = raw.mem.segment != ZYDIS_REGISTER_FS && raw.mem.segment != ZYDIS_REGISTER_GS;
        if (fixed_segment) memory.address = absolute(instruction, raw, address);
        memory.access = raw.mem.type == ZYDIS_MEMOP_TYPE_MEM || raw.mem.type == ZYDIS_MEMOP_TYPE_VSIB;
        return operand;
    }

    x86::PlainDecoder plain_;
    ZydisFormatter intel_{};
    ZydisFormatter att_{};
};

}  // namespace

Result<std::unique_ptr<Decoder::Backend>> make_zydis_backend(Architecture architecture) {
    return std::make_unique<ZydisBackend>(architecture);
}

}  // namespace abiscope::disasm
