// Strings of a Go program: they have no terminator, so only what points at them says where they end.
#pragma once

#include <vector>

#include "golang/module_data.h"
#include "inspect/go_facts.h"

namespace abiscope::inspect {

// Pointer and length in the module's data where the pointer leads to read-only bytes that are text. Strings that only code refers to are
// not found, and another pair of words may look like one.
void find_go_strings(const golang::Memory& memory, const golang::Module& module, std::vector<GoString>& out);

// Valid UTF-8 without control characters but tab and line ends.
[[nodiscard]] bool is_text(std::string_view bytes);

}  // namespace abiscope::inspect
