// Binding: every reference of every object against the definitions of all of them, as glibc relocates at start (elf/dl-reloc.c,
// elf/dl-lookup.c).
#pragma once

#include <string>
#include <vector>

#include "loader/glibc_facts.h"
#include "loader/glibc_map.h"
#include "loader/outcome.h"

namespace abiscope::loader {

struct BindingReport {
    std::vector<Problem> problems;
    std::vector<std::string> lines;            // printed for certain, in order
    std::vector<std::string> lazy_lines;       // printed if the function is called
    bool failed = false;
    bool killed = false;
    std::string signal;                        // when killed
    bool unknown = false;                      // evidence is missing from some point on
    std::vector<Binding> bindings;
    std::vector<std::string> assumptions;
};

[[nodiscard]] BindingReport bind_symbols(GlibcWorld& world, GlibcNamespace& space, const Program& program, const target::Target& target,
                                         const target::Libc& libc, const Options& options);

}  // namespace abiscope::loader
