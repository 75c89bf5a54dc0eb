#include "elf/imports.h"

namespace abiscope::elf {

std::vector<Import> read_imports(const Image& image, const SymbolTable& symbols, const Versions& versions) {
    std::vector<Import> out;
    if (!image.dynamic()) return out;
    // Entry 0 is the reserved empty symbol.
    for (std::uint64_t i = 1; i < symbols.size(); ++i) {
        Symbol symbol = symbols.at(i);
        if (symbol.defined() || symbol.name.empty() || symbol.binding() == stb_local) continue;
        Import import{.symbol = symbol, .index = i, .version = {}, .library = {}};
        std::uint16_t index = versions.index_of(i) & versym_index;
        if (index > ver_ndx_global) {
            if (const NeededVersion* version = versions.needed(index, &import.library)) import.version = version->name;
        }
        out.push_back(import);
    }
    return out;
}

}  // namespace abiscope::elf
