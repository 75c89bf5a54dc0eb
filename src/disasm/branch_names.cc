// Sources: Arm ARM (DDI 0487), Power ISA 3.0 Book I chapter 2, MIPS32 volume II, z/Architecture Principles of Operation (SA22-7832),
// SPARC Architecture Manual versions 8 and 9.
#include "disasm/branch_names.h"

#include <algorithm>
#include <array>
#include <span>

namespace abiscope::disasm {

namespace {

struct Named {
    std::string_view mnemonic;
    BranchKind kind;
};

using enum BranchKind;

constexpr std::array arm64_names{
    Named{"b", jump}, Named{"bl", call}, Named{"br", indirect_jump}, Named{"blr", indirect_call}, Named{"ret", function_return},
    Named{"retaa", function_return}, Named{"retab", function_return}, Named{"eret", function_return}, Named{"braa", indirect_jump},
    Named{"brab", indirect_jump}, Named{"blraa", indirect_call}, Named{"blrab", indirect_call}, Named{"cbz", conditional_jump},
    Named{"cbnz", conditional_jump}, Named{"tbz", conditional_jump}, Named{"tbnz", conditional_jump}, Named{"svc", system_call},
    Named{"brk", trap}, Named{"hlt", trap}, Named{"udf", trap},
};

// 32-bit Arm: the suffix of the condition is part of Capstone's mnemonic, so only what follows is fixed.
constexpr std::array arm_names{
    Named{"blx", call}, Named{"bl", call}, Named{"bx", indirect_jump}, Named{"cbz", conditional_jump}, Named{"cbnz", conditional_jump},
    Named{"svc", system_call}, Named{"udf", trap}, Named{"bkpt", trap}, Named{"b", jump},
};

constexpr std::array ppc_names{
    Named{"b", jump}, Named{"ba", jump}, Named{"bl", call}, Named{"bla", call}, Named{"blr", function_return}, Named{"bctr", indirect_jump},
    Named{"bctrl", indirect_call}, Named{"blrl", indirect_call}, Named{"sc", system_call}, Named{"trap", trap},
};

constexpr std::array mips_names{
    Named{"j", jump}, Named{"b", jump}, Named{"jal", call}, Named{"bal", call}, Named{"jr", indirect_jump}, Named{"jalr", indirect_call},
    Named{"syscall", system_call}, Named{"break", trap}, Named{"eret", function_return},
};

constexpr std::array s390x_names{
    Named{"j", jump}, Named{"jg", jump}, Named{"brasl", call}, Named{"bras", call}, Named{"br", indirect_jump}, Named{"basr", indirect_call},
    Named{"svc", system_call},
};

constexpr std::array sparc_names{
    Named{"b", jump}, Named{"ba", jump}, Named{"call", call}, Named{"jmp", indirect_jump}, Named{"jmpl", indirect_jump},
    Named{"ret", function_return}, Named{"retl", function_return}, Named{"rett", function_return}, Named{"ta", system_call},
};

std::span<const Named> names_of(Architecture architecture) {
    switch (architecture) {
        case Architecture::arm64: return arm64_names;
        case Architecture::ppc32:
        case Architecture::ppc64: return ppc_names;
        case Architecture::mips32:
        case Architecture::mips64: return mips_names;
        case Architecture::s390x: return s390x_names;
        case Architecture::sparc:
        case Architecture::sparc64: return sparc_names;
        default: return {};
    }
}

// Capstone 4 puts Power's conditional branches in no group. Everything of theirs that starts with a B is one, but for these.
bool is_power_branch(Architecture architecture, std::string_view mnemonic) {
    if (architecture != Architecture::ppc32 && architecture != Architecture::ppc64) return false;
    return mnemonic.starts_with('b') && mnemonic != "bpermd" && !mnemonic.starts_with("br");
}

bool is_link_register(Architecture architecture, std::string_view operands) {
    switch (architecture) {
        case Architecture::mips32:
        case Architecture::mips64: return operands == "$ra";
        case Architecture::s390x: return operands == "%r14";
        default: return operands == "lr";
    }
}

// POP {.., PC}, LDR PC, MOV PC.
bool arm_writes_pc(std::string_view mnemonic, std::string_view operands) {
    if (mnemonic.starts_with("pop") || mnemonic.starts_with("ldm")) return operands.find("pc}") != std::string_view::npos;
    return (mnemonic.starts_with("ldr") || mnemonic.starts_with("mov") || mnemonic.starts_with("add")) && operands.starts_with("pc,");
}

BranchKind arm_kind(std::string_view mnemonic, std::string_view operands, BranchHints hints) {
    BranchKind kind = none;
    if (arm_writes_pc(mnemonic, operands)) {
        kind = mnemonic.starts_with("pop") || mnemonic.starts_with("ldm") ? function_return : indirect_jump;
    } else if (hints.grouped || mnemonic.starts_with("svc") || mnemonic.starts_with("udf") || mnemonic.starts_with("bkpt")) {
        for (const Named& named : arm_names) {
            if (mnemonic.starts_with(named.mnemonic)) {
                kind = named.kind;
                break;
            }
        }
        bool by_register = !operands.empty() && operands.find('#') == std::string_view::npos;
        if (kind == call && by_register) kind = indirect_call;
        if (kind == indirect_jump && operands == "lr") kind = function_return;
    }
    // A conditional return or table jump may as well go on.
    if (hints.conditional && kind != none && kind != call && kind != indirect_call) kind = conditional_jump;
    return kind;
}

}  // namespace

BranchKind branch_kind(Architecture architecture, std::string_view mnemonic, std::string_view operands, BranchHints hints) {
    if (architecture == Architecture::arm || architecture == Architecture::thumb) return arm_kind(mnemonic, operands, hints);
    std::string_view stem = mnemonic;
    while (stem.ends_with('+') || stem.ends_with('-')) stem.remove_suffix(1);       // Power's branch prediction hints
    std::span<const Named> names = names_of(architecture);
    auto named = std::ranges::find(names, stem, &Named::mnemonic);
    if (named == names.end()) return hints.grouped || is_power_branch(architecture, stem) ? conditional_jump : none;
    if (named->kind == indirect_jump && is_link_register(architecture, operands)) return function_return;
    return named->kind;
}

}  // namespace abiscope::disasm
