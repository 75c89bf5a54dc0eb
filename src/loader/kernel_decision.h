// What one binary format of the kernel decides about a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loader/outcome.h"

namespace abiscope::loader {

// bprm->buf: the first bytes of the file, zeros where it is shorter (BINPRM_BUF_SIZE, include/uapi/linux/binfmts.h).
inline constexpr std::uint64_t exec_buffer_size = 256;
// PATH_MAX with its NUL (include/uapi/linux/limits.h).
inline constexpr std::uint64_t path_max = 4096;

struct KernelDecision {
    enum class Kind : std::uint8_t {
        accepted,      // the program or its interpreter runs
        refused,       // execve returns `error`
        killed,        // past the point of no return: dies by `signal`
        unknown,       // `reason` names the evidence that is missing
    };
    Kind kind = Kind::accepted;
    int error = 0;
    int signal = 0;
    ProblemKind problem = ProblemKind::format_refused;
    std::string subject;             // an interpreter, an architecture
    std::string reason;
    std::vector<Place> places;
    bool certain = true;             // false: rests on a fact that the target only implies
    std::string interpreter;         // of an accepted ELF program; empty when it has none
    std::vector<std::string> assumptions;
};

}  // namespace abiscope::loader
