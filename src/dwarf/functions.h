// Functions as a caller sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/type.h"
#include "dwarf/builder.h"
#include "dwarf/location.h"

namespace abiscope::dwarf {

// A parameter in the record of a function's code; of Go also a result, which it records alike.
struct CodeParameter {
    std::string name;                      // Go's ~p0, ~r1: the source gives it none
    bool result = false;
    std::vector<LocationPiece> at_entry;   // where it is at the first instruction; empty where that is not recorded
};

// What the record of its code tells of how a function is called, where DWARF has no words for it.
struct FunctionCode {
    std::vector<CodeParameter> parameters;   // of Go, those of the function type, in their order
    bool has_code = false;                 // false: a record for inlined copies, which leaves parameters out
    std::string file;                      // of its source, in Go
};

struct FunctionSignature {
    std::string name;                      // qualified
    std::string linkage_name;              // empty where it is the name
    abi::Language language = abi::Language::c;
    abi::TypeId type = abi::TypeId::none;  // a function; `this` is its first parameter where there is one
    std::vector<std::string> parameters;   // names, empty where there are none
    bool has_this = false;
    // Its entry is that of its code: constructors and destructors say there what they take beside what their class declares.
    bool has_code = false;
    bool is_virtual = false;
    bool external = false;                 // seen outside its unit
    bool by_reference = false;             // Fortran: what its parameters are is an address, unless it says otherwise
    bool prototyped = true;                // false: int f(), of C before C23
    bool no_return = false;                // declared as one that never returns
    bool declaration = false;              // nothing but a declaration is there
    bool assembly = false;                 // an assembler's record: where it is, not what it takes
    bool made_up = false;                  // one that GCC made for a function it calls: neither parameters nor result are recorded
    std::optional<std::uint64_t> calling_convention;   // DW_CC_*, where it is recorded
    FunctionCode code;                     // where that was asked for
    std::string_view producer;             // of its unit; lives as long as the Debug
};

// The flag that GCC's records of constructors and destructors take in front of their parameters, and none of the functions made of them.
[[nodiscard]] bool is_in_charge_flag(EntryReader& reader, const Entry& parameter);

// The `this` that clang 19 records in front of an explicit object parameter (C++23, `this X self`): nothing travels for it. `linkage` is
// the function's linkage name.
[[nodiscard]] bool is_beside_explicit_object(std::string_view linkage, const Entry& parameter);

// The signature of what find_functions() found. `with_code`: and its FunctionCode.
[[nodiscard]] FunctionSignature read_function(TypeBuilder& builder, const FoundType& found, bool with_code = false);

}  // namespace abiscope::dwarf
