// Functions of glibc by name, for programs that hold the C library themselves.
#pragma once

#include <string_view>

namespace abiscope::rules {

// Whether it is one of those that stand between abort() and the function that is to blame for it: malloc, the checked functions, what
// prints the message. What the compiler made of it (NAME.constprop.0, NAME.cold) counts as well.
[[nodiscard]] bool leads_to_abort(std::string_view function);

// Whether it takes a pointer of malloc's and looks in front of it for malloc's header.
[[nodiscard]] bool takes_block(std::string_view function);

}  // namespace abiscope::rules
