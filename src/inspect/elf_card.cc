#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "elf/header.h"
#include "elf/imports.h"
#include "elf/notes.h"
#include "elf/relocations.h"
#include "elf/versions.h"
#include "inspect/elf_checks.h"
#include "inspect/elf_entry.h"
#include "inspect/elf_hardening.h"
#include "inspect/elf_linkage.h"
#include "inspect/elf_producers.h"
#include "inspect/elf_requires.h"
#include "inspect/go_subjects.h"
#include "inspect/inspect.h"
#include "inspect/sweep.h"
#include "object/go_memory.h"
#include "target/architecture.h"

namespace abiscope::inspect {

namespace {

std::string name_without_prefix(NameTable table, std::uint64_t value, std::size_t prefix) {
    if (auto name = find_name(table, value)) return std::string(name->substr(prefix));
    return text::hex(value);
}

// The name targets use; the machine's own name where no target has that architecture.
std::string architecture_name(const elf::Image& image) {
    const elf::Header& header = image.header();
    elf::Encoding encoding = image.encoding();
    target::Architecture known = target::architecture_of(header.machine, encoding.wide, encoding.order == Endian::big, header.flags);
    if (known != target::Architecture::unknown) return std::string(to_string(known));
    return text::lower(name_without_prefix(elf::machines(), header.machine, 3));
}

}  // namespace

Subject elf_subject(const elf::Image& image, const elf::KnownNotes& notes, const Linkage& linkage) {
    Subject out;
    out.path = image.name();
    out.size = image.source()->size();
    out.format = "ELF";
    out.bits = image.encoding().wide ? 64 : 32;
    out.endian = image.encoding().order == Endian::little ? "little" : "big";
    out.arch = architecture_name(image);
    out.build_id = text::hex_bytes(notes.build_id.bytes(), "");
    out.kind = elf_kind(image, linkage);
    return out;
}

namespace {

void fill_identity(const elf::Image& image, const elf::KnownNotes& notes, Card& card) {
    const elf::Header& header = image.header();
    auto fact = [&](std::string key, std::string label, std::string value, elf::HeaderField field) {
        card.identity.push_back(
            {std::move(key), std::move(label), std::move(value), image.bytes().file_offset(elf::place_of(field, image.encoding()).offset)});
    };
    fact("e_type", "type", std::string(name_or_hex(elf::object_types(), header.type)), elf::HeaderField::type);
    fact("e_machine", "machine", std::string(name_or_hex(elf::machines(), header.machine)), elf::HeaderField::machine);
    fact("os_abi", "OS ABI",
         fmt::format("{}, version {}",
                     header.os_abi() == 0 ? std::string("NONE (System V)") : name_without_prefix(elf::os_abis(), header.os_abi(), 9),
                     header.abi_version()),
         elf::HeaderField::os_abi);
    if (header.flags != 0) fact("e_flags", "flags", text::hex(header.flags), elf::HeaderField::flags);
    if (!notes.go_build_id.empty()) {
        card.identity.push_back(
            {"go_build_id", "Go build ID", text::printable(notes.go_build_id.as_text()), notes.go_build_id.file_offset()});
    }
}

bool inside(const elf::Section& section, const elf::Segment& segment) {
    if ((section.flags & elf::shf_alloc) == 0) return false;
    bool thread_zeroes = (section.flags & elf::shf_tls) != 0 && section.type == elf::sht_nobits;
    if (thread_zeroes && segment.type != elf::pt_tls) return false;
    // .tbss takes no room in memory: what lies behind it in the file shares its addresses.
    if (segment.type == elf::pt_tls && (section.flags & elf::shf_tls) == 0) return false;
    return range_contains(segment.vaddr, std::max<std::uint64_t>(segment.memsz, 1), section.addr) &&
        section.size <= segment.memsz - (section.addr - segment.vaddr);
}

void fill_layout(const elf::Image& image, const std::vector<elf::Section>& sections, Card& card) {
    for (const elf::Segment& segment : image.segments()) {
        LayoutRow row;
        row.segment = name_without_prefix(elf::segment_types(), segment.type, 3);
        row.permissions = permissions(segment.readable(), segment.writable(), segment.executable());
        row.address = segment.vaddr;
        row.file_offset = image.bytes().file_offset(segment.offset);
        row.file_size = segment.filesz;
        row.memory_size = segment.memsz;
        row.alignment = segment.align;
        for (const elf::Section& section : sections) {
            if (inside(section, segment)) row.sections.push_back(text::printable(section.name));
        }
        card.layout.push_back(std::move(row));
    }
}

std::string sentence(const Card& card) {
    std::string line = fmt::format("a {}-bit {} {} for {}", card.subject.bits, card.subject.format, card.subject.kind, card.subject.arch);
    if (card.linkage.interpreter) line += fmt::format(", started by {}", text::printable(*card.linkage.interpreter));
    return line;
}

}  // namespace

Result<Card> inspect_elf(const SourcePtr& source, View bytes, const Options& options, finding::Sink& sink) {
    ABISCOPE_TRY(elf::Image image, elf::Image::parse(source, bytes));
    std::vector<elf::Section> sections = elf::read_sections(image, sink);
    std::vector<elf::Note> all_notes = elf::read_notes(image, &sections);
    elf::KnownNotes notes = elf::known_notes(image, all_notes);
    elf::Versions versions = elf::read_versions(image);
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    std::vector<elf::Import> imports = elf::read_imports(image, symbols, versions);

    Card card;
    bool debug_file = elf::is_debug_file(sections);
    if (!debug_file) card.linkage = elf_linkage(image);
    card.subject = elf_subject(image, notes, card.linkage);
    if (debug_file) card.subject.kind = "separate debug file";
    fill_identity(image, notes, card);
    if (!debug_file) card.entry = elf_entry(image, sections, card.linkage, options, sink);
    card.versions = elf_version_requirements(versions, options.symbols ? imports : std::vector<elf::Import>());
    card.isa.declared = declared_isa(notes);
    set_libc_minimum(card);
    card.os_min = elf_os_minimum(notes);
    card.hardening = elf_hardening(image, card.linkage, notes, imports, sections);
    card.producers = elf_producers(image, sections, all_notes);
    card.go = elf_go_build_info(image, sections);
    if (!card.go && made_by_go(sections, card.producers)) infer_go(object::go_memory(image), card, sink);
    fill_layout(image, sections, card);
    if (options.sweep) card.isa.sweep = sweep_elf(image, sections);
    if (!debug_file) check_elf(image, versions, sink);
    card.description = sentence(card);
    return card;
}

}  // namespace abiscope::inspect
