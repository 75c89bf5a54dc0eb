#include "macho/versions.h"

#include <fmt/format.h>

namespace abiscope::macho {

std::string PackedVersion::to_string() const { return fmt::format("{}.{}.{}", major(), minor(), patch()); }

std::string PackedVersion::to_os_string() const { return patch() == 0 ? fmt::format("{}.{}", major(), minor()) : to_string(); }

std::string SourceVersion::to_string() const {
    std::string text = fmt::format("{}", raw >> 40);
    std::uint64_t rest = raw & 0xff'ffff'ffff;
    for (int part = 0; part == 0 || rest != 0; ++part) {
        text += fmt::format(".{}", rest >> 30);
        rest = rest << 10 & 0xff'ffff'ffff;
    }
    return text;
}

}  // namespace abiscope::macho
