// Types as their language writes them.
#pragma once

#include <string>
#include <string_view>

#include "abi/type.h"

namespace abiscope::abi {

// `int (*name)[4]`, `struct P *name`; in Go `name []string`. Without a name: the type alone. Cut short with `...` where types nest deeper
// than anybody writes.
[[nodiscard]] std::string declaration(const TypeTable& types, TypeId type, std::string_view name);

// "struct S", "union U", "enum E", "type T struct" for what is declared; else as declaration().
[[nodiscard]] std::string title(const TypeTable& types, TypeId type);

}  // namespace abiscope::abi
