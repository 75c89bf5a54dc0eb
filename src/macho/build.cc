#include "macho/build.h"

#include <algorithm>

#include <fmt/format.h>

#include "macho/spec.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

// LC_VERSION_MIN_ commands do not tell a device from its simulator; the processor does: no Apple device has an x86 one but the Mac.
std::uint32_t platform_of(std::uint32_t command, std::uint32_t cpu_type) {
    bool x86 = cpu_type == cpu_x86 || cpu_type == cpu_x86_64;
    switch (command) {
        case lc_version_min_iphoneos: return x86 ? 7 : 2;
        case lc_version_min_tvos: return x86 ? 8 : 3;
        case lc_version_min_watchos: return x86 ? 9 : 4;
        default: return 1;
    }
}

void read_build_version(const Image& image, const LoadCommand& command, Build& build, finding::Sink& sink) {
    Reader reader = command.fields(image.header().order);
    BuildVersion version;
    version.command = command.command;
    version.command_index = command.index;
    version.file_offset = command.file_offset();
    std::uint32_t tool_count = 0;
    if (command.command == lc_build_version) {
        version.platform = reader.u32();
        version.minimum_os.raw = reader.u32();
        version.sdk.raw = reader.u32();
        tool_count = reader.u32();
    } else {
        version.platform = platform_of(command.command, image.header().cpu_type);
        version.minimum_os.raw = reader.u32();
        version.sdk.raw = reader.u32();
    }
    if (!fields_fit(command, reader, sink)) return;
    std::uint64_t fit = reader.remaining() / 8;
    if (tool_count > fit) report_malformed(command, fmt::format("it claims {} tools and has room for {}", tool_count, fit), sink);
    for (std::uint64_t i = 0; i < tool_count && i < fit; ++i) {
        BuildTool tool;
        tool.tool = reader.u32();
        tool.version.raw = reader.u32();
        version.tools.push_back(tool);
    }
    build.versions.push_back(std::move(version));
}

void read_uuid(const LoadCommand& command, Build& build, finding::Sink& sink) {
    Reader reader = command.fields(Endian::big);
    View bytes = reader.bytes(16);
    if (!fields_fit(command, reader, sink) || build.uuid) return;
    Uuid uuid;
    std::ranges::transform(bytes.bytes(), uuid.bytes.begin(), [](std::byte b) { return static_cast<std::uint8_t>(b); });
    build.uuid = uuid;
}

}  // namespace

std::string Uuid::to_string() const {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02X}", bytes[i]);
    }
    return text;
}

Result<Build> read_build(const Image& image, finding::Sink& sink) {
    Build build;
    for (const LoadCommand& command : image.commands()) {
        Reader reader = command.fields(image.header().order);
        switch (command.command) {
            case lc_uuid: read_uuid(command, build, sink); break;
            case lc_build_version:
            case lc_version_min_macosx:
            case lc_version_min_iphoneos:
            case lc_version_min_tvos:
            case lc_version_min_watchos: read_build_version(image, command, build, sink); break;
            case lc_source_version: {
                SourceVersion version{reader.u64()};
                if (fields_fit(command, reader, sink)) build.source = version;
                break;
            }
            case lc_target_triple: {
                std::uint32_t offset = reader.u32();
                if (fields_fit(command, reader, sink)) build.target_triple = command_text(command, offset, "the triple", sink);
                break;
            }
            default: break;
        }
    }
    if (image.header().is_final_image() && image.find_command(lc_uuid) == nullptr) {
        sink.add(Finding(RuleId::MACHO_UUID_MISSING,
                         Evidence::absence("macho/LC_UUID", fmt::format("{} load commands", image.commands().size()))));
    }
    return build;
}

}  // namespace abiscope::macho
