// Where the functions of an x86 program could lead, read off their bytes without decoding them: every four bytes that would be a
// displacement to code, wherever they stand. That finds all that instructions say, and a little that none does (about one such place in
// a hundred thousand bytes).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "disasm/code.h"
#include "disasm/function_starts.h"

namespace abiscope::disasm {

struct ReferenceOptions {
    bool absolute = false;  // addresses also stand in the code as they are: a program that is loaded where it was linked to
    std::vector<AddressRange> watched;  // memory
    std::vector<AddressRange> dead_ends;  // code from which no way leads to any function
    std::vector<std::uint64_t> apart;  // addresses of other objects, sorted: who computes one means no more than that
    std::uint64_t before = 0;  // of what is watched: who computes an address so many bytes before it may look at it
};

struct Reference {
    std::uint32_t function : 31 = 0;  // index in Code::functions()
    std::uint32_t inside : 1 = 0;  // a branch to a place behind the function's start
};

class References {
public:
    // Nothing when `starts`, which is of `code`, is not dense.
    // Branches into `dead_ends` are left out. Runs on all cores of the machine; the result does not depend on how the work was divided.
    [[nodiscard]] static std::optional<References> find(const Code& code, const FunctionStarts& starts, const ReferenceOptions& options);

    // Functions to which something in the bytes of `function` points, in the order of the bytes. Short branches are not found.
    [[nodiscard]] std::span<const Reference> of(std::size_t function) const {
        return std::span(references_).subspan(begin_[function], begin_[function + 1] - begin_[function]);
    }

    // Whether something in `function` looks like a branch to code that no function holds.
    [[nodiscard]] bool leads_outside(std::size_t function) const { return leads_outside_[function]; }

    // Functions that refer to what was watched; sorted.
    [[nodiscard]] std::span<const std::uint32_t> watching() const { return watching_; }

private:
    class Scan;

    std::vector<std::size_t> begin_;  // of each function in references_, and the end of the last
    std::vector<Reference> references_;
    std::vector<bool> leads_outside_;
    std::vector<std::uint32_t> watching_;
};

}  // namespace abiscope::disasm
