// Names a program offers to others, without types: one reader for each format, used by read_surface().
#pragma once

#include "base/result.h"
#include "bytes/source.h"
#include "finding/sink.h"
#include "surface/surface.h"

namespace abiscope::surface {

// What debug information is looked up by, beside the name. In the order of Surface::symbols.
struct Addresses {
    std::vector<std::optional<std::uint64_t>> of_symbol;   // where the debug information counts addresses as the symbols do
    std::vector<std::optional<std::uint64_t>> places;      // equal for symbols that are the same code
    bool named_by_place = false;   // a function's name need not be the source's: its address counts before it
};

// Fill in compared, soname, needed, versions and symbols.
[[nodiscard]] Result<Addresses> read_elf_exports(const SourcePtr& source, View bytes, Surface& into);
[[nodiscard]] Result<Addresses> read_pe_exports(const SourcePtr& source, View bytes, Surface& into, finding::Sink& sink);
[[nodiscard]] Result<Addresses> read_macho_exports(const SourcePtr& source, View bytes, Surface& into, finding::Sink& sink);

// Symbols and their addresses by name, then version; what is there twice stays once.
void sort_symbols(Surface& surface, Addresses& addresses);

}  // namespace abiscope::surface
