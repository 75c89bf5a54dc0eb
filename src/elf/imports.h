// What an object asks of others: its undefined dynamic symbols with version and library.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "elf/image.h"
#include "elf/symbols.h"
#include "elf/versions.h"

namespace abiscope::elf {

struct Import {
    Symbol symbol;
    std::uint64_t index = 0;             // in the dynamic symbol table
    std::string_view version;            // empty when unversioned
    std::string_view library;            // vn_file of the version; empty when unversioned
    [[nodiscard]] bool weak() const { return symbol.binding() == 2; }
};

[[nodiscard]] std::vector<Import> read_imports(const Image& image, const SymbolTable& symbols, const Versions& versions);

}  // namespace abiscope::elf
