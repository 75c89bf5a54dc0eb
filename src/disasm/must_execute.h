// What every start of a program executes, whatever its input and its processor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "disasm/code.h"
#include "disasm/decoder.h"
#include "disasm/features.h"

namespace abiscope::disasm {

// What the caller knows of a place that the walk reaches: the target of a call, or the memory an indirect branch takes its target from.
struct Callee {
    enum class Kind : std::uint8_t {
        unknown,        // nothing
        code,           // control goes to `address`
        returns,        // somewhere else, and comes back
        never_returns,
        starts_main,    // __libc_start_main: calls its first argument
    } kind = Kind::unknown;
    std::uint64_t address = 0;
};

struct WalkOptions {
    // Asked for each direct branch that leaves the function it is in. `unknown` for an address inside the code: it is entered.
    std::function<Callee(std::uint64_t target)> callee;
    // Asked for each indirect branch through memory at a known address, and for a function pointer loaded from there.
    std::function<Callee(std::uint64_t slot)> slot;
    std::size_t max_instructions = 10'000;
    std::size_t max_depth = 64;     // of calls
};

enum class WalkStop : std::uint8_t {
    conditional_branch,
    indirect_branch,
    unknown_callee,
    no_return,
    returned,
    system_call,
    trap,
    undecodable,
    outside,
    endless_loop,
    limit,
};

[[nodiscard]] std::string_view to_string(WalkStop stop);

struct WalkUse {
    Feature feature = Feature::none;
    Absence absence = Absence::illegal;
    std::uint64_t address = 0;
    std::string text;
};

// What is executed whenever the entry point is.
struct Walk {
    std::vector<WalkUse> uses;              // the first instruction of each feature on the path, in its order
    std::optional<std::uint64_t> main;      // where the walk went for __libc_start_main
    WalkStop stop = WalkStop::outside;
    std::uint64_t stop_address = 0;         // of the instruction that ended it
    std::size_t instructions = 0;
    bool probed = false;                    // CPUID, XGETBV or RDSSP lies on the path

    [[nodiscard]] const WalkUse* find(Feature feature) const;
};

// The straight line from `entry`: along jumps, into direct calls and back, through __libc_start_main to main, up to the first branch that
// could go two ways. An instruction on it is executed for certain, unless the program dies before.
[[nodiscard]] Walk must_execute(const Code& code, const Decoder& decoder, std::uint64_t entry, const WalkOptions& options = {});

}  // namespace abiscope::disasm
