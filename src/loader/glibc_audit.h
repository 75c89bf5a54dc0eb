// Audit libraries of a start: LD_AUDIT, then DT_AUDIT and DT_DEPAUDIT of the program (elf/rtld.c, load_audit_modules; rtld-audit(7)).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loader/glibc_map.h"
#include "loader/outcome.h"

namespace abiscope::loader {

struct AuditReport {
    std::vector<Problem> problems;             // each library that is ignored
    std::vector<std::string> lines;            // printed, in order
    std::vector<std::string> assumptions;      // what a verdict depends on
    std::optional<Problem> in_force;           // the first that can be loaded: it sees every search and may change it
    std::optional<std::pair<std::string, LoadFault>> ended;   // the loader does not live to ignore it
};

// `space`: the program's own namespace; each audit library gets one beside it.
[[nodiscard]] AuditReport load_audit_libraries(GlibcWorld& world, const GlibcNamespace& space, const Program& program,
                                               const target::Target& target, const target::Libc& libc, const Options& options);

}  // namespace abiscope::loader
