// Which words of a stopped Go frame hold pointers, as the garbage collector would take them. Pure lookups without allocation.
// Source: runtime/stkframe.go (getStackMap, before 1.21 in stack.go), runtime/stack.go (stackObjectRecord), internal/abi/symtab.go.
#pragma once

#include <cstdint>
#include <optional>

#include "golang/memory.h"
#include "golang/module_data.h"
#include "golang/pclntab.h"
#include "golang/release.h"

namespace abiscope::golang {

// A bit for each word, the lowest of a byte first.
struct PointerMap {
    View bits;
    std::uint32_t words = 0;
    [[nodiscard]] bool holds_pointer(std::uint32_t word) const {
        return word < words && (std::to_integer<unsigned>(bits.data()[word / 8]) >> (word % 8) & 1) != 0;
    }
};

// Of the arguments (args_pointer_maps) or the local variables (locals_pointer_maps) when the frame goes on at `pc`: a return address, or
// where the innermost frame stopped. Word i of the arguments lies at argp + i words, of n locals at varp - (n - i) words. Nothing when the
// function has no maps of that kind, or they are not all in memory.
[[nodiscard]] std::optional<PointerMap> pointer_map(const Memory& memory, const PclnTable& table, const Function& function, FuncData which,
                                                    std::uint64_t pc);

// A variable whose address was taken: alive when something that is alive points at it.
struct StackObject {
    std::int32_t offset = 0;            // from varp when negative, else from argp
    std::uint32_t size = 0;             // bytes; 0 in 1.16, where `type` says it
    std::uint32_t pointer_bytes = 0;
    std::uint64_t mask = 0;             // address of its pointer bits; 0 in 1.16
    std::uint64_t type = 0;             // address of its descriptor, in 1.16
};

class StackObjects {
public:
    StackObjects(const Memory& memory, const PclnTable& table, const Module& module, Release release, const Function& function);
    [[nodiscard]] std::uint64_t size() const { return count_; }
    [[nodiscard]] std::optional<StackObject> at(std::uint64_t index) const;

private:
    const Memory* memory_;
    std::uint64_t list_ = 0, count_ = 0, record_ = 0, rodata_ = 0;
    Release release_;
};

}  // namespace abiscope::golang
