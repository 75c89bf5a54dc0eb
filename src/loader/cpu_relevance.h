// Which of a program's functions matter for whether it comes to what its CPU lacks. x86 only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "disasm/code.h"
#include "disasm/plain_functions.h"
#include "disasm/references.h"

namespace abiscope::loader {

// Functions are told by their index in Code::functions().
class CpuRelevance {
public:
    // `roles`: which functions use what the CPU lacks.
    CpuRelevance(const disasm::Code& code, const disasm::References& references, std::span<const disasm::FunctionRole> roles);

    struct Watching {
        std::vector<bool> followed;     // they may lead there, store a word on which that depends, or call one that does
        std::vector<bool> asked;        // what these see in a word they may learn from what those return
    };
    // Of functions that look at words which say what the CPU can do; sorted.
    [[nodiscard]] Watching of(std::span<const disasm::Watcher> watchers) const;

private:
    [[nodiscard]] std::vector<bool> asked_by(std::span<const disasm::Watcher> watchers, const std::vector<bool>& followed) const;

    const disasm::References& references_;
    std::vector<bool> leading_;
};

}  // namespace abiscope::loader
