#include "inspect/elf_linkage.h"

#include <fmt/format.h>

#include "base/text.h"
#include "elf/relocations.h"

namespace abiscope::inspect {

namespace {

std::vector<std::string> split_path(std::optional<elf::DynamicString> path) {
    std::vector<std::string> out;
    if (!path) return out;
    for (std::string_view part : text::split(path->text, ":")) out.emplace_back(part);
    return out;
}

std::vector<std::string> loader_flags(const elf::Dynamic& dynamic) {
    std::vector<std::string> out;
    std::uint64_t flags = dynamic.flags();
    std::uint64_t flags_1 = dynamic.flags_1();
    for (const Name& name : elf::dynamic_flags()) {
        if ((flags & name.value) != 0) out.emplace_back(name.name.substr(3));
    }
    for (const Name& name : elf::dynamic_flags_1()) {
        if ((flags_1 & name.value) != 0) out.emplace_back(name.name.substr(5));
    }
    return out;
}

// A shared library that can also be run (libc.so.6, ld.so) has an entry point and no DF_1_PIE; a static-pie program is told from it by
// relocating itself: it asks for nothing, exports no soname, and is marked DF_1_PIE by every linker since 2.26, or has DT_DEBUG.
bool is_self_relocating_program(const elf::Image& image, const elf::Dynamic& dynamic) {
    if (dynamic.has(elf::dt_soname) || dynamic.has(elf::dt_needed) || image.header().entry == 0) return false;
    return (dynamic.flags_1() & elf::df_1_pie) != 0 || dynamic.has(elf::dt_debug);
}

}  // namespace

Linkage elf_linkage(const elf::Image& image) {
    Linkage out;
    std::uint16_t type = image.header().type;
    if (auto interpreter = image.interpreter()) out.interpreter = std::string(*interpreter);
    if (image.dynamic()) {
        const elf::Dynamic& dynamic = *image.dynamic();
        for (const elf::DynamicString& name : dynamic.strings_of(elf::dt_needed)) out.needed.emplace_back(name.text);
        if (auto soname = dynamic.string(elf::dt_soname)) out.soname = std::string(soname->text);
        out.rpath = split_path(dynamic.string(elf::dt_rpath));
        out.runpath = split_path(dynamic.string(elf::dt_runpath));
        out.flags = loader_flags(dynamic);
    }
    auto& because = out.because;
    if (!image.segment_table().whole && type != elf::et_rel) {
        because.emplace_back("the program headers are cut off");
        return out;
    }
    if (type == elf::et_rel) {
        out.kind = LinkageKind::relocatable;
        because.emplace_back("e_type is ET_REL");
        return out;
    }
    if (type != elf::et_exec && type != elf::et_dyn) return out;
    because.emplace_back(out.interpreter ? "PT_INTERP names a loader" : "no PT_INTERP");
    because.emplace_back(
        !image.dynamic() ? (image.segment(elf::pt_dynamic) != nullptr ? "what PT_DYNAMIC points to is not in the file" : "no PT_DYNAMIC")
            : out.needed.empty() ? "no DT_NEEDED"
                                 : fmt::format("{} DT_NEEDED", out.needed.size()));
    if (out.interpreter) {
        out.kind = LinkageKind::dynamic;
    } else if (type == elf::et_exec) {
        out.kind = out.needed.empty() ? LinkageKind::static_ : LinkageKind::dynamic;
        because.emplace_back("e_type is ET_EXEC");
    } else if (!image.dynamic()) {
        out.kind = LinkageKind::static_pie;
        because.emplace_back("e_type is ET_DYN without anything to relocate");
    } else if (is_self_relocating_program(image, *image.dynamic())) {
        out.kind = LinkageKind::static_pie;
        because.emplace_back(elf::read_relr(image).present || !elf::relocation_ranges(image).empty()
                                 ? "it relocates itself, and has no DT_SONAME"
                                 : "DF_1_PIE and no DT_SONAME");
    } else {
        out.kind = LinkageKind::shared_library;
        because.emplace_back(out.soname ? fmt::format("DT_SONAME {}", *out.soname) : "not marked as a program (no DF_1_PIE, no DT_DEBUG)");
    }
    return out;
}

std::string elf_kind(const elf::Image& image, const Linkage& linkage) {
    switch (image.header().type) {
        case elf::et_rel: return "object file";
        case elf::et_core: return "core dump";
        case elf::et_exec:
        case elf::et_dyn: break;
        default: return "ELF file of an unknown type";
    }
    switch (linkage.kind) {
        case LinkageKind::not_applicable: return "program or library (cut off)";
        case LinkageKind::static_: return "static program";
        case LinkageKind::static_pie: return "static-pie program";
        case LinkageKind::shared_library: return "shared library";
        case LinkageKind::dynamic: {
            if (linkage.soname) return "shared library that can be run";
            return image.header().type == elf::et_dyn ? "dynamic program (PIE)" : "dynamic program";
        }
        default: return "ELF file";
    }
}

}  // namespace abiscope::inspect
