#include "macho/dylibs.h"

#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "macho/spec.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::EvidenceRole;
using finding::Finding;
using finding::RuleId;

namespace {

std::optional<DylibKind> dylib_kind(std::uint32_t command) {
    switch (command) {
        case lc_load_dylib: return DylibKind::load;
        case lc_load_weak_dylib: return DylibKind::weak;
        case lc_reexport_dylib: return DylibKind::reexport;
        case lc_load_upward_dylib: return DylibKind::upward;
        case lc_lazy_load_dylib: return DylibKind::lazy;
        case lc_id_dylib: return DylibKind::id;
        default: return std::nullopt;
    }
}

// Bytes of struct dylib_use_command, after which its name starts: together with the marker that tells it from a dylib_command.
constexpr std::uint32_t dylib_use_command_size = 28;

// A command whose name cannot be read still takes its ordinal, so the record is made with an empty name.
Dylib read_dylib(const Image& image, const LoadCommand& command, DylibKind kind, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    Dylib dylib;
    dylib.kind = kind;
    dylib.command_index = command.index;
    dylib.file_offset = command.file_offset();
    std::uint32_t name_offset = reader.u32();
    dylib.timestamp = reader.u32();
    dylib.current_version.raw = reader.u32();
    dylib.compatibility_version.raw = reader.u32();
    if (!fields_fit(command, reader, sink)) return dylib;
    if (kind != DylibKind::id && dylib.timestamp == dylib_use_marker && name_offset == dylib_use_command_size) {
        std::uint32_t flags = reader.u32();
        if (reader.ok()) dylib.use_flags = flags;
    }
    dylib.name = command_text(command, name_offset, "the name", sink).value_or(std::string_view());
    return dylib;
}

std::optional<CommandText> read_text(const Image& image, const LoadCommand& command, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    std::uint32_t offset = reader.u32();
    if (!fields_fit(command, reader, sink)) return std::nullopt;
    auto text = command_text(command, offset, "the text", sink);
    if (!text) return std::nullopt;
    return CommandText{*text, command.command, command.index, command.file_offset()};
}

void read_texts(const Image& image, const LoadCommand& command, Linkage& linkage, finding::Sink& sink) {
    switch (command.command) {
        case lc_rpath:
            if (auto text = read_text(image, command, sink)) linkage.rpaths.push_back(*text);
            break;
        case lc_load_dylinker:
            if (!linkage.dylinker) linkage.dylinker = read_text(image, command, sink);
            break;
        case lc_id_dylinker:
            if (!linkage.dylinker_id) linkage.dylinker_id = read_text(image, command, sink);
            break;
        case lc_dyld_environment:
            if (auto text = read_text(image, command, sink)) linkage.dyld_environment.push_back(*text);
            break;
        case lc_sub_framework:
        case lc_sub_umbrella:
        case lc_sub_client:
        case lc_sub_library:
            if (auto text = read_text(image, command, sink)) linkage.umbrella.push_back(*text);
            break;
        default: break;
    }
}

struct Named {
    std::string_view text;
    std::uint32_t command_index;
    std::uint64_t file_offset;
};

void report_duplicates(const std::vector<Named>& texts, RuleId rule, finding::Sink& sink) {
    std::map<std::string_view, const Named*> first;
    for (const Named& named : texts) {
        if (named.text.empty()) continue;
        auto [place, fresh] = first.emplace(named.text, &named);
        if (fresh) continue;
        auto evidence = [](const Named& n) {
            return Evidence::value(fmt::format("macho/load_command[{}]", n.command_index), n.file_offset, 8, text::printable(n.text));
        };
        sink.add(Finding(rule, evidence(named)).with("path", std::string(named.text)).add(evidence(*place->second)));
    }
}

void check(const Image& image, const Linkage& linkage, finding::Sink& sink) {
    std::vector<Named> rpaths;
    rpaths.reserve(linkage.rpaths.size());
    for (const CommandText& rpath : linkage.rpaths) rpaths.push_back({rpath.text, rpath.command_index, rpath.file_offset});
    report_duplicates(rpaths, RuleId::MACHO_RPATH_DUPLICATE, sink);
    std::vector<Named> dylibs;
    dylibs.reserve(linkage.dylibs.size());
    for (const Dylib& dylib : linkage.dylibs) dylibs.push_back({dylib.name, dylib.command_index, dylib.file_offset});
    report_duplicates(dylibs, RuleId::MACHO_DYLIB_DUPLICATE, sink);

    const Header& header = image.header();
    std::string searched = fmt::format("{} load commands", image.commands().size());
    if (header.file_type == mh_dylib && image.find_command(lc_id_dylib) == nullptr) {
        sink.add(Finding(RuleId::MACHO_DYLIB_ID_MISSING, Evidence::absence("macho/LC_ID_DYLIB", searched)));
    }
    if (header.file_type == mh_execute && header.has(mh_dyldlink) && image.find_command(lc_load_dylinker) == nullptr) {
        sink.add(
            Finding(RuleId::MACHO_DYLINKER_MISSING, Evidence::absence("macho/LC_LOAD_DYLINKER", searched))
                .add(Evidence::value("macho/header.flags", header.file_offset + 24, 4, "MH_DYLDLINK is set").as(EvidenceRole::supports)));
    }
}

}  // namespace

std::string_view to_string(DylibKind kind) {
    switch (kind) {
        case DylibKind::load: return "load";
        case DylibKind::weak: return "weak";
        case DylibKind::reexport: return "reexport";
        case DylibKind::upward: return "upward";
        case DylibKind::lazy: return "lazy";
        case DylibKind::id: return "id";
    }
    return "load";
}

bool Dylib::weak() const { return kind == DylibKind::weak || (use_flags.value_or(0) & dylib_use_weak_link) != 0; }

bool Dylib::reexported() const { return kind == DylibKind::reexport || (use_flags.value_or(0) & dylib_use_reexport) != 0; }

Result<Linkage> read_linkage(const Image& image, finding::Sink& sink) {
    Linkage linkage;
    for (const LoadCommand& command : image.commands()) {
        auto kind = dylib_kind(command.command);
        if (!kind) {
            read_texts(image, command, linkage, sink);
        } else if (kind != DylibKind::id) {
            linkage.dylibs.push_back(read_dylib(image, command, *kind, sink));
            linkage.dylibs.back().ordinal = static_cast<std::uint32_t>(linkage.dylibs.size());
        } else if (!linkage.id) {
            linkage.id = read_dylib(image, command, *kind, sink);
        }
    }
    check(image, linkage, sink);
    return linkage;
}

}  // namespace abiscope::macho
