#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "disasm/architecture.h"
#include "inspect/inspect.h"
#include "inspect/instructions.h"
#include "inspect/pe_facts.h"
#include "pe/clr.h"
#include "pe/exports.h"
#include "pe/image.h"
#include "pe/imports.h"
#include "pe/manifest.h"
#include "pe/notes.h"
#include "pe/overlay.h"
#include "pe/resources.h"
#include "pe/symbols.h"
#include "pe/version_info.h"

namespace abiscope::inspect {

namespace {

bool is_uefi(const pe::Image& image) { return image.optional() && pe::is_uefi_subsystem(image.optional()->subsystem); }

std::string architecture_name(std::uint16_t machine) {
    switch (machine) {
        case pe::machine::i386: return "i386";
        case pe::machine::amd64: return "amd64";
        case pe::machine::arm64: return "arm64";
        case pe::machine::arm64ec: return "arm64ec";
        case pe::machine::arm64x: return "arm64x";
        case pe::machine::armnt:
        case pe::machine::arm:
        case pe::machine::thumb: return "arm";
        case pe::machine::ia64: return "ia64";
        case pe::machine::riscv64: return "riscv64";
        case pe::machine::loongarch64: return "loong64";
        default: return text::lower(name_or_hex(pe::machine_names, machine));
    }
}

std::optional<disasm::Architecture> code_architecture(std::uint16_t machine) {
    switch (machine) {
        case pe::machine::i386: return disasm::Architecture::x86;
        case pe::machine::amd64: return disasm::Architecture::x86_64;
        case pe::machine::arm64: return disasm::Architecture::arm64;
        case pe::machine::armnt: return disasm::Architecture::thumb;
        default: return std::nullopt;
    }
}

std::string kind_of(const pe::Image& image) {
    if (image.is_object()) return "object file";
    std::string kind = image.is_dll() ? "DLL" : "program";
    if (!image.optional()) return kind;
    if (image.is_dotnet()) kind = ".NET " + kind;
    if (image.optional()->subsystem == pe::subsystem_native) kind = image.is_dll() ? "native DLL" : "driver or native program";
    return kind;
}

// The function symbol nearest before `rva` in the same section; at `rva` itself any external symbol, for not every linker marks functions.
void name_nearest_symbol(const pe::Image& image, std::uint32_t rva, Entry& entry, finding::Sink& sink) {
    auto home = image.section_at(rva);
    auto table = pe::read_symbols(image, sink);
    if (!home || !table) return;
    std::uint32_t base = image.sections()[*home].rva;
    std::optional<std::uint32_t> best;
    for (const pe::Symbol& symbol : table->symbols) {
        if (symbol.section != static_cast<std::int32_t>(*home) + 1 || base + symbol.value > rva) continue;
        constexpr std::uint8_t external = 2;
        bool exact = base + symbol.value == rva && symbol.storage_class == external;
        if ((!symbol.is_function() && !exact) || (best && symbol.value < *best)) continue;
        best = symbol.value;
        entry.symbol = std::string(symbol.name);
        entry.symbol_offset = rva - base - symbol.value;
        entry.symbol_covers = entry.symbol_offset == 0;   // COFF symbols have no size
    }
}

void fill_entry(const pe::Image& image, const Options& options, Card& card, finding::Sink& sink) {
    if (!image.optional()) return;
    std::uint32_t rva = image.optional()->entry_rva;
    if (rva == 0) return;   // a DLL without DllMain
    Entry entry;
    entry.rva = rva;
    entry.address = image.optional()->image_base + rva;
    entry.file_offset = image.file_offset_of_rva(rva);
    if (auto index = image.section_at(rva)) {
        const pe::Section& section = image.sections()[*index];
        entry.section = section.name;
        entry.segment = fmt::format("section #{}", *index);
        entry.permissions = permissions(section.readable(), section.writable(), section.executable());
    }
    if (options.symbols) name_nearest_symbol(image, rva, entry, sink);
    if (options.instructions)
        entry.instructions = first_instructions(code_architecture(image.machine()), image.from_rva(rva), entry.address);
    card.entry = std::move(entry);
}

void fill_identity(const pe::Image& image, Card& card) {
    auto fact = [&](std::string key, std::string label, std::string value, std::uint64_t offset) {
        card.identity.push_back({std::move(key), std::move(label), std::move(value), offset});
    };
    fact("machine", "machine", name_or_hex(pe::machine_names, image.machine()), image.coff().offset);
    fact("characteristics", "characteristics", flag_names(pe::characteristic_names, image.coff().characteristics),
         image.coff().offset + 18);
    if (!image.optional()) return;
    const pe::OptionalHeader& optional = *image.optional();
    fact("subsystem", "subsystem",
         fmt::format("{} {}.{}", name_or_hex(pe::subsystem_names, optional.subsystem), optional.subsystem_major, optional.subsystem_minor),
         optional.offset + 68);
    fact("image_base", "image base", text::hex(optional.image_base), optional.offset + (optional.wide() ? 24 : 28));
    fact("dll_characteristics", "DLL flags", flag_names(pe::dll_characteristic_names, optional.dll_characteristics), optional.offset + 70);
    fact("linker_version", "linker", fmt::format("{}.{}", optional.linker_major, optional.linker_minor), optional.offset + 2);
}

void fill_linkage(const pe::Image& image, Card& card, finding::Sink& sink) {
    card.linkage.kind = image.is_object() ? LinkageKind::relocatable : image.is_dll() ? LinkageKind::shared_library : LinkageKind::dynamic;
    if (image.is_object()) {
        card.linkage.because.emplace_back("a COFF object file");
        return;
    }
    auto imports = pe::read_imports(image, sink);
    auto delayed = pe::read_delay_imports(image, sink);
    std::size_t functions = 0;
    if (imports) {
        for (const pe::ImportedLibrary& library : imports->libraries) {
            card.linkage.needed.emplace_back(library.name);
            functions += library.symbols.size();
        }
    }
    std::size_t late = 0;
    if (delayed) {
        for (const pe::ImportedLibrary& library : delayed->libraries)
            card.linkage.needed.push_back(std::string(library.name) + " (delay-loaded)");
        late = delayed->libraries.size();
    }
    // An import directory that names nothing readable is damage (a finding says so), not a program without imports.
    bool imports_nothing = card.linkage.needed.empty() && image.optional() && !image.directory(pe::Directory::imports);
    if (imports_nothing && !image.is_dll()) card.linkage.kind = LinkageKind::static_;
    card.linkage.because.push_back(fmt::format("{} of {} in the import table{}", counted(functions, "function"),
                                               counted(card.linkage.needed.size() - late, "DLL"),
                                               late == 0 ? std::string() : fmt::format(", {} delay-loaded", counted(late, "DLL"))));
    auto exports = pe::read_exports(image, sink);
    if (exports && *exports) {
        card.linkage.soname = std::string((*exports)->library);
        card.linkage.because.push_back("exports " + counted((*exports)->exports.size(), "function"));
    }
}

void fill_manifest(const pe::Image& image, Card& card, finding::Sink& sink) {
    auto resources = pe::read_resources(image, sink);
    if (!resources) return;
    for (const pe::Resource& resource : resources->resources) {
        if (resource.type() == pe::resource_version) {
            auto version = pe::read_version_info(resource.data);
            if (!version) continue;
            for (const char* key : {"ProductName", "ProductVersion", "CompanyName"}) {
                if (auto value = version->find(key); value && !value->empty())
                    card.identity.push_back({text::lower(key), key, *value, resource.data.file_offset()});
            }
        }
        if (resource.type() == pe::resource_manifest) {
            auto manifest = pe::read_manifest(resource.data);
            if (manifest && manifest->requested_level)
                card.identity.push_back({"requested_level", "rights asked", *manifest->requested_level, resource.data.file_offset()});
        }
    }
}

void fill_layout(const pe::Image& image, Card& card) {
    for (const pe::Segment& segment : image.mapping().segments()) {
        LayoutRow row;
        row.segment = !segment.section ? "headers" : fmt::format("section #{}", *segment.section);
        row.permissions = permissions(segment.readable, segment.writable, segment.executable);
        row.address = image.optional()->image_base + segment.rva;
        row.file_offset = image.bytes().file_offset(segment.image_offset);
        row.file_size = segment.file_size;
        row.memory_size = segment.memory_size;
        row.alignment = image.optional()->section_alignment;
        if (segment.section) row.sections.push_back(text::printable(image.sections()[*segment.section].name));
        card.layout.push_back(std::move(row));
    }
}

std::optional<golang::BuildInfo> go_build_info(const pe::Image& image) {
    // Go's linker puts the blob at the start of the data section; other toolchains never write it, so every writable section may be
    // searched.
    std::vector<golang::DataRange> ranges;
    std::uint64_t base = image.optional() ? image.optional()->image_base : 0;
    for (const pe::Section& section : image.sections()) {
        if (section.writable() && !section.executable()) ranges.push_back({image.from_rva(section.rva), base + section.rva});
    }
    return golang::read_build_info(ranges, image.wide(), [&](std::uint64_t address) {
        auto rva = image.rva_of(address);
        return rva ? image.from_rva(*rva) : View();
    });
}

}  // namespace

Result<Card> inspect_pe(const SourcePtr& source, View bytes, const Options& options, finding::Sink& sink) {
    ABISCOPE_TRY(pe::Image image, pe::Image::parse(source, bytes, sink));
    Card card;
    card.subject.format = image.is_object() ? "COFF" : "PE";
    card.subject.arch = architecture_name(image.machine());
    bool wide = image.is_object() ? pe::expected_magic(image.machine()) == pe::magic_pe32_plus : image.wide();
    card.subject.bits = wide ? 64 : 32;
    card.subject.endian = "little";
    card.subject.kind = kind_of(image);
    fill_identity(image, card);
    fill_linkage(image, card, sink);
    if (!image.is_object()) {
        if (auto debug = pe::read_debug_directory(image, sink); debug && debug->codeview) {
            card.subject.build_id = debug->codeview->key();
            card.identity.push_back({"pdb", "PDB", std::string(debug->codeview->path), debug->codeview->offset});
        }
        fill_entry(image, options, card, sink);
        fill_manifest(image, card, sink);
        fill_layout(image, card);
        card.hardening = pe_hardening(image, sink);
        card.go = go_build_info(image);
        if (!is_uefi(image))
            card.os_min = fmt::format("Windows {}.{}", image.optional()->subsystem_major, image.optional()->subsystem_minor);
        if (auto overlay = pe::find_overlay(image))
            card.identity.push_back(
                {"overlay", "overlay", fmt::format("{} bytes behind the image", overlay->size()), overlay->file_offset()});
    }
    card.producers = pe_producers(image, card.go.has_value(), sink);
    card.description = fmt::format("a {}-bit {} {} for {} on {}", card.subject.bits, card.subject.format, card.subject.kind,
                                   is_uefi(image) ? "UEFI" : "Windows", card.subject.arch);
    return card;
}

}  // namespace abiscope::inspect
