// The handlers of binfmt_misc (Documentation/admin-guide/binfmt-misc.rst of the kernel) as its files show them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/target.h"

namespace abiscope::target {

// The text of one file below /proc/sys/fs/binfmt_misc. Nothing when it is not of that form.
[[nodiscard]] std::optional<BinfmtHandler> parse_binfmt(std::string name, std::string_view text);

struct BinfmtState {
    bool known = false;
    std::vector<BinfmtHandler> handlers;   // in the order the kernel tries them: the newest first
};
// Of the running kernel. Where binfmt_misc is not mounted, a private mount nobody else sees shows them to root; else they stay unknown.
[[nodiscard]] BinfmtState read_binfmt();

}  // namespace abiscope::target
