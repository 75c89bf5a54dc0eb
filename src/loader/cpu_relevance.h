// Which of a program's functions matter for whether it comes to what its CPU lacks. x86 only.
#pragma once

#include <span>
#include <vector>

#include "disasm/code.h"
#include "disasm/plain_functions.h"
#include "disasm/references.h"

namespace abiscope::loader {

// By index in Code::functions().
struct CpuRelevance {
    std::vector<bool> followed;     // they may lead there, store a word on which that depends, or call one that does
    std::vector<bool> asked;        // what these see in a word they may learn from what those return
};

// `roles`: which functions use what the CPU lacks. `watchers`: those that look at words which say what it can do; sorted.
[[nodiscard]] CpuRelevance cpu_relevance(const disasm::Code& code, const disasm::References& references,
                                         std::span<const disasm::FunctionRole> roles, std::span<const disasm::Watcher> watchers);

}  // namespace abiscope::loader
