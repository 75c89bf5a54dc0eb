// The packed version numbers of Mach-O.
#pragma once

#include <cstdint>
#include <string>

#include "base/version.h"

namespace abiscope::macho {

// X.Y.Z in xxxx.yy.zz half bytes: library versions, minos, sdk.
struct PackedVersion {
    std::uint32_t raw = 0;

    [[nodiscard]] std::uint32_t major() const { return raw >> 16; }
    [[nodiscard]] std::uint32_t minor() const { return raw >> 8 & 0xff; }
    [[nodiscard]] std::uint32_t patch() const { return raw & 0xff; }
    [[nodiscard]] Version version() const { return {major(), minor(), patch()}; }
    [[nodiscard]] std::string to_string() const;      // "1.2.3"; for library versions
    [[nodiscard]] std::string to_os_string() const;   // "11.0", and "11.0.1" when the third part is not zero
};

// A.B.C.D.E in 24 + 10 + 10 + 10 + 10 bits: LC_SOURCE_VERSION.
struct SourceVersion {
    std::uint64_t raw = 0;

    [[nodiscard]] std::string to_string() const;   // "1.2.3.4.5", without trailing zeros after the second part
};

}  // namespace abiscope::macho
