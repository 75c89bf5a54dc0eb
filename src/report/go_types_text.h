// A type of a Go program as its source would say it, with the offsets and methods the program has of it.
#pragma once

#include <string>

#include "inspect/go_facts.h"
#include "report/style.h"

namespace abiscope::report {

[[nodiscard]] std::string go_type_text(const golang::Type& type, const inspect::GoFacts& facts, const Style& style);

}  // namespace abiscope::report
