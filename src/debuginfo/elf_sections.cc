#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "debuginfo/containers.h"
#include "debuginfo/elf_relocations.h"
#include "debuginfo/section_names.h"
#include "dwarf/findings.h"
#include "elf/image.h"
#include "elf/notes.h"
#include "elf/sections.h"
#include "elf/spec.h"

namespace abiscope::debuginfo {

namespace {

using dwarf::SectionData;

Result<SectionData> contents_of(const elf::Image& image, const std::vector<elf::Section>& sections, const RelocationSections& relocations,
                                std::size_t index, const Limits& limits, std::uint64_t& failed) {
    ABISCOPE_TRY(auto contents, elf::section_contents(image, sections[index], limits));
    auto [first, last] = relocations.equal_range(index);
    if (first == last) return SectionData{contents.source, contents.view};
    std::vector<std::byte> bytes(contents.view.bytes().begin(), contents.view.bytes().end());
    for (; first != last; ++first) failed += apply_relocations(image, sections, *first->second, bytes);
    View raw = elf::section_bytes(image, sections[index]);
    SourcePtr made = Source::from_parent(image.source(), offset_in(image.source(), raw), std::move(bytes));
    return SectionData{made, made->view()};
}

Links read_links(const elf::Image& image, const std::vector<elf::Section>& sections) {
    Links links;
    for (const elf::Note& note : elf::read_notes(image, &sections)) {
        if (note.type == elf::nt_gnu_build_id && note.name == "GNU") links.build_id = text::hex_bytes(note.descriptor.bytes(), "");
    }
    if (const elf::Section* section = elf::find_section(sections, ".gnu_debuglink")) {
        links.debug_link = elf::section_bytes(image, *section).c_string(0).value_or("");
    }
    if (const elf::Section* section = elf::find_section(sections, ".gnu_debugaltlink")) {
        View bytes = elf::section_bytes(image, *section);
        links.supplementary = bytes.c_string(0).value_or("");
        links.supplementary_id = text::hex_bytes(bytes.from(links.supplementary.size() + 1).bytes(), "");
    } else if (const elf::Section* sup = elf::find_section(sections, ".debug_sup")) {
        Reader reader(elf::section_bytes(image, *sup), image.encoding().order, ".debug_sup");
        reader.skip(2);   // version
        bool is_supplementary = reader.u8() != 0;
        std::string_view name = reader.c_string();
        std::uint64_t size = reader.uleb128();
        View id = reader.bytes(size);
        if (reader.ok() && !is_supplementary) {
            links.supplementary = name;
            links.supplementary_id = text::hex_bytes(id.bytes(), "");
        }
    }
    return links;
}

// Nothing where the section is not compressed, or has to be read as a whole.
std::optional<SectionData> streamed_contents(const elf::Image& image, const elf::Section& section, const Limits& limits) {
    auto compressed = elf::compressed_section(image, section);
    if (!compressed || !*compressed) return std::nullopt;
    auto stream = DecompressStream::start((*compressed)->bytes, (*compressed)->method, (*compressed)->size, limits);
    if (!stream) return std::nullopt;
    View view = (*stream)->view();
    return SectionData{image.source(), view, *std::move(stream)};
}

bool is_asked_for(dwarf::SectionId id, Purpose purpose) {
    switch (id) {
        case dwarf::SectionId::aranges: return purpose == Purpose::code;
        case dwarf::SectionId::loc:
        case dwarf::SectionId::loclists: return purpose != Purpose::types;
        default: return true;
    }
}

}  // namespace

Result<DebugSections> read_elf(const SourcePtr& source, View bytes, const Limits& limits, finding::Sink& sink, Purpose purpose) {
    ABISCOPE_TRY(auto image, elf::Image::parse(source, bytes));
    std::vector<elf::Section> sections = elf::read_sections(image, sink);
    DebugSections read;
    read.sections.order = image.encoding().order;
    read.sections.address_size = image.encoding().wide ? 8 : 4;
    // A .dwo file has nothing but split sections. An object file of -gsplit-dwarf=single has both: its own are the skeletons.
    bool own = false;
    bool split = false;
    for (const elf::Section& section : sections) {
        auto named = section.type == elf::sht_nobits ? std::nullopt : debug_section(section.name);
        if (!named || named->id != dwarf::SectionId::info) continue;
        (named->split ? split : own) = true;
    }
    read.sections.split = split && !own;
    RelocationSections relocations;
    if (image.header().type == elf::et_rel) relocations = relocation_sections(sections);
    SectionPieces pieces(source, read.sections, sink);
    for (std::size_t i = 0; i < sections.size(); ++i) {
        if (sections[i].type == elf::sht_nobits) continue;
        auto named = debug_section(sections[i].name);
        bool index = named && (named->id == dwarf::SectionId::cu_index || named->id == dwarf::SectionId::tu_index);
        if (!named || (!index && named->split != read.sections.split)) continue;
        if (!is_asked_for(named->id, purpose)) continue;
        std::uint64_t failed = 0;
        View raw = elf::section_bytes(image, sections[i]);
        std::optional<SectionData> streamed;
        if (purpose == Purpose::code && relocations.empty()) streamed = streamed_contents(image, sections[i], limits);
        pieces.add(named->id, streamed ? *std::move(streamed) : contents_of(image, sections, relocations, i, limits, failed), raw);
        if (failed != 0)
            sink.add(dwarf::unit_damaged(read.sections, named->id, 0, fmt::format("{} relocations could not be applied", failed)));
    }
    pieces.finish();
    read.links = read_links(image, sections);
    read.sections.has_supplementary = !read.links.supplementary.empty();
    return read;
}

}  // namespace abiscope::debuginfo
