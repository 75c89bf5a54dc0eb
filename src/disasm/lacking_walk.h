// What a program executes on an x86 CPU that lacks some features, as far as its code tells: tests of the CPU are answered as such a CPU
// would.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "disasm/code.h"
#include "disasm/decoder.h"
#include "disasm/plain_functions.h"
#include "disasm/x86_values.h"

namespace abiscope::disasm {

struct LackingWalkOptions {
    X86World world;
    // Whether a function is an IFUNC resolver: what it returns is called, and what it only mentions is not.
    std::function<bool(std::uint64_t address)> resolver;
    // What a call of the function leaves in the register for a result, and what is there at each return of one.
    std::function<KnownBits(std::uint64_t function)> result;
    std::function<void(std::uint64_t function, const KnownBits& value)> returned;
    bool enter_calls = true;                        // false: only the functions of the roots are looked at
    // Small functions that call nothing: what they do to registers and the stack is seen at each call of theirs.
    std::function<bool(std::uint64_t function)> leaf;
    std::function<bool(std::uint64_t function)> never_returns;
    // Whose uses lie behind tests, by another's word.
    std::function<bool(std::uint64_t address)> vouched;
    std::function<bool(std::uint64_t function)> entered;    // without enter_calls: calls of these are followed all the same
    PlainFunctions* plain = nullptr;                // functions that need not be followed instruction by instruction, with enter_calls
    // Asked at the end: whether world.load says less than it did. Then everything is looked at again.
    std::function<bool()> forgot;
    FeatureSet sought;                              // the walk ends when uses of all of them are found; empty: it goes everywhere
    std::size_t max_instructions = 2'000'000;
};

struct LackingUse {
    Feature feature = Feature::none;
    std::uint64_t address = 0;
};

struct LackingWalk {
    std::vector<LackingUse> uses;       // of what the CPU lacks, one of each feature: of those that were found, the first by address
    FeatureSet vouched;                 // of what the CPU lacks: used where another's word says that it is tested
    bool whole = true;                  // false: given up at max_instructions
    std::size_t instructions = 0;

    [[nodiscard]] const LackingUse* find(Feature feature) const;
};

// From `roots` along both ways of each branch, but one where what is known of the CPU decides; into calls, and into functions whose address
// is handed over (stored, passed, returned). After a jump whose target is calculated, what no direct branch leads to is taken to be
// reached.
[[nodiscard]] LackingWalk walk_lacking(const Code& code, const Decoder& decoder, std::span<const std::uint64_t> roots,
                                       const LackingWalkOptions& options);

}  // namespace abiscope::disasm
