// Types that a build does not describe, and which of them are opaque on purpose.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>

#include "diff/relation.h"
#include "surface/surface.h"

namespace abiscope::diff {

// A declaration is all that C knows of an opaque type. Of C++ it proves nothing: gcc and clang leave out classes whose virtual functions
// are defined elsewhere, or nowhere (pure interfaces), and clang those whose constructors are.
enum class Undescribed : std::uint8_t {
    opaque,      // as C's headers do it, or reached by functions of C alone: nobody looks into it
    of_others,   // its functions or its table come from another library: that one describes it
    unknown,     // a class that users may derive from, call or look into
};

class UndescribedTypes {
public:
    UndescribedTypes(const surface::Surface& old, const surface::Surface& now);

    // Of a type that a file only declares, or both do. `by_cxx`: a function or variable of C++ leads to it.
    [[nodiscard]] Undescribed of(const Pair& pair, bool by_cxx) const;

private:
    [[nodiscard]] static bool from_elsewhere(const surface::Surface& surface, const std::string& name);

    const surface::Surface& old_;
    const surface::Surface& now_;
    std::unordered_set<std::uint32_t> named_as_in_c_;   // types of OLD: typedef struct foo foo
};

}  // namespace abiscope::diff
