// Prints everything the ELF reader reads, one line of JSON for each file or member of an archive, for tests/differential/elf_readobj.py:
// `elf_dump FILE...`, or the names on standard input, one a line.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bytes/mapped_file.h"
#include "elf/image.h"
#include "elf/notes.h"
#include "elf/relocations.h"
#include "elf/sections.h"
#include "elf/symbols.h"
#include "elf/versions.h"
#include "object/archive.h"
#include "object/detect.h"

namespace {

using namespace abiscope;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t longest_descriptor = 256;

Json header(const elf::Image& image) {
    const elf::Header& header = image.header();
    Json out{{"ident", header.ident},   {"type", header.type},           {"machine", header.machine}, {"version", header.version},
             {"entry", header.entry},   {"phoff", header.phoff},         {"shoff", header.shoff},     {"flags", header.flags},
             {"ehsize", header.ehsize}, {"phentsize", header.phentsize}, {"phnum", header.phnum},     {"shentsize", header.shentsize},
             {"shnum", header.shnum},   {"shstrndx", header.shstrndx}};
    elf::SectionTableShape shape = elf::section_table_shape(image.bytes(), header, image.encoding());
    out["sections"] = shape.count;
    out["strings"] = shape.string_index;
    return out;
}

Json segments(const elf::Image& image) {
    Json out = Json::array();
    for (const elf::Segment& one : image.segments())
        out.push_back({one.type, one.flags, one.offset, one.vaddr, one.paddr, one.filesz, one.memsz, one.align});
    return out;
}

Json section_headers(const std::vector<elf::Section>& sections) {
    Json out = Json::array();
    for (const elf::Section& one : sections) {
        out.push_back({one.name, one.name_offset, one.type, one.flags, one.addr, one.offset, one.size, one.link, one.info, one.addralign,
                       one.entsize});
    }
    return out;
}

Json dynamic(const elf::Image& image) {
    if (!image.dynamic()) return nullptr;
    const elf::Dynamic& dynamic = *image.dynamic();
    Json entries = Json::array();
    for (const elf::DynamicEntry& entry : dynamic.entries) entries.push_back({entry.tag, entry.value});
    Json needed = Json::array();
    for (const elf::DynamicString& text : dynamic.strings_of(elf::dt_needed)) needed.push_back(text.text);
    Json out{{"entries", std::move(entries)}, {"needed", std::move(needed)}};
    for (auto [name, tag] : {std::pair{"soname", elf::dt_soname}, {"rpath", elf::dt_rpath}, {"runpath", elf::dt_runpath}}) {
        if (auto text = dynamic.string(tag)) out[name] = text->text;
    }
    return out;
}

std::string version_suffix(const elf::Versions& versions, const elf::Symbol& symbol, std::uint64_t index) {
    std::uint16_t stored = versions.index_of(index);
    std::uint16_t plain = stored & elf::versym_index;
    if (plain <= elf::ver_ndx_global) return {};
    bool hidden = (stored & elf::versym_hidden) != 0;
    const elf::DefinedVersion* defined = symbol.defined() ? versions.defined(plain) : nullptr;
    if (defined != nullptr) return fmt::format("{}{}", hidden ? "@" : "@@", defined->name);
    const elf::NeededVersion* needed = versions.needed(plain);
    return needed != nullptr ? fmt::format("@{}", needed->name) : std::string("@<corrupt>");
}

Json symbols(const elf::SymbolTable& table, const elf::Versions* versions) {
    Json out = Json::array();
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        elf::Symbol one = table.at(i);
        Json record{one.name, one.value, one.size, one.section, one.info, one.other};
        if (versions != nullptr) record.push_back(versions->index_of(i));
        if (versions != nullptr) record.push_back(version_suffix(*versions, one, i));
        out.push_back(std::move(record));
    }
    return out;
}

Json version_records(const elf::Versions& versions) {
    Json needs = Json::array(), definitions = Json::array();
    for (const elf::VersionNeed& need : versions.needs) {
        Json entries = Json::array();
        for (const elf::NeededVersion& one : need.versions) entries.push_back({one.name, one.hash, one.flags, one.index});
        needs.push_back({need.library, need.version, std::move(entries)});
    }
    for (const elf::DefinedVersion& one : versions.definitions)
        definitions.push_back({one.name, one.parents, one.hash, one.version, one.flags, one.index});
    return {{"needs", std::move(needs)}, {"definitions", std::move(definitions)}, {"whole", versions.whole}};
}

Json relocations(const elf::Image& image) {
    Json out = Json::array();
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            elf::Relocation one = elf::relocation_at(image, range, i);
            out.push_back({one.offset, elf::relocation_name(image.header().machine, one.type), one.type, one.symbol, one.addend});
        }
    }
    return out;
}

std::string hex(View bytes) {
    std::string out;
    for (std::byte byte : bytes.bytes()) out += fmt::format("{:02x}", static_cast<unsigned>(byte));
    return out;
}

Json notes(const elf::Image& image, const std::vector<elf::Section>& sections) {
    Json out = Json::array();
    for (const elf::Note& note : elf::read_notes(image, &sections)) {
        Json record{note.name, note.type, note.descriptor.size(), note.record_offset, hex(note.descriptor.clamped(0, longest_descriptor))};
        Json properties = Json::array();
        if (note.name == "GNU" && note.type == elf::nt_gnu_property_type_0) {
            elf::PropertyList list = elf::read_properties(note, image.encoding());
            for (const elf::Property& property : list.entries) properties.push_back({property.type, property.data.size()});
        }
        record.push_back(std::move(properties));
        out.push_back(std::move(record));
    }
    return out;
}

Json dump(const SourcePtr& source, View bytes) {
    auto image = elf::Image::parse(source, bytes);
    if (!image) return {{"error", image.error().describe()}};
    finding::Sink sink;
    std::vector<elf::Section> sections = elf::read_sections(*image, sink);
    elf::Versions versions = elf::read_versions(*image);
    Json out{
        {"header", header(*image)}, {"segments", segments(*image)}, {"sections", section_headers(sections)}, {"dynamic", dynamic(*image)}};
    if (auto interpreter = image->interpreter()) out["interpreter"] = *interpreter;
    out["symbols"] = symbols(elf::static_symbols(*image, sections), nullptr);
    out["dynamic_symbols"] = symbols(elf::dynamic_symbols(*image), &versions);
    out["versions"] = version_records(versions);
    out["relocations"] = relocations(*image);
    out["relr"] = elf::read_relr(*image).places;
    out["notes"] = notes(*image, sections);
    out["findings"] = Json::array();
    for (const finding::Finding& one : sink.findings()) out["findings"].push_back(finding::rule(one.rule()).name);
    return out;
}

void print(Json head, const Json& body) {
    head.update(body);
    std::cout << head.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

void dump_file(const std::string& path) {
    auto source = open_file(path);
    if (!source) return print({{"file", path}}, {{"error", source.error().describe()}});
    View all = (*source)->view();
    if (object::detect(all).kind != object::FileKind::archive) return print({{"file", path}}, dump(*source, all));
    auto archive = object::read_archive(all);
    if (!archive) return print({{"file", path}}, {{"error", archive.error().describe()}});
    for (const object::ArchiveMember& member : archive->members)
        print({{"file", path}, {"member", member.name}, {"at", member.header_offset}}, dump(*source, member.bytes));
}

}  // namespace

int main(int count, char** words) {
    for (int i = 1; i < count; ++i) dump_file(words[i]);
    if (count > 1) return 0;
    for (std::string line; std::getline(std::cin, line);) dump_file(line);
    return 0;
}
