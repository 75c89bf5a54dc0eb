// What the branches of the architectures that Capstone decodes do, told from their mnemonics.
#pragma once

#include <string_view>

#include "disasm/architecture.h"
#include "disasm/instruction.h"

namespace abiscope::disasm {

struct BranchHints {
    bool grouped = false;       // the library says it is some kind of jump, call or return
    bool conditional = false;   // it has a condition of its own (32-bit Arm)
};

[[nodiscard]] BranchKind branch_kind(Architecture architecture, std::string_view mnemonic, std::string_view operands, BranchHints hints);

}  // namespace abiscope::disasm
