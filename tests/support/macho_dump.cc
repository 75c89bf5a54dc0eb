// Prints everything the Mach-O reader makes of a file as JSON, for the differential tests.  usage: macho_dump FILE
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "macho/build.h"
#include "macho/chained_fixups.h"
#include "macho/code_signature.h"
#include "macho/dyld_info.h"
#include "macho/dylibs.h"
#include "macho/entry.h"
#include "macho/exports.h"
#include "macho/fat.h"
#include "macho/function_starts.h"
#include "macho/hardening.h"
#include "macho/image.h"
#include "macho/imports.h"
#include "macho/notes.h"
#include "macho/relocations.h"
#include "macho/spec.h"
#include "macho/symbols.h"

namespace {

using namespace abiscope;
using Json = nlohmann::ordered_json;

std::string text(std::string_view bytes) { return text::printable(bytes); }

Json header_json(const macho::Header& header) {
    return {{"bits", header.wide ? 64 : 32},
            {"big", header.order == Endian::big},
            {"cpu_type", header.cpu_type},
            {"cpu_subtype", header.cpu_subtype},
            {"file_type", header.file_type},
            {"ncmds", header.command_count},
            {"sizeofcmds", header.commands_size},
            {"flags", header.flags},
            {"arch", header.arch()}};
}

Json segments_json(const macho::Image& image) {
    Json list = Json::array();
    for (const auto& s : image.segments()) {
        Json sections = Json::array();
        for (const auto& t : image.sections()) {
            if (t.segment_index != s.index) continue;
            sections.push_back({{"sectname", text(t.name)},
                                {"segname", text(t.segment_name)},
                                {"addr", t.address},
                                {"size", t.size},
                                {"offset", t.offset},
                                {"align", t.align_log2},
                                {"reloff", t.relocation_offset},
                                {"nreloc", t.relocation_count},
                                {"flags", t.flags},
                                {"reserved1", t.reserved1},
                                {"reserved2", t.reserved2}});
        }
        list.push_back({{"segname", text(s.name)},
                        {"vmaddr", s.address},
                        {"vmsize", s.memory_size},
                        {"fileoff", s.offset},
                        {"filesize", s.file_size},
                        {"maxprot", s.max_protection},
                        {"initprot", s.initial_protection},
                        {"nsects", s.section_count},
                        {"flags", s.flags},
                        {"sections", sections}});
    }
    return list;
}

Json dylib_json(const macho::Dylib& d) {
    return {{"kind", macho::to_string(d.kind)},
            {"name", text(d.name)},
            {"ordinal", d.ordinal},
            {"timestamp", d.timestamp},
            {"current", d.current_version.to_string()},
            {"compatibility", d.compatibility_version.to_string()}};
}

Json linkage_json(const macho::Image& image, finding::Sink& sink) {
    auto linkage = *macho::read_linkage(image, sink);
    Json json{{"dylibs", Json::array()}, {"rpaths", Json::array()}};
    if (linkage.id) json["id"] = dylib_json(*linkage.id);
    for (const auto& d : linkage.dylibs) json["dylibs"].push_back(dylib_json(d));
    for (const auto& r : linkage.rpaths) json["rpaths"].push_back(text(r.text));
    if (linkage.dylinker) json["dylinker"] = text(linkage.dylinker->text);
    return json;
}

Json entry_json(const macho::Image& image, finding::Sink& sink) {
    auto entry = *macho::read_entry(image, sink);
    if (!entry) return nullptr;
    Json json{{"kind", entry->kind == macho::EntryKind::main ? "main" : "unix_thread"},
              {"address", entry->address},
              {"stack_size", entry->stack_size}};
    if (entry->offset) json["offset"] = *entry->offset;
    if (entry->section_index) json["section"] = image.sections()[*entry->section_index].full_name();
    return json;
}

Json build_json(const macho::Image& image, finding::Sink& sink) {
    auto build = *macho::read_build(image, sink);
    Json json{{"versions", Json::array()}};
    if (build.uuid) json["uuid"] = build.uuid->to_string();
    if (build.source) json["source"] = build.source->to_string();
    for (const auto& v : build.versions) {
        Json tools = Json::array();
        for (const auto& t : v.tools) tools.push_back({{"tool", t.tool}, {"version", t.version.to_os_string()}});
        json["versions"].push_back(
            {{"platform", v.platform}, {"minos", v.minimum_os.to_os_string()}, {"sdk", v.sdk.to_os_string()}, {"tools", tools}});
    }
    return json;
}

Json symbols_json(const macho::Image& image, finding::Sink& sink) {
    auto symbols = *macho::read_symbols(image, sink);
    Json list = Json::array();
    for (const auto& s : symbols.symbols) {
        list.push_back(
            {{"name", text(s.name)}, {"type", s.type}, {"section", s.section}, {"description", s.description}, {"value", s.value}});
    }
    return list;
}

Json binds_json(const macho::Image& image, finding::Sink& sink) {
    Json list = Json::array();
    auto binds = *macho::read_binds(image, sink);
    for (const auto& b : binds.binds) {
        const char* kind = b.kind == macho::BindKind::regular ? "bind" : b.kind == macho::BindKind::weak ? "weak" : "lazy";
        list.push_back({{"kind", kind},
                        {"symbol", text(b.symbol)},
                        {"ordinal", b.ordinal},
                        {"weak_import", b.weak_import()},
                        {"segment", b.segment},
                        {"address", b.address},
                        {"addend", b.addend},
                        {"type", b.type}});
    }
    return list;
}

Json rebases_json(const macho::Image& image, finding::Sink& sink) {
    Json list = Json::array();
    auto rebases = *macho::read_rebases(image, sink);
    for (const auto& r : rebases.rebases) list.push_back({{"segment", r.segment}, {"address", r.address}, {"type", r.type}});
    return list;
}

Json fixups_json(const macho::Image& image, finding::Sink& sink) {
    auto fixups = *macho::read_chained_fixups(image, sink);
    if (!fixups) return nullptr;
    const auto& h = fixups->header;
    Json json{{"version", h.version},
              {"starts_offset", h.starts_offset},
              {"imports_offset", h.imports_offset},
              {"symbols_offset", h.symbols_offset},
              {"imports_count", h.imports_count},
              {"imports_format", h.imports_format},
              {"symbols_format", h.symbols_format},
              {"starts", Json::array()},
              {"imports", Json::array()}};
    for (const auto& s : fixups->starts) {
        json["starts"].push_back({{"segment", s.segment},
                                  {"size", s.size},
                                  {"page_size", s.page_size},
                                  {"pointer_format", s.pointer_format},
                                  {"segment_offset", s.segment_offset},
                                  {"max_valid_pointer", s.max_valid_pointer},
                                  {"page_starts", s.page_starts}});
    }
    for (const auto& i : fixups->imports) {
        json["imports"].push_back({{"name", text(i.name)}, {"ordinal", i.ordinal}, {"weak", i.weak_import}, {"addend", i.addend}});
    }
    return json;
}

Json imports_json(const macho::Image& image, finding::Sink& sink) {
    auto imports = *macho::read_imports(image, sink);
    Json list = Json::array();
    for (const auto& i : imports.imports)
        list.push_back({{"name", text(i.name)}, {"ordinal", i.ordinal}, {"weak", i.weak}, {"lazy", i.lazy}});
    return {{"source", macho::to_string(imports.source)}, {"imports", list}};
}

Json exports_json(const macho::Image& image, finding::Sink& sink) {
    auto exports = *macho::read_exports(image, sink);
    Json list = Json::array();
    for (const auto& e : exports.exports) {
        list.push_back({{"name", text(e.name)},
                        {"flags", e.flags},
                        {"address", e.address},
                        {"ordinal", e.ordinal},
                        {"import_name", text(e.import_name)}});
    }
    return {{"source", macho::to_string(exports.source)}, {"complete", exports.complete}, {"exports", list}};
}

Json relocations_json(const macho::Image& image, finding::Sink& sink) {
    auto relocations = *macho::read_relocations(image, sink);
    Json list = Json::array();
    for (const auto& r : relocations.of_sections) {
        list.push_back({{"section", image.sections()[*r.section].full_name()},
                        {"address", r.address},
                        {"symbol", r.symbol},
                        {"value", r.value},
                        {"type", r.type_name(image.header().cpu_type)},
                        {"length", r.length_log2},
                        {"pcrel", r.pc_relative},
                        {"extern", r.external},
                        {"scattered", r.scattered}});
    }
    return list;
}

Json signature_json(const macho::Image& image, finding::Sink& sink) {
    auto signature = *macho::read_code_signature(image, sink);
    if (!signature || signature->directory() == nullptr) return nullptr;
    const auto& d = *signature->directory();
    return {{"version", d.version},
            {"flags", flag_names(macho::names::signature_flags, d.flags)},
            {"identifier", text(d.identifier)},
            {"hash", name_or_hex(macho::names::hash_types, d.hash_type)},
            {"page_size", d.page_size},
            {"code_limit", d.code_limit},
            {"slots", d.code_slot_count},
            {"cms", signature->has_cms}};
}

Json hardening_json(const macho::Image& image) {
    auto h = *macho::read_hardening(image);
    return {{"pie", h.pie},
            {"stack_canary", h.stack_canary},
            {"signed", h.is_signed},
            {"adhoc", h.adhoc},
            {"linker_signed", h.linker_signed},
            {"restricted", h.restricted},
            {"encrypted", h.encrypted}};
}

Json notes_json(const macho::Image& image, finding::Sink& sink) {
    auto notes = *macho::read_notes(image, sink);
    Json options = Json::array();
    for (const auto& option : notes.linker_options) {
        Json words = Json::array();
        for (auto word : option.words) words.push_back(text(word));
        options.push_back(words);
    }
    return {{"linker_options", options}};
}

Json findings_json(const finding::Sink& sink) {
    Json list = Json::array();
    for (const auto& f : sink.findings()) {
        list.push_back({{"rule", finding::rule(f.rule()).name},
                        {"offset", f.evidence().front().offset.value_or(0)},
                        {"path", f.evidence().front().path},
                        {"reading", f.evidence().front().reading}});
    }
    return list;
}

Json image_json(const SourcePtr& source, View bytes) {
    finding::Sink sink;
    auto image = macho::Image::parse(source, bytes, sink);
    if (!image) return {{"error", image.error().describe()}};
    Json commands = Json::array();
    for (const auto& c : image->commands()) commands.push_back({{"name", c.name()}, {"size", c.size()}, {"offset", c.file_offset()}});
    Json starts = macho::read_function_starts(*image, sink)->addresses;
    Json indirect = *macho::read_indirect_symbols(*image, sink);
    Json data_in_code = Json::array();
    auto data = *macho::read_data_in_code(*image, sink);
    for (const auto& d : data) data_in_code.push_back({{"offset", d.offset}, {"length", d.size}, {"kind", d.kind}});
    Json json{{"header", header_json(image->header())},
              {"commands", commands},
              {"segments", segments_json(*image)},
              {"linkage", linkage_json(*image, sink)},
              {"entry", entry_json(*image, sink)},
              {"build", build_json(*image, sink)},
              {"symbols", symbols_json(*image, sink)},
              {"indirect_symbols", indirect},
              {"binds", binds_json(*image, sink)},
              {"rebases", rebases_json(*image, sink)},
              {"fixups", fixups_json(*image, sink)},
              {"imports", imports_json(*image, sink)},
              {"exports", exports_json(*image, sink)},
              {"relocations", relocations_json(*image, sink)},
              {"function_starts", starts},
              {"data_in_code", data_in_code},
              {"signature", signature_json(*image, sink)},
              {"notes", notes_json(*image, sink)},
              {"hardening", hardening_json(*image)}};
    json["findings"] = findings_json(sink);
    return json;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: macho_dump FILE\n");
        return 2;
    }
    auto source = open_file(argv[1]);
    if (!source) {
        fmt::print(stderr, "{}\n", source.error().describe());
        return 4;
    }
    View bytes = (*source)->view();
    Json json;
    if (macho::fat_kind(bytes) == macho::FatKind::fat) {
        finding::Sink sink;
        auto fat = macho::read_fat(*source, bytes, sink);
        if (!fat) {
            fmt::print(stderr, "{}\n", fat.error().describe());
            return 4;
        }
        json["fat"] = {{"wide", fat->wide}};
        json["slices"] = Json::array();
        for (const auto& s : fat->slices) {
            json["slices"].push_back({{"arch", s.arch()},
                                      {"cpu_type", s.cpu_type},
                                      {"cpu_subtype", s.cpu_subtype},
                                      {"offset", s.offset},
                                      {"size", s.size},
                                      {"align", s.align_log2},
                                      {"image", image_json(*source, s.bytes)}});
        }
        json["findings"] = findings_json(sink);
    } else {
        json = image_json(*source, bytes);
    }
    fmt::print("{}\n", json.dump(1));
    return 0;
}
