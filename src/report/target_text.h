// Machines for people.
#pragma once

#include <string>

#include "report/style.h"
#include "target/target.h"

namespace abiscope::report {

[[nodiscard]] std::string target_text(const target::Target& target, const Style& style);

}  // namespace abiscope::report
