// Prints everything the PE reader reads of one file as JSON, for tests/differential/pe_readobj.py: `pe_dump FILE`.
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "bytes/mapped_file.h"
#include "pe/certificates.h"
#include "pe/checksum.h"
#include "pe/clr.h"
#include "pe/exports.h"
#include "pe/hardening.h"
#include "pe/image.h"
#include "pe/imports.h"
#include "pe/load_config.h"
#include "pe/manifest.h"
#include "pe/notes.h"
#include "pe/overlay.h"
#include "pe/relocations.h"
#include "pe/resources.h"
#include "pe/rich.h"
#include "pe/symbols.h"
#include "pe/tls.h"
#include "pe/version_info.h"

namespace {

using namespace abiscope;
using Json = nlohmann::ordered_json;

std::string shown(std::string_view text) { return text::printable(text); }

Json failed(const Error& error) { return {{"error", error.describe()}}; }

Json headers(const pe::Image& image) {
    const pe::CoffHeader& coff = image.coff();
    Json out{{"kind", pe::describe(image.kind())},
             {"machine", coff.machine},
             {"machine_name", name_or_hex(pe::machine_names, coff.machine)},
             {"section_count", coff.section_count},
             {"timestamp", coff.timestamp},
             {"symbol_table", coff.symbol_table},
             {"symbol_count", coff.symbol_count},
             {"string_table_size", pe::string_table(image.bytes(), coff).size()},
             {"optional_header_size", coff.optional_header_size},
             {"characteristics", coff.characteristics},
             {"characteristic_names", flag_names(pe::characteristic_names, coff.characteristics)}};
    if (image.dos()) {
        const pe::DosHeader& dos = *image.dos();
        out["dos"] = {{"UsedBytesInTheLastPage", dos.last_page_bytes},
                      {"FileSizeInPages", dos.pages},
                      {"NumberOfRelocationItems", dos.relocation_count},
                      {"HeaderSizeInParagraphs", dos.header_paragraphs},
                      {"MinimumExtraParagraphs", dos.min_extra_paragraphs},
                      {"MaximumExtraParagraphs", dos.max_extra_paragraphs},
                      {"InitialRelativeSS", dos.initial_ss},
                      {"InitialSP", dos.initial_sp},
                      {"Checksum", dos.checksum},
                      {"InitialIP", dos.initial_ip},
                      {"InitialRelativeCS", dos.initial_cs},
                      {"AddressOfRelocationTable", dos.relocation_table},
                      {"OverlayNumber", dos.overlay_number},
                      {"OEMid", dos.oem_id},
                      {"OEMinfo", dos.oem_info},
                      {"AddressOfNewExeHeader", dos.lfanew}};
    }
    if (!image.optional()) return out;
    const pe::OptionalHeader& optional = *image.optional();
    out["optional"] = {{"Magic", optional.magic},
                       {"MajorLinkerVersion", optional.linker_major},
                       {"MinorLinkerVersion", optional.linker_minor},
                       {"SizeOfCode", optional.code_size},
                       {"SizeOfInitializedData", optional.initialized_data_size},
                       {"SizeOfUninitializedData", optional.uninitialized_data_size},
                       {"AddressOfEntryPoint", optional.entry_rva},
                       {"BaseOfCode", optional.code_base},
                       {"BaseOfData", optional.data_base},
                       {"ImageBase", optional.image_base},
                       {"SectionAlignment", optional.section_alignment},
                       {"FileAlignment", optional.file_alignment},
                       {"MajorOperatingSystemVersion", optional.os_major},
                       {"MinorOperatingSystemVersion", optional.os_minor},
                       {"MajorImageVersion", optional.image_major},
                       {"MinorImageVersion", optional.image_minor},
                       {"MajorSubsystemVersion", optional.subsystem_major},
                       {"MinorSubsystemVersion", optional.subsystem_minor},
                       {"SizeOfImage", optional.image_size},
                       {"SizeOfHeaders", optional.headers_size},
                       {"CheckSum", optional.checksum},
                       {"Subsystem", optional.subsystem},
                       {"Characteristics", optional.dll_characteristics},
                       {"CharacteristicNames", flag_names(pe::dll_characteristic_names, optional.dll_characteristics)},
                       {"SizeOfStackReserve", optional.stack_reserve},
                       {"SizeOfStackCommit", optional.stack_commit},
                       {"SizeOfHeapReserve", optional.heap_reserve},
                       {"SizeOfHeapCommit", optional.heap_commit},
                       {"NumberOfRvaAndSize", optional.directory_count}};
    out["subsystem_name"] = name_or_hex(pe::subsystem_names, optional.subsystem);
    out["directories"] = Json::array();
    for (const pe::DataDirectory& entry : optional.directories) out["directories"].push_back({entry.rva, entry.size});
    return out;
}

Json sections(const pe::Image& image) {
    Json out = Json::array();
    for (const pe::Section& section : image.sections()) {
        out.push_back({{"name", shown(section.name)},
                       {"VirtualSize", section.virtual_size},
                       {"VirtualAddress", section.rva},
                       {"RawDataSize", section.raw_size},
                       {"PointerToRawData", section.raw_offset},
                       {"PointerToRelocations", section.relocation_offset},
                       {"PointerToLineNumbers", section.line_number_offset},
                       {"RelocationCount", section.relocation_count},
                       {"LineNumberCount", section.line_number_count},
                       {"Characteristics", section.characteristics}});
    }
    return out;
}

Json segments(const pe::Image& image) {
    Json out = Json::array();
    for (const pe::Segment& segment : image.mapping().segments()) {
        out.push_back({{"rva", segment.rva},
                       {"memory_size", segment.memory_size},
                       {"offset", segment.image_offset},
                       {"file_size", segment.file_size}});
    }
    return out;
}

Json symbols(const pe::Image& image, finding::Sink& sink) {
    auto table = pe::read_symbols(image, sink);
    if (!table) return failed(table.error());
    Json out = Json::array();
    for (const pe::Symbol& symbol : table->symbols) {
        out.push_back({{"name", shown(symbol.name)},
                       {"value", symbol.value},
                       {"section", symbol.section},
                       {"type", symbol.type},
                       {"class", symbol.storage_class},
                       {"aux", symbol.auxiliary.size() / pe::symbol_record_size(image.coff())},
                       {"file", shown(symbol.file)}});
    }
    return out;
}

Json imports(const Result<pe::Imports>& imports) {
    if (!imports) return failed(imports.error());
    Json out = Json::array();
    for (const pe::ImportedLibrary& library : imports->libraries) {
        Json entries = Json::array();
        for (const pe::ImportedSymbol& symbol : library.symbols) {
            Json entry{{"name", shown(symbol.name)}, {"hint", symbol.hint}, {"slot", symbol.slot_rva}};
            if (symbol.ordinal) entry["ordinal"] = *symbol.ordinal;
            entries.push_back(std::move(entry));
        }
        out.push_back({{"name", shown(library.name)},
                       {"lookup", library.lookup_rva},
                       {"address", library.address_rva},
                       {"attributes", library.delay_attributes},
                       {"module_handle", library.module_handle_rva},
                       {"symbols", std::move(entries)}});
    }
    return out;
}

Json bound_imports(const pe::Image& image, finding::Sink& sink) {
    auto bound = pe::read_bound_imports(image, sink);
    if (!bound) return failed(bound.error());
    Json out = Json::array();
    for (const pe::BoundImport& entry : *bound) {
        out.push_back({{"name", shown(entry.name)}, {"timestamp", entry.timestamp}, {"forwarders", entry.forwarders.size()}});
    }
    return out;
}

Json exports(const pe::Image& image, finding::Sink& sink) {
    auto exports = pe::read_exports(image, sink);
    if (!exports) return failed(exports.error());
    if (!*exports) return nullptr;
    Json entries = Json::array();
    for (const pe::Export& entry : (*exports)->exports) {
        entries.push_back(
            {{"ordinal", entry.ordinal}, {"name", shown(entry.name)}, {"rva", entry.rva}, {"forwarder", shown(entry.forwarder)}});
    }
    return {{"library", shown((*exports)->library)},
            {"base", (*exports)->ordinal_base},
            {"sorted", (*exports)->sorted},
            {"exports", std::move(entries)}};
}

Json relocations(const pe::Image& image, finding::Sink& sink) {
    auto relocations = pe::read_relocations(image, sink);
    if (!relocations) return failed(relocations.error());
    Json out = Json::array();
    pe::visit_relocations(image, *relocations, [&](const pe::Relocation& entry) {
        out.push_back({std::string(pe::base_relocation_name(image.machine(), entry.type).value_or("?")), entry.rva});
        return true;
    });
    return out;
}

Json debug(const pe::Image& image, finding::Sink& sink) {
    auto directory = pe::read_debug_directory(image, sink);
    if (!directory) return failed(directory.error());
    Json entries = Json::array();
    for (const pe::DebugEntry& entry : directory->entries) {
        entries.push_back({{"Characteristics", entry.characteristics},
                           {"TimeDateStamp", entry.timestamp},
                           {"MajorVersion", entry.major},
                           {"MinorVersion", entry.minor},
                           {"Type", entry.type},
                           {"SizeOfData", entry.size},
                           {"AddressOfRawData", entry.rva},
                           {"PointerToRawData", entry.raw_offset}});
    }
    Json out{{"entries", std::move(entries)}, {"reproducible", directory->reproducible.has_value()}};
    if (const auto& codeview = directory->codeview) {
        out["codeview"] = {
            {"guid", pe::to_string(codeview->guid)}, {"age", codeview->age}, {"path", shown(codeview->path)}, {"key", codeview->key()}};
    }
    if (directory->ex_dll_characteristics) out["ex"] = flag_names(pe::ex_dll_characteristic_names, *directory->ex_dll_characteristics);
    return out;
}

Json load_config(const pe::Image& image, finding::Sink& sink) {
    auto config = pe::read_load_config(image, sink);
    if (!config) return failed(config.error());
    if (!*config) return nullptr;
    Json out = Json::object();
    for (const pe::LoadConfigLayout& layout : pe::load_config_fields) {
        if (auto value = (*config)->get(layout.field)) out[std::string(layout.name)] = *value;
    }
    Json functions = Json::array();
    for (const pe::GuardEntry& entry : pe::read_guard_table(image, **config, pe::LoadConfigField::guard_cf_function_table,
                                                            pe::LoadConfigField::guard_cf_function_count, sink)) {
        functions.push_back(entry.rva);
    }
    out["guard_functions"] = std::move(functions);
    out["safe_handlers"] = pe::read_safe_handlers(image, **config, sink);
    if (auto chpe = pe::read_chpe(image, **config, sink); chpe && *chpe) {
        out["chpe"] = Json::array();
        for (const pe::ChpeRange& range : (*chpe)->ranges) out["chpe"].push_back({range.rva, range.size, static_cast<int>(range.code)});
    }
    return out;
}

Json tls(const pe::Image& image, finding::Sink& sink) {
    auto tls = pe::read_tls(image, sink);
    if (!tls) return failed(tls.error());
    if (!*tls) return nullptr;
    return {{"StartAddressOfRawData", (*tls)->template_start},
            {"EndAddressOfRawData", (*tls)->template_end},
            {"AddressOfIndex", (*tls)->index_address},
            {"AddressOfCallBacks", (*tls)->callbacks_address},
            {"SizeOfZeroFill", (*tls)->zero_fill},
            {"callbacks", (*tls)->callbacks}};
}

Json version_of(const pe::VersionInfo& info) {
    Json strings = Json::object();
    for (const pe::VersionStringTable& table : info.strings) {
        for (const pe::VersionString& entry : table.strings) strings[shown(entry.key)] = shown(entry.value);
    }
    return {{"file_version", info.file_version}, {"product_version", info.product_version}, {"strings", std::move(strings)}};
}

Json manifest_of(const pe::Manifest& manifest) {
    Json out{{"level", manifest.requested_level.value_or("")},
             {"supported_os", Json::array()},
             {"settings", Json::object()},
             {"dependencies", Json::array()}};
    for (const std::string& id : manifest.supported_os) out["supported_os"].push_back(pe::supported_os_name(id).value_or("?"));
    for (const pe::ManifestSetting& setting : manifest.settings) out["settings"][setting.name] = setting.value;
    for (const pe::AssemblyIdentity& identity : manifest.dependencies) out["dependencies"].push_back(identity.name);
    return out;
}

Json resources(const pe::Image& image, finding::Sink& sink) {
    auto resources = pe::read_resources(image, sink);
    if (!resources) return failed(resources.error());
    Json out{{"entries", Json::array()}};
    for (const pe::Resource& resource : resources->resources) {
        Json path = Json::array();
        for (const pe::ResourceId& id : resource.path) {
            if (id.named()) path.push_back(shown(id.name()));
            else path.push_back(id.number);
        }
        out["entries"].push_back({{"path", std::move(path)}, {"rva", resource.rva}, {"size", resource.size}});
        if (resource.type() == pe::resource_version) {
            auto info = pe::read_version_info(resource.data);
            out["version"] = info ? version_of(*info) : failed(info.error());
        }
        if (resource.type() == pe::resource_manifest) {
            auto manifest = pe::read_manifest(resource.data);
            out["manifest"] = manifest ? manifest_of(*manifest) : failed(manifest.error());
        }
    }
    return out;
}

Json clr(const pe::Image& image, finding::Sink& sink) {
    auto clr = pe::read_clr(image, sink);
    if (!clr) return failed(clr.error());
    if (!*clr) return nullptr;
    return {{"runtime_version", shown((*clr)->runtime_version)}, {"flags", flag_names(pe::clr_flag_names, (*clr)->flags)}};
}

Json rest(const pe::Image& image, finding::Sink& sink) {
    Json out{{"clr", clr(image, sink)}, {"rich", nullptr}, {"overlay", nullptr}};
    if (auto rich = pe::read_rich_header(image, sink); rich && *rich) out["rich"] = (*rich)->entries.size();
    if (auto overlay = pe::find_overlay(image)) out["overlay"] = {overlay->file_offset(), overlay->size()};
    if (auto checksum = pe::check_checksum(image, sink)) out["checksum"] = {checksum->stored, checksum->computed};
    if (auto certificates = pe::read_certificates(image, sink)) out["certificates"] = certificates->size();
    if (auto facts = pe::read_hardening(image, sink)) {
        out["hardening"] = {{"dynamic_base", facts->dynamic_base},
                            {"nx_compat", facts->nx_compat},
                            {"guard_cf", facts->guard_cf},
                            {"safe_seh", facts->safe_seh.value_or(false)},
                            {"cet", facts->cet_compat.value_or(false)}};
    }
    return out;
}

Json findings(const finding::Sink& sink) {
    Json out = Json::array();
    for (const finding::Finding& finding : sink.findings()) {
        Json entry{{"rule", finding::rule(finding.rule()).name}, {"at", finding.evidence()[0].path}};
        for (const finding::NamedArgument& argument : finding.arguments()) {
            if (const auto* text = std::get_if<std::string>(&argument.value)) entry[argument.name] = *text;
        }
        out.push_back(std::move(entry));
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: pe_dump FILE\n");
        return 2;
    }
    auto source = open_file(argv[1]);
    finding::Sink sink;
    auto image = source ? pe::Image::parse(*source, (*source)->view(), sink) : Result<pe::Image>(fail(source.error()));
    if (!image) {
        fmt::print("{}\n", failed(image.error()).dump());
        return 1;
    }
    Json out{{"headers", headers(*image)},
             {"sections", sections(*image)},
             {"segments", segments(*image)},
             {"symbols", symbols(*image, sink)},
             {"imports", imports(pe::read_imports(*image, sink))},
             {"delay_imports", imports(pe::read_delay_imports(*image, sink))},
             {"bound_imports", bound_imports(*image, sink)},
             {"exports", exports(*image, sink)},
             {"relocations", relocations(*image, sink)},
             {"debug", debug(*image, sink)},
             {"load_config", load_config(*image, sink)},
             {"tls", tls(*image, sink)},
             {"resources", resources(*image, sink)},
             {"rest", rest(*image, sink)}};
    out["findings"] = findings(sink);
    fmt::print("{}\n", out.dump(1));
    return 0;
}
