// Who mentions a function in code. Pointers in data (tables, relocations) are not seen here.
#pragma once

#include <cstdint>
#include <vector>

#include "disasm/code.h"

namespace abiscope::disasm {

struct References {
    std::uint64_t branches = 0;             // direct calls and jumps to it from outside itself
    std::uint64_t first_branch = 0;         // lowest address of them
    std::uint64_t address_taken = 0;        // its address is computed or loaded (LEA, MOV and PUSH of an immediate)
    std::uint64_t first_taken = 0;
};

// What mentions each function of `code`, from one pass over all of it, on every core. Taken addresses are seen on x86 only.
class ReferenceIndex {
public:
    explicit ReferenceIndex(const Code& code);

    // `function`: index into code.functions().
    [[nodiscard]] const References& to(std::size_t function) const { return references_[function]; }

private:
    std::vector<References> references_;
};

}  // namespace abiscope::disasm
