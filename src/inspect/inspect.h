// Any file -> its identity card and what is strange about it.
#pragma once

#include "bytes/limits.h"
#include "bytes/source.h"
#include "elf/image.h"
#include "elf/notes.h"
#include "finding/sink.h"
#include "inspect/card.h"

namespace abiscope::inspect {

struct Options {
    bool symbols = true;               // which symbols ask for each version; nearest symbol of the entry
    bool instructions = true;          // first instructions at the entry
    bool sweep = false;                // instruction-set sweep of all executable code
    Limits limits;
};

// Errors: only what makes an answer impossible (a truncated header). Everything else is a card, with findings.
[[nodiscard]] Result<Card> inspect(const SourcePtr& source, const Options& options, finding::Sink& sink);

// The subject of an ELF file without anything that costs: no section headers, no symbols.
[[nodiscard]] Subject elf_subject(const elf::Image& image, const elf::KnownNotes& notes, const Linkage& linkage);

// By format; `bytes` is the slice or member.
[[nodiscard]] Result<Card> inspect_pe(const SourcePtr& source, View bytes, const Options& options, finding::Sink& sink);
[[nodiscard]] Result<Card> inspect_macho(const SourcePtr& source, View bytes, const Options& options, finding::Sink& sink);
[[nodiscard]] Result<Card> inspect_macho_fat(const SourcePtr& source, const Options& options, finding::Sink& sink);
[[nodiscard]] Result<Card> inspect_elf(const SourcePtr& source, View bytes, const Options& options, finding::Sink& sink);

}  // namespace abiscope::inspect
