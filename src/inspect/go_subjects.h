// The Go programs of a file, and what their tables tell of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "finding/sink.h"
#include "golang/buildinfo.h"
#include "golang/memory.h"
#include "inspect/card.h"

namespace abiscope::inspect {

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
