// Every reader of src/elf on the same bytes, once by the file's own word and once as a loader that takes its own layout for granted.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bytes/source.h"
#include "elf/exports.h"
#include "elf/image.h"
#include "elf/imports.h"
#include "elf/notes.h"
#include "elf/relocations.h"
#include "elf/sections.h"
#include "elf/symbols.h"
#include "elf/versions.h"

namespace {

using namespace abiscope;

// Enough to reach everything a record can hold; more of the same finds nothing new.
constexpr std::uint64_t most_records = 256;

constexpr Limits limits{.depth = 8, .steps = 1 << 20, .decompressed_bytes = 1 << 22};

void try_sections(const elf::Image& image, const std::vector<elf::Section>& sections) {
    for (const elf::Section& section : sections) {
        static_cast<void>(elf::section_bytes(image, section));
        static_cast<void>(elf::section_at(sections, section.addr));
    }
    // A table of many sections may name the same compressed bytes again and again.
    for (std::size_t i = 0; i < std::min<std::size_t>(sections.size(), 4); ++i) {
        auto contents = elf::section_contents(image, sections[i], limits);
        if (!contents) static_cast<void>(contents.error().describe());
    }
}

void try_symbols(const elf::Image& image, const std::vector<elf::Section>& sections) {
    elf::Versions versions = elf::read_versions(image);
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    elf::ExportTable exports(image);
    for (std::uint64_t i = 0; i < std::min(symbols.size(), most_records); ++i) {
        static_cast<void>(symbols.at(i));
        std::uint16_t version = versions.index_of(i);
        static_cast<void>(versions.needed(version));
        static_cast<void>(versions.defined(version));
        static_cast<void>(exports.for_each(elf::HashedName(symbols.name_at(i)), [](std::uint64_t) { return false; }));
    }
    static_cast<void>(elf::read_imports(image, symbols, versions));
    static_cast<void>(elf::static_symbols(image, sections));
    static_cast<void>(elf::functions(image, sections));
}

void try_relocations(const elf::Image& image) {
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        for (std::uint64_t i = 0; i < std::min(range.size(), most_records); ++i) {
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            static_cast<void>(elf::relocation_name(image.header().machine, relocation.type));
            static_cast<void>(image.offset_of(relocation.offset));
        }
    }
    static_cast<void>(elf::read_relr(image));
}

void try_all(const Result<elf::Image>& image) {
    if (!image) {
        static_cast<void>(image.error().describe());
        return;
    }
    finding::Sink sink(limits);
    static_cast<void>(image->interpreter());
    std::vector<elf::Section> sections = elf::read_sections(*image, sink);
    try_sections(*image, sections);
    try_symbols(*image, sections);
    try_relocations(*image);
    std::vector<elf::Note> notes = elf::read_notes(*image, &sections);
    static_cast<void>(elf::known_notes(*image, notes));
    for (const elf::Note& note : notes) static_cast<void>(elf::read_properties(note, image->encoding()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto bytes = std::as_bytes(std::span(data, size));
    SourcePtr source = Source::from_memory("input", {bytes.begin(), bytes.end()});
    try_all(elf::Image::parse(source));
    try_all(elf::Image::parse_as(source, source->view(), {.wide = true, .order = Endian::little}));
    return 0;
}
