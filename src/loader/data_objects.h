// The variables of a program's data: how far what begins at an address goes on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "disasm/references.h"
#include "elf/image.h"
#include "elf/sections.h"

namespace abiscope::loader {

class DataObjects {
public:
    // `apart`: every variable is taken to stand alone where no symbol tells, which holds for Go's package variables. Otherwise something
    // may be a member of a structure, whose address is that of its first member.
    DataObjects(const elf::Image& image, const std::vector<elf::Section>& sections, bool apart);

    // Bytes from `address` on that belong to the variable there, one at the least.
    [[nodiscard]] std::uint64_t behind(std::uint64_t address) const;

    // Bytes of that variable before `address`.
    [[nodiscard]] std::uint64_t before(std::uint64_t address) const;

    // `words` with what may come before them in a structure.
    [[nodiscard]] std::vector<disasm::Watched> watched(std::span<const disasm::AddressRange> words) const;

private:
    struct Object {
        std::uint64_t address = 0, end = 0;
    };
    [[nodiscard]] const Object* around(std::uint64_t address) const;

    std::vector<Object> objects_;  // by address; of several at one the longest
    std::uint64_t without_symbols_;
};

}  // namespace abiscope::loader
