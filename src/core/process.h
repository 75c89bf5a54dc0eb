// A crashed process, out of its core dump.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"
#include "core/memory.h"
#include "core/module.h"
#include "core/notes.h"
#include "core/registers.h"
#include "elf/image.h"

namespace abiscope::core {

struct Process {
    elf::Image image;                  // the core file
    const MachineLayout* layout = nullptr;   // null: a machine whose registers are not known
    CoreNotes notes;
    Memory memory;
    std::vector<Module> modules;       // by address
    std::vector<std::string> lost;     // evidence the dump should hold and does not
    std::shared_ptr<Files> files;      // may be null

    [[nodiscard]] const Module* module_at(std::uint64_t address) const;
    [[nodiscard]] const Module* program() const;
    [[nodiscard]] bool wide() const { return layout != nullptr ? layout->word_size() == 8 : image.encoding().wide; }
    [[nodiscard]] Endian order() const { return image.encoding().order; }

    // The region that holds the process's arguments and environment, which is the main thread's stack; null when it is not known.
    [[nodiscard]] const Region* main_stack() const;

    // "[stack]", "[heap]", "libc.so.6", "anonymous memory"; empty for an address that is not mapped.
    [[nodiscard]] std::string place_name(std::uint64_t address) const;
};

struct ProcessOptions {
    ModuleOptions modules;
};

// `files` may be null: then nothing but the dump is read. Errors: bad_magic, truncated; unsupported for an ELF file that is no core dump.
[[nodiscard]] Result<Process> open_process(SourcePtr core, std::shared_ptr<Files> files, const ProcessOptions& options = {});

}  // namespace abiscope::core
