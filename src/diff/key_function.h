// Whether others depend on a class's table of virtual functions, or make their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "surface/surface.h"

namespace abiscope::diff {

// Itanium C++ ABI, section 5.2.3: the table and the type information of a class are emitted where its key function is, the first virtual
// function that is neither pure nor inline; without one, in every file that needs them.
enum class KeyFunction : std::uint8_t {
    no_table,  // the symbol is no table and no type information of a class
    present,   // users refer to the table, and have none of their own
    absent,    // everybody who uses it has a copy
    unknown,   // debug information does not say which functions are virtual, or they are not exported
};

class KeyFunctions {
public:
    explicit KeyFunctions(const surface::Surface& surface) : surface_(surface) {}

    // Of the class whose table, construction table or type information has this name: _ZTV1a, _ZTTN1a1bE, _ZTI1a.
    [[nodiscard]] KeyFunction of_table(std::string_view symbol);

private:
    [[nodiscard]] KeyFunction of_class(std::string_view parts);
    [[nodiscard]] std::optional<surface::Binding> binding(const std::string& linkage_name) const;

    const surface::Surface& surface_;
    std::unordered_map<std::string, const abi::Record*> by_parts_;  // classes that are no templates, by their mangled name without N and E
    bool indexed_ = false;
};

}  // namespace abiscope::diff
