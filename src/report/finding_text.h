// Findings the way a good compiler prints its own: headline, evidence, what was rejected, help.
#pragma once

#include <string>
#include <vector>

#include "bytes/view.h"
#include "finding/finding.h"
#include "report/style.h"

namespace abiscope::report {

// `trace`: print the places that were tried as well. `subject`: the bytes of the file, to show those that are to blame; may be empty.
[[nodiscard]] std::string finding_text(const finding::Finding& finding, const Style& style, bool trace, View subject = {});

[[nodiscard]] std::string trace_text(const finding::Trace& trace, const Style& style, std::size_t indent);

}  // namespace abiscope::report
