// A line of the kernel's log as a process of which little is known: the program counter, the stack pointer, and, as far as they can be had,
// the code around and the symbols. Everything else is unknown, not zero.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/kernel_line.h"
#include "core/process.h"
#include "disasm/instruction.h"

namespace abiscope::core {

enum class FileProof : std::uint8_t {
    none,  // no file was given, or it is not used: `refused`
    code_agrees,  // the line's bytes of code are those of the file
    unproven,  // the line has none: that the file is the one that ran is taken on trust
};

// What was found out on the way.
struct LineFacts {
    FileProof file = FileProof::none;
    std::string refused;
    // A register that the access must have found in order to reach the recorded address; empty: none.
    std::string_view solved;
    std::optional<std::size_t> operand;  // the one that was accessed, where only one can have been
};

struct LineProcess {
    Process process;
    LineFacts facts;
};

// `file`: the program or library that the line names, or null. `files` opens it again, and its debug file. Errors: unsupported where
// nothing is known but that there was a line.
[[nodiscard]] Result<LineProcess> process_of(const KernelLine& line, const SourcePtr& file, std::shared_ptr<Files> files);

}  // namespace abiscope::core
