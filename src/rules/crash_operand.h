// An operand's address is a sum of registers and a displacement: which of them is to blame for where it leads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/crash.h"
#include "disasm/instruction.h"

namespace abiscope::rules {

// vm.mmap_min_addr as it is nearly everywhere: no program has memory below, and with an offset from there on a register may be an index.
inline constexpr std::int64_t lowest_mapping = 65536;

struct GuiltyPart {
    std::string_view reg;              // empty: the displacement, or there is no register
    std::string words;  // "rax holds a wild pointer", "rsp is in [stack], and the index rcx (1000000 * 4) leads out of it"
    bool is_pointer = true;  // false: an index or displacement that leads out of what a good pointer points to
    bool certain = true;
};

[[nodiscard]] GuiltyPart guilty_part(const core::Crash& crash, const core::Access& access, const disasm::MemoryOperand& memory);

// In 64-bit code no other segment moves an address; the flat ones of 32-bit programs do not, either.
[[nodiscard]] bool is_of_thread(const disasm::MemoryOperand& memory);

// A register's value as a signed number of the process's word size.
[[nodiscard]] std::int64_t as_signed(const core::Crash& crash, std::uint64_t value);

[[nodiscard]] std::string register_words(std::string_view name);  // "no register" for none
[[nodiscard]] std::string signed_words(std::int64_t value);

}  // namespace abiscope::rules
