// Which files were mapped where, for a dump that does not say so: those of kernels before 3.7 and of qemu-user have no NT_FILE note. The
// program is found by the auxiliary vector, its libraries by the list that the dynamic loader keeps for debuggers (glibc, <link.h>: struct
// r_debug, struct link_map).
#pragma once

#include <string>
#include <vector>

#include "core/memory.h"
#include "core/module.h"
#include "core/notes.h"
#include "elf/image.h"

namespace abiscope::core {

// By address; empty when neither the program's file nor its headers in memory are at hand. `program` stands for the path that the kernel
// was given, where it is not empty. What is inferred is proved, or refused, by find_modules() as if a note had said it.
[[nodiscard]] std::vector<MappedFile> infer_files(const elf::Image& core, const CoreNotes& notes, const Memory& memory, Files* files,
                                                  const std::string& program);

}  // namespace abiscope::core
