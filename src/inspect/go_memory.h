// A program's file as the memory its Go runtime would see at the address it was linked for, with relative relocations applied: ELF's RELA,
// Mach-O's chained fixups. REL, RELR, PE base relocations and dyld's rebases have that value in place already.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "elf/image.h"
#include "finding/sink.h"
#include "golang/buildinfo.h"
#include "golang/memory.h"
#include "inspect/card.h"
#include "macho/image.h"
#include "pe/image.h"

namespace abiscope::inspect {

[[nodiscard]] golang::RangeMemory go_memory(const elf::Image& image);
[[nodiscard]] golang::RangeMemory go_memory(const pe::Image& image);
[[nodiscard]] golang::RangeMemory go_memory(const macho::Image& image);

// One program of a file: the file itself, or a slice of a fat Mach-O file.
struct GoSubject {
    std::string slice;             // "arm64"; empty for the whole file
    std::unique_ptr<golang::RangeMemory> memory;
    std::optional<golang::BuildInfo> build;
};

// Errors: unsupported for what is no program; those of the formats' readers.
[[nodiscard]] Result<std::vector<GoSubject>> go_subjects(const SourcePtr& source, finding::Sink& sink);

// The version of a Go program without build information, out of its tables, and what told it as a fact of the card. Nothing when it has no
// tables. Findings: those of golang::Program::open().
void infer_go(const golang::Memory& memory, Card& card, finding::Sink& sink);

}  // namespace abiscope::inspect
