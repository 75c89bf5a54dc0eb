// Functions as a caller sees them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/type.h"
#include "dwarf/builder.h"

namespace abiscope::dwarf {

struct FunctionSignature {
    std::string name;                      // qualified
    std::string linkage_name;              // empty where it is the name
    abi::Language language = abi::Language::c;
    abi::TypeId type = abi::TypeId::none;  // a function; `this` is its first parameter where there is one
    std::vector<std::string> parameters;   // names, empty where there are none
    bool has_this = false;
    bool is_virtual = false;
    bool external = false;                 // seen outside its unit
    bool prototyped = true;                // false: int f(), of C before C23
    bool declaration = false;              // nothing but a declaration is there
    std::optional<std::uint64_t> calling_convention;   // DW_CC_*, where it is recorded
    std::string_view producer;             // of its unit; lives as long as the Debug
};

// The signature of what find_functions() found.
[[nodiscard]] FunctionSignature read_function(TypeBuilder& builder, const FoundType& found);

}  // namespace abiscope::dwarf
