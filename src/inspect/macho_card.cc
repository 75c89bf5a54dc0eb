#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "inspect/go_subjects.h"
#include "inspect/inspect.h"
#include "inspect/instructions.h"
#include "macho/build.h"
#include "macho/dylibs.h"
#include "macho/entry.h"
#include "macho/fat.h"
#include "macho/hardening.h"
#include "macho/image.h"
#include "macho/spec.h"
#include "macho/symbols.h"
#include "object/go_memory.h"

namespace abiscope::inspect {

namespace {

std::string architecture_name(const macho::Header& header) {
    std::string name = header.arch();
    return name == "x86_64" ? "amd64" : name;
}

std::optional<disasm::Architecture> code_architecture(const macho::Header& header) {
    std::string name = header.arch();
    if (name.starts_with("arm64")) return disasm::Architecture::arm64;
    if (name.starts_with("x86_64")) return disasm::Architecture::x86_64;
    if (name.starts_with("i386")) return disasm::Architecture::x86;
    return std::nullopt;
}

std::string kind_of(const macho::Header& header) {
    switch (header.file_type) {
        case macho::mh_object: return "object file";
        case macho::mh_execute: return "program";
        case macho::mh_dylib: return "dynamic library";
        case macho::mh_dylinker: return "dynamic linker";
        case macho::mh_bundle: return "bundle (plug-in)";
        case macho::mh_core: return "core dump";
        case macho::mh_dsym: return "debug information (dSYM)";
        case macho::mh_kext_bundle: return "kernel extension";
        default: return text::lower(name_or_hex(macho::names::file_types, header.file_type));
    }
}

// "lld" of TOOL_LLD
std::string tool_name(std::uint32_t tool) {
    std::string name = name_or_hex(macho::names::tools, tool);
    return name.starts_with("TOOL_") ? text::lower(std::string_view(name).substr(5)) : name;
}

void fill_identity(const macho::Image& image, const macho::Build& build, Card& card) {
    const macho::Header& header = image.header();
    auto fact = [&](std::string key, std::string label, std::string value, std::uint64_t offset) {
        card.identity.push_back({std::move(key), std::move(label), std::move(value), offset});
    };
    fact("filetype", "file type", name_or_hex(macho::names::file_types, header.file_type), header.file_offset + 12);
    fact("flags", "flags", flag_names(macho::names::header_flags, header.flags), header.file_offset + 24);
    for (const macho::BuildVersion& version : build.versions) {
        std::string platform = name_or_hex(macho::names::platform_titles, version.platform);
        fact("platform", "platform",
             fmt::format("{} {} or newer, SDK {}", platform, version.minimum_os.to_os_string(),
                         version.sdk.raw == 0 ? std::string("not recorded") : version.sdk.to_os_string()),
             version.file_offset);
        if (card.os_min.empty()) card.os_min = fmt::format("{} {}", platform, version.minimum_os.to_os_string());
        for (const macho::BuildTool& tool : version.tools) {
            card.producers.push_back({fmt::format("{} {}", tool_name(tool.tool), tool.version.to_string()), "LC_BUILD_VERSION"});
        }
    }
    if (build.source) card.identity.push_back({"source_version", "source version", build.source->to_string(), std::nullopt});
    if (build.uuid) card.subject.build_id = build.uuid->to_string();
}

void fill_linkage(const macho::Image& image, Card& card, finding::Sink& sink) {
    auto linkage = macho::read_linkage(image, sink);
    if (!linkage) return;
    std::uint32_t type = image.header().file_type;
    card.linkage.kind = type == macho::mh_object              ? LinkageKind::relocatable
        : type == macho::mh_execute                           ? LinkageKind::dynamic
        : type == macho::mh_dylib || type == macho::mh_bundle ? LinkageKind::shared_library
                                                              : LinkageKind::not_applicable;
    if (linkage->dylinker) card.linkage.interpreter = std::string(linkage->dylinker->text);
    else if (type == macho::mh_execute) card.linkage.kind = LinkageKind::static_;
    if (linkage->id) card.linkage.soname = std::string(linkage->id->name);
    for (const macho::Dylib& dylib : linkage->dylibs) {
        std::string line(dylib.name);
        if (dylib.kind != macho::DylibKind::load) line += fmt::format(" ({})", to_string(dylib.kind));
        line += fmt::format(" {} or compatible with {}", dylib.current_version.to_string(), dylib.compatibility_version.to_string());
        card.linkage.needed.push_back(std::move(line));
    }
    for (const macho::CommandText& rpath : linkage->rpaths) card.linkage.runpath.emplace_back(rpath.text);
    card.linkage.because.push_back(counted(linkage->dylibs.size(), "library load command"));
}

void fill_entry(const macho::Image& image, const Options& options, Card& card, finding::Sink& sink) {
    auto found = macho::read_entry(image, sink);
    if (!found || !*found) return;
    const macho::Entry& from = **found;
    Entry entry;
    entry.address = from.address;
    if (from.address >= image.base_address()) entry.rva = from.address - image.base_address();
    entry.file_offset = from.file_offset;
    if (from.section_index) entry.section = image.sections()[*from.section_index].full_name();
    if (from.segment_index) {
        const macho::Segment& segment = image.segments()[*from.segment_index];
        entry.segment = std::string(segment.name);
        entry.permissions = permissions((segment.initial_protection & 1) != 0, (segment.initial_protection & 2) != 0,
                                        (segment.initial_protection & 4) != 0);
    }
    if (options.symbols) {
        if (auto table = macho::read_symbols(image, sink)) {
            if (const macho::Symbol* symbol = macho::nearest_symbol(table->symbols, image, from.address)) {
                entry.symbol = std::string(symbol->name);
                entry.symbol_offset = from.address - symbol->value;
                entry.symbol_covers = entry.symbol_offset == 0;   // nlist entries have no size
            }
        }
    }
    if (options.instructions && from.offset)
        entry.instructions = first_instructions(code_architecture(image.header()), image.bytes().from(*from.offset), from.address);
    card.entry = std::move(entry);
}

HardeningState state(bool yes) { return yes ? HardeningState::yes : HardeningState::no; }

void fill_hardening(const macho::Image& image, Card& card) {
    auto facts = macho::read_hardening(image);
    if (!facts || !image.header().is_final_image()) return;
    auto add = [&](std::string key, std::string label, HardeningState value, std::string because, std::string detail = {}) {
        card.hardening.push_back({std::move(key), std::move(label), value, std::move(detail), std::move(because)});
    };
    bool program = image.header().file_type == macho::mh_execute;
    add("pie", "PIE", program ? state(facts->pie) : HardeningState::not_applicable,
        !program         ? "libraries always slide"
            : facts->pie ? "MH_PIE"
                         : "no MH_PIE: fixed load address");
    add("nx", "NX stack", state(!facts->allows_stack_execution),
        facts->allows_stack_execution ? "MH_ALLOW_STACK_EXECUTION" : "no MH_ALLOW_STACK_EXECUTION");
    add("canary", "stack canary", state(facts->stack_canary),
        facts->stack_canary ? "imports ___stack_chk_fail" : "no import of ___stack_chk_fail");
    add("fortify", "FORTIFY", state(facts->fortify), facts->fortify ? "imports a ___*_chk function" : "imports no ___*_chk function");
    std::string how = !facts->is_signed ? std::string()
        : facts->linker_signed          ? "ad hoc, by the linker"
        : facts->adhoc                  ? "ad hoc"
        : facts->has_certificate        ? "with a certificate"
                                        : "without a certificate";
    add("signature", "code signature", state(facts->is_signed),
        facts->is_signed ? "LC_CODE_SIGNATURE (whether it holds is not checked)" : "no code directory", how);
    add("hardened_runtime", "hardened runtime", state(facts->hardened_runtime),
        facts->hardened_runtime ? "CS_RUNTIME" : "no CS_RUNTIME flag");
    if (facts->pointer_auth)
        add("pac", "pointer authentication", HardeningState::yes, fmt::format("arm64e ABI {}", facts->pointer_auth->version));
    if (facts->encrypted) add("encrypted", "encrypted", HardeningState::yes, "LC_ENCRYPTION_INFO");
}

void fill_layout(const macho::Image& image, Card& card) {
    for (const macho::Segment& segment : image.segments()) {
        LayoutRow row;
        row.segment = std::string(segment.name);
        row.permissions = permissions((segment.initial_protection & 1) != 0, (segment.initial_protection & 2) != 0,
                                      (segment.initial_protection & 4) != 0);
        row.address = segment.address;
        row.file_offset = image.bytes().file_offset(segment.offset);
        row.file_size = segment.file_size;
        row.memory_size = segment.memory_size;
        for (const macho::Section& section : image.sections()) {
            if (section.segment_index == segment.index) row.sections.push_back(text::printable(section.name));
        }
        card.layout.push_back(std::move(row));
    }
}

std::optional<golang::BuildInfo> go_build_info(const macho::Image& image) {
    const macho::Section* section = image.find_section("__DATA", "__go_buildinfo");
    if (section == nullptr) section = image.find_section("__DATA_CONST", "__go_buildinfo");
    if (section == nullptr) return std::nullopt;
    auto at_address = [&](std::uint64_t address) {
        auto offset = image.offset_of(address);
        return offset ? image.bytes().from(*offset) : View();
    };
    return golang::read_build_info({{image.content(*section), section->address}}, image.header().wide, at_address);
}

}  // namespace

Result<Card> inspect_macho(const SourcePtr& source, View bytes, const Options& options, finding::Sink& sink) {
    ABISCOPE_TRY(macho::Image image, macho::Image::parse(source, bytes, sink));
    const macho::Header& header = image.header();
    Card card;
    card.subject.format = "Mach-O";
    card.subject.arch = architecture_name(header);
    card.subject.bits = header.wide ? 64 : 32;
    card.subject.endian = header.order == Endian::little ? "little" : "big";
    card.subject.kind = kind_of(header);
    card.subject.size = bytes.size();
    if (auto build = macho::read_build(image, sink)) fill_identity(image, *build, card);
    fill_linkage(image, card, sink);
    fill_entry(image, options, card, sink);
    fill_hardening(image, card);
    fill_layout(image, card);
    card.go = go_build_info(image);
    bool table = image.find_section("__TEXT", "__gopclntab") != nullptr || image.find_section("__DATA_CONST", "__gopclntab") != nullptr;
    if (!card.go && table) infer_go(object::go_memory(image), card, sink);
    if (card.go) card.producers.push_back({"Go linker", "__go_buildinfo"});
    card.description = fmt::format("a {}-bit {} {} for {}", card.subject.bits, card.subject.format, card.subject.kind, card.subject.arch);
    return card;
}

Result<Card> inspect_macho_fat(const SourcePtr& source, const Options& options, finding::Sink& sink) {
    ABISCOPE_TRY(macho::FatFile fat, macho::read_fat(source, source->view(), sink));
    Card card;
    card.subject.format = "fat Mach-O";
    card.subject.endian = "big";
    std::string architectures;
    for (const macho::FatSlice& slice : fat.slices) {
        architectures += (architectures.empty() ? "" : ", ") + slice.arch();
        auto part = inspect_macho(source, slice.bytes, options, sink);
        Card inner;
        if (part) {
            inner = *std::move(part);
        } else {
            inner.subject.format = object::format_name(object::detect(slice.bytes).kind);
            inner.description = object::describe(object::detect(slice.bytes));
        }
        inner.subject.path = fmt::format("slice {}", slice.arch());
        inner.subject.size = slice.size;
        card.identity.push_back({"slice_" + slice.arch(), "slice " + slice.arch(),
                                 fmt::format("{} bytes at offset {:#x}", slice.size, slice.offset), slice.record_file_offset});
        card.parts.push_back(std::move(inner));
    }
    card.subject.arch = architectures;
    card.subject.kind = card.parts.empty() ? "universal file" : "universal " + card.parts.front().subject.kind;
    card.description = fmt::format("a universal (fat) Mach-O file with {}: {}", counted(fat.slices.size(), "slice"), architectures);
    return card;
}

}  // namespace abiscope::inspect
