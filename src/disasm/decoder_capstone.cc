#include <array>
#include <cstring>
#include <utility>

#include <capstone/capstone.h>

#include "bytes/shared_library.h"
#include "disasm/arm64_features.h"
#include "disasm/branch_names.h"
#include "disasm/decoder_backend.h"

namespace abiscope::disasm {

namespace {

struct Mode {
    cs_arch arch;
    unsigned mode;
};

constexpr auto big_endian = static_cast<unsigned>(CS_MODE_BIG_ENDIAN);

// Capstone 4 knows nothing of RISC-V.
std::optional<Mode> capstone_mode(Architecture architecture, Endian order) {
    auto with = [order](cs_arch arch, unsigned mode) { return Mode{arch, mode | (order == Endian::big ? big_endian : 0U)}; };
    switch (architecture) {
        case Architecture::arm: return with(CS_ARCH_ARM, CS_MODE_ARM | CS_MODE_V8);
        case Architecture::thumb: return with(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_V8);
        case Architecture::arm64: return with(CS_ARCH_ARM64, CS_MODE_ARM);
        case Architecture::ppc32: return with(CS_ARCH_PPC, CS_MODE_32);
        case Architecture::ppc64: return with(CS_ARCH_PPC, CS_MODE_64);
        case Architecture::mips32: return with(CS_ARCH_MIPS, CS_MODE_MIPS32);
        case Architecture::mips64: return with(CS_ARCH_MIPS, CS_MODE_MIPS64);
        // Capstone takes these two in their own byte order only.
        case Architecture::s390x: return Mode{CS_ARCH_SYSZ, big_endian};
        case Architecture::sparc: return Mode{CS_ARCH_SPARC, big_endian};
        case Architecture::sparc64: return Mode{CS_ARCH_SPARC, big_endian | CS_MODE_V9};
        case Architecture::x86:
        case Architecture::x86_64:
        case Architecture::riscv32:
        case Architecture::riscv64: return std::nullopt;
    }
    std::unreachable();
}

// What is called of Capstone. It is loaded when code of another architecture than x86 is first decoded: the 77,000 relocations of its
// tables took half of every start.
struct Capstone {
    decltype(&cs_open) open = nullptr;
    decltype(&cs_close) close = nullptr;
    decltype(&cs_option) option = nullptr;
    decltype(&cs_malloc) allocate = nullptr;
    decltype(&cs_free) free = nullptr;
    decltype(&cs_disasm_iter) decode = nullptr;
    decltype(&cs_reg_name) reg_name = nullptr;
};

Result<Capstone> load_capstone() {
    ABISCOPE_TRY(SharedLibrary library, SharedLibrary::open(ABISCOPE_CAPSTONE));
    Capstone out;
    bool whole = library.bind(out.open, "cs_open") && library.bind(out.close, "cs_close") && library.bind(out.option, "cs_option") &&
        library.bind(out.allocate, "cs_malloc") && library.bind(out.free, "cs_free") && library.bind(out.decode, "cs_disasm_iter") &&
        library.bind(out.reg_name, "cs_reg_name");
    if (!whole) return fail(ErrorCode::unsupported, ABISCOPE_CAPSTONE " lacks a function of Capstone 4");
    return out;
}

class CapstoneBackend final : public Decoder::Backend {
public:
    CapstoneBackend(const Capstone& capstone, Architecture architecture, Endian order, csh handle)
        : capstone_(capstone), architecture_(architecture), order_(order), handle_(handle), raw_(capstone.allocate(handle)) {}
    CapstoneBackend(const CapstoneBackend&) = delete;
    CapstoneBackend& operator=(const CapstoneBackend&) = delete;
    ~CapstoneBackend() override {
        capstone_.free(raw_, 1);
        capstone_.close(&handle_);
    }

    Architecture architecture() const override { return architecture_; }

    std::optional<Flow> flow(std::span<const std::byte> bytes, std::uint64_t address) override {
        if (!decode_one(bytes, address)) return std::nullopt;
        return flow_of_raw();
    }

    bool decode(std::span<const std::byte> bytes, std::uint64_t address, Syntax, Instruction& into) override {
        if (!decode_one(bytes, address)) return false;
        into = {.address = address,
                .bytes = {bytes.begin(), bytes.begin() + raw_->size},
                .mnemonic = raw_->mnemonic,
                .text = raw_->mnemonic,
                .flow = flow_of_raw(),
                .needs = {},
                .operands = operands()};
        if (raw_->op_str[0] != '\0') into.text += std::string(" ") + raw_->op_str;
        if (architecture_ == Architecture::arm64) {
            if (std::uint8_t code = arm64::needs_code(load<std::uint32_t>(bytes.data(), order_)); code != 0) {
                const arm64::Encoding& row = arm64::encodings()[code - 1U];
                into.needs = {row.feature, row.second, Absence::illegal};
            }
        }
        return true;
    }

private:
    bool decode_one(std::span<const std::byte> bytes, std::uint64_t address) {
        if (raw_ == nullptr) return false;
        const auto* at = reinterpret_cast<const std::uint8_t*>(bytes.data());
        std::size_t size = bytes.size();
        return size != 0 && capstone_.decode(handle_, &at, &size, &address, raw_) && raw_->size != 0;
    }

    [[nodiscard]] Flow flow_of_raw() const {
        Flow flow{.length = static_cast<std::uint8_t>(raw_->size), .branch = BranchKind::none, .target = {}, .slot = {}};
        bool grouped = false;
        for (std::uint8_t i = 0; i < raw_->detail->groups_count; ++i) {
            std::uint8_t group = raw_->detail->groups[i];
            grouped = grouped || group == CS_GRP_JUMP || group == CS_GRP_CALL || group == CS_GRP_RET || group == CS_GRP_BRANCH_RELATIVE;
        }
        bool conditional =
            raw_->detail != nullptr && architecture_is_arm() && raw_->detail->arm.cc != ARM_CC_AL && raw_->detail->arm.cc != ARM_CC_INVALID;
        std::vector<Operand> list = operands();
        flow.branch = branch_kind(architecture_, raw_->mnemonic, raw_->op_str, {.grouped = grouped, .conditional = conditional});
        bool direct = flow.branch == BranchKind::jump || flow.branch == BranchKind::conditional_jump || flow.branch == BranchKind::call;
        if (!direct) return flow;
        // The target is the last immediate: "tbz w0, #3, TARGET".
        for (const Operand& operand : list) {
            if (operand.kind == Operand::Kind::immediate) flow.target = static_cast<std::uint64_t>(operand.immediate);
        }
        return flow;
    }

    [[nodiscard]] bool architecture_is_arm() const { return architecture_ == Architecture::arm || architecture_ == Architecture::thumb; }

    [[nodiscard]] std::string_view name(unsigned reg) const {
        const char* text = reg == 0 ? nullptr : capstone_.reg_name(handle_, reg);
        return text == nullptr ? std::string_view() : std::string_view(text);
    }

    [[nodiscard]] Operand reg_operand(unsigned reg, unsigned access) const {
        Operand operand = with_access(access);
        operand.reg = name(reg);
        return operand;
    }

    static Operand with_access(unsigned access) {
        Operand operand;
        operand.read = (access & CS_AC_READ) != 0;
        operand.write = (access & CS_AC_WRITE) != 0;
        return operand;
    }

    static Operand immediate_operand(std::int64_t value) {
        Operand operand = with_access(CS_AC_READ);
        operand.kind = Operand::Kind::immediate;
        operand.immediate = value;
        return operand;
    }

    [[nodiscard]] Operand memory_operand(unsigned base, unsigned index, std::int64_t displacement, unsigned scale, unsigned access) const {
        Operand operand = with_access(access);
        operand.kind = Operand::Kind::memory;
        operand.memory.base = name(base);
        operand.memory.index = name(index);
        operand.memory.scale = static_cast<std::uint8_t>(scale);
        operand.memory.displacement = displacement;
        return operand;
    }

    [[nodiscard]] std::vector<Operand> operands() const {
        const cs_detail& detail = *raw_->detail;
        std::vector<Operand> list;
        switch (architecture_) {
            case Architecture::arm64:
                for (std::uint8_t i = 0; i < detail.arm64.op_count; ++i) {
                    const cs_arm64_op& op = detail.arm64.operands[i];
                    if (op.type == ARM64_OP_REG) list.push_back(reg_operand(op.reg, op.access));
                    else if (op.type == ARM64_OP_IMM) list.push_back(immediate_operand(op.imm));
                    else if (op.type == ARM64_OP_MEM) {
                        unsigned scale = op.shift.type == ARM64_SFT_LSL && op.shift.value < 8 ? 1U << op.shift.value : 1U;
                        list.push_back(memory_operand(op.mem.base, op.mem.index, op.mem.disp, scale, op.access));
                    }
                }
                break;
            case Architecture::arm:
            case Architecture::thumb:
                for (std::uint8_t i = 0; i < detail.arm.op_count; ++i) {
                    const cs_arm_op& op = detail.arm.operands[i];
                    if (op.type == ARM_OP_REG) list.push_back(reg_operand(static_cast<unsigned>(op.reg), op.access));
                    else if (op.type == ARM_OP_IMM) list.push_back(immediate_operand(op.imm));
                    else if (op.type == ARM_OP_MEM) {
                        unsigned scale = op.shift.type == ARM_SFT_LSL && op.shift.value < 8 ? 1U << op.shift.value : 1U;
                        list.push_back(memory_operand(op.mem.base, op.mem.index, op.mem.disp, scale, op.access));
                    }
                }
                break;
            case Architecture::ppc32:
            case Architecture::ppc64:
                for (std::uint8_t i = 0; i < detail.ppc.op_count; ++i) {
                    const cs_ppc_op& op = detail.ppc.operands[i];
                    if (op.type == PPC_OP_REG) list.push_back(reg_operand(op.reg, 0));
                    else if (op.type == PPC_OP_IMM) list.push_back(immediate_operand(op.imm));
                    else if (op.type == PPC_OP_MEM) list.push_back(memory_operand(op.mem.base, 0, op.mem.disp, 1, 0));
                }
                break;
            case Architecture::mips32:
            case Architecture::mips64:
                for (std::uint8_t i = 0; i < detail.mips.op_count; ++i) {
                    const cs_mips_op& op = detail.mips.operands[i];
                    if (op.type == MIPS_OP_REG) list.push_back(reg_operand(op.reg, 0));
                    else if (op.type == MIPS_OP_IMM) list.push_back(immediate_operand(op.imm));
                    else if (op.type == MIPS_OP_MEM) list.push_back(memory_operand(op.mem.base, 0, op.mem.disp, 1, 0));
                }
                break;
            case Architecture::s390x:
                for (std::uint8_t i = 0; i < detail.sysz.op_count; ++i) {
                    const cs_sysz_op& op = detail.sysz.operands[i];
                    if (op.type == SYSZ_OP_REG) list.push_back(reg_operand(op.reg, 0));
                    else if (op.type == SYSZ_OP_IMM) list.push_back(immediate_operand(op.imm));
                    else if (op.type == SYSZ_OP_MEM) list.push_back(memory_operand(op.mem.base, op.mem.index, op.mem.disp, 1, 0));
                }
                break;
            case Architecture::sparc:
            case Architecture::sparc64:
                for (std::uint8_t i = 0; i < detail.sparc.op_count; ++i) {
                    const cs_sparc_op& op = detail.sparc.operands[i];
                    if (op.type == SPARC_OP_REG) list.push_back(reg_operand(op.reg, 0));
                    else if (op.type == SPARC_OP_IMM) list.push_back(immediate_operand(op.imm));
                    else if (op.type == SPARC_OP_MEM) list.push_back(memory_operand(op.mem.base, op.mem.index, op.mem.disp, 1, 0));
                }
                break;
            default: break;
        }
        return list;
    }

    const Capstone& capstone_;
    Architecture architecture_;
    Endian order_;
    csh handle_;
    cs_insn* raw_;
};

}  // namespace

Result<std::unique_ptr<Decoder::Backend>> make_capstone_backend(Architecture architecture, Endian order) {
    auto mode = capstone_mode(architecture, order);
    std::string_view name = find_name(architecture_names(), static_cast<std::uint64_t>(architecture)).value_or("");
    if (!mode) return fail(ErrorCode::unsupported, std::string("no disassembler for ") + std::string(name));
    static const Result<Capstone> capstone = load_capstone();
    if (!capstone) return std::unexpected(capstone.error());
    csh handle = 0;
    if (capstone->open(mode->arch, static_cast<cs_mode>(mode->mode), &handle) != CS_ERR_OK ||
        capstone->option(handle, CS_OPT_DETAIL, CS_OPT_ON) != CS_ERR_OK) {
        return fail(ErrorCode::unsupported, std::string("Capstone does not decode ") + std::string(name));
    }
    return std::make_unique<CapstoneBackend>(*capstone, architecture, order, handle);
}

}  // namespace abiscope::disasm
