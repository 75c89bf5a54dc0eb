// Symbols that no source declares.
#pragma once

#include <string_view>

namespace abiscope::surface {

// Whether the name is one that compilers of C++ make for what no other file can declare: tables, type information, guards, thunks, what is
// local to a function.
[[nodiscard]] bool is_compiler_made(std::string_view name);

// Made by cgo behind //export and named by a hash of the source: nobody but the file itself uses it.
[[nodiscard]] bool is_made_by_cgo(std::string_view name);

}  // namespace abiscope::surface
