// How a program's function is called, where that is not its ABI's usual way: what the debug information says of it, the decoration of its
// symbol, the switches its unit was compiled with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "abi/profile.h"
#include "debuginfo/program_abi.h"
#include "dwarf/functions.h"
#include "source/abi_switches.h"

namespace abiscope::source {

struct ProgramConvention {
    std::optional<abi::Convention> convention;   // empty: the usual one
    std::string refused;                         // why no call can be placed; empty when there is nothing in the way
};

// What the DW_AT_producer of a unit says of the calls of its functions.
struct UnitCalls {
    bool by_clang = false;
    ProgramConvention every;                // of every function that nothing nearer says more of
    std::vector<CallSwitch> some;
    std::vector<std::string> switches;      // of abi::Signature
};
[[nodiscard]] UnitCalls read_unit_calls(std::string_view producer, std::string_view profile);

// Remembered by producer: a program has few, and many functions of each.
class ProgramCalls {
public:
    explicit ProgramCalls(std::string profile) : profile_(std::move(profile)) {}
    // `producer` lives as long as this.
    [[nodiscard]] const UnitCalls& of(std::string_view producer);

private:
    std::string profile_;
    std::unordered_map<std::string_view, UnitCalls> known_;
};

// `variadic`: a function with `...`, which no attribute of 32-bit x86 changes.
[[nodiscard]] ProgramConvention convention_of(const dwarf::FunctionSignature& function, bool variadic, const UnitCalls& unit,
                                              const debuginfo::ProgramAbi& own);

// Why a switch of its unit changes the call of this function; empty when none does.
[[nodiscard]] std::string switch_against_call(const UnitCalls& unit, const abi::TypeTable& types, const abi::Signature& signature);

}  // namespace abiscope::source
