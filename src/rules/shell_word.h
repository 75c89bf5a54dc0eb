// Commands that people paste.
#pragma once

#include <string>
#include <string_view>

namespace abiscope::rules {

// As one word of a POSIX shell (XCU, 2.2): quoted only where the shell would take it apart or read something into it.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace abiscope::rules
