// Tables of the dynamic section that are not as any linker writes them: glibc's loader believes them, and what it then reads, writes or
// calls is not what the file was made for.
#pragma once

#include <optional>
#include <string_view>

#include "elf/symbols.h"
#include "loader/module.h"

namespace abiscope::loader {

// Each tells what is not known of a file with such tables; nothing for all that linkers make. Only for modules with a dynamic section.

// Which names, libraries and versions the file means: the loader goes by them before anything else.
[[nodiscard]] std::optional<std::string_view> damaged_names(const Module& module);
// Which symbols there are, and which of them a name leads to. `survey` is that of the module's symbols.
[[nodiscard]] std::optional<std::string_view> damaged_symbols(const Module& module, const elf::SymbolTable::Survey& survey);
// What is relocated, and what runs before and behind main(): of a program that has started otherwise.
[[nodiscard]] std::optional<std::string_view> damaged_start(const Module& module);

}  // namespace abiscope::loader
