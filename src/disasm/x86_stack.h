// What is known of words on an x86 program's stack: of those that are read and written by their distance from the stack pointer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "disasm/known_bits.h"

namespace abiscope::disasm {

class X86Stack {
public:
    // The stack pointer changes by `bytes`; and in a way that is not known.
    void move(std::int64_t bytes);
    void lose();

    // Something was written somewhere.
    void forget() { slots_.clear(); }

    // `displacement` is from the stack pointer as it is. Of more than eight bytes nothing is known.
    [[nodiscard]] KnownBits load(std::int64_t displacement, unsigned size) const;
    void store(std::int64_t displacement, unsigned size, const KnownBits& value);

    // Only what both agree on.
    [[nodiscard]] X86Stack met(const X86Stack& other) const;
    friend bool operator==(const X86Stack&, const X86Stack&) = default;

private:
    struct Slot {
        std::int64_t at = 0;    // from where the stack pointer was at first
        unsigned size = 0;
        KnownBits value;
        friend bool operator==(const Slot&, const Slot&) = default;
    };

    std::optional<std::int64_t> pointer_ = 0;   // from where it was at first
    std::vector<Slot> slots_;                   // by rising place; none overlap
};

}  // namespace abiscope::disasm
