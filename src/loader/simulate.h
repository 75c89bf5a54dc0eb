// A program started on a target, from execve to main: the kernel first, then the loader its interpreter names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loader/module.h"
#include "loader/outcome.h"
#include "target/target.h"

namespace abiscope::loader {

// The program as it is started. `path` is what is handed to execve and becomes argv[0]; a relative one is taken from the target's
// working directory. `module` and `status` describe the file itself, which need not be in the target's file system (it is then as if it
// had been copied to `path`).
struct Program {
    std::string path;
    ModulePtr module;
    target::FileStatus status;
};

// The #! line by which the kernel came to the interpreter.
struct ScriptLine {
    std::string file;
    std::string interpreter;
    std::optional<std::string> argument;
    std::uint64_t offset = 0;          // of the interpreter's name in the file
};

// The kernel's answer (fs/exec.c, fs/binfmt_elf.c, fs/binfmt_script.c, fs/binfmt_misc.c). Verdict `runs` means: it hands over to the
// interpreter, or to the program itself when it has none.
struct KernelAnswer {
    Outcome outcome;
    std::string interpreter;           // path of the ELF interpreter to run; empty for a static program
    bool handled_by_binfmt = false;    // started through binfmt_misc: what follows is the handler's business
    std::string binfmt_interpreter;    // then: the path of what runs it
    Program script_interpreter;        // for #!: the program really started; module null otherwise
    ScriptLine script_line;            // for #!, known or not: the last line that was followed
};
[[nodiscard]] KernelAnswer exec(const Program& program, const target::Target& target, ModuleCache& cache);

// glibc's ld.so (elf/rtld.c, elf/dl-load.c, elf/dl-version.c, elf/dl-lookup.c, elf/dl-reloc.c).
[[nodiscard]] Outcome run_glibc(const Program& program, const target::Target& target, const target::Libc& libc, ModuleCache& cache,
                                const Options& options);

// musl's ldso/dynlink.c.
[[nodiscard]] Outcome run_musl(const Program& program, const target::Target& target, const target::Libc& libc, ModuleCache& cache,
                               const Options& options);

// All stages in order.
[[nodiscard]] Outcome simulate(const Program& program, const target::Target& target, ModuleCache& cache, const Options& options);

}  // namespace abiscope::loader
