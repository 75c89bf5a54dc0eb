#include <fmt/format.h>

#include "rules/fixes.h"
#include "rules/shell_word.h"

namespace abiscope::rules {

using finding::Applicability;
using finding::Fix;
using finding::FixKind;

// Which library would have it is known only where symbols are: then its link flag can be named.
void fix_symbol(const loader::Problem& problem, const Situation& situation, std::vector<Fix>& out) {
    bool lazy = !problem.certain;
    out.push_back(
        {.kind = FixKind::link_flag,
         .applicability = Applicability::advice,
         .text = fmt::format("link {} with the library that defines {} (and with `-Wl,-z,defs`, so that the linker refuses the next one)",
                             problem.object.empty() ? situation.name : problem.object, problem.subject),
         .side_effects = {}});
    if (lazy) {
        Fix fix{.kind = FixKind::environment,
                .applicability = Applicability::safe,
                .text = fmt::format("LD_BIND_NOW=1 {}", shell_word(situation.name)),
                .side_effects = "makes the failure come at start, every time, instead of at the first call"};
        out.push_back(fix);
    }
}

}  // namespace abiscope::rules
