// binfmt_elf: whether a kernel starts an ELF file, by the rules of fs/binfmt_elf.c of Linux 6.x in their order.
//
// Everything up to begin_new_exec() ends in an errno that execve returns. After it there is no caller left to tell: what goes wrong ends in
// SIGSEGV without a word, and so does a first instruction that cannot be fetched (SIGBUS when its page is not in the file). Which
// instruction is the first: the interpreter's entry when there is an interpreter, else the program's own.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "loader/kernel_decision.h"
#include "loader/module.h"
#include "target/target.h"

namespace abiscope::loader {

// The first bytes of a file as the kernel has them, zeros where it is shorter.
using ExecBuffer = std::array<std::byte, exec_buffer_size>;
[[nodiscard]] ExecBuffer exec_buffer(View file);

struct ElfSubject {
    std::string_view name;  // for evidence
    View file;
};

// ENOEXEC when no ELF format of the target takes the file.
[[nodiscard]] KernelDecision exec_elf(const ElfSubject& subject, const target::Target& target, ModuleCache& cache);

}  // namespace abiscope::loader
