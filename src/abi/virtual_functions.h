// Which virtual functions a class brings in or overrides, as far as Microsoft's layout asks.
#pragma once

#include <set>

#include "abi/layout_engine.h"

namespace abiscope::abi {

// The class declares a virtual function that overrides none of its bases'.
[[nodiscard]] Result<bool> introduces_virtual_function(TypeId type, Engine& engine);

// The virtual bases that get a vtordisp: Microsoft Learn, vtordisp pragma, and /vd1, the default.
[[nodiscard]] Result<std::set<TypeId>> vtordisp_bases(TypeId type, Engine& engine);

}  // namespace abiscope::abi
