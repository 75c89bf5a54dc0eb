#include "macho/load_commands.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "macho/spec.h"

namespace abiscope::macho {

using finding::Address;
using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

// Commands of which the loader takes one; what a second one does is undefined (dyld uses the last of some and the first of others).
constexpr std::uint32_t single_commands[] = {
    lc_symtab,
    lc_dysymtab,
    lc_id_dylib,
    lc_load_dylinker,
    lc_id_dylinker,
    lc_uuid,
    lc_code_signature,
    lc_encryption_info,
    lc_encryption_info_64,
    lc_dyld_info,
    lc_dyld_info_only,
    lc_function_starts,
    lc_main,
    lc_unixthread,
    lc_data_in_code,
    lc_source_version,
    lc_dyld_exports_trie,
    lc_dyld_chained_fixups,
    lc_segment_split_info,
};

constexpr std::uint64_t command_header_size = 8;

std::optional<std::string> size_problem(std::uint64_t size, std::uint64_t left) {
    if (size < command_header_size) return "is smaller than the 8 bytes every load command has";
    if (size > left) return fmt::format("runs past the end of the load commands, {} bytes away", left);
    return std::nullopt;
}

// <mach-o/loader.h>, struct load_command: cmdsize is a multiple of 4 in 32 bit files and of 8 in 64 bit files. No loader insists.
void report_misaligned(const LoadCommand& command, const Header& header, finding::Sink& sink) {
    if (command.size() % header.pointer_size() == 0) return;
    sink.add(Finding(RuleId::MACHO_COMMAND_MISALIGNED,
                     Evidence::value(command.path() + ".cmdsize", command.file_offset() + 4, 4,
                                     fmt::format("{}: not a multiple of {}", command.size(), header.pointer_size())))
                 .with("command", command.name())
                 .with("index", std::uint64_t{command.index})
                 .with("size", command.size()));
}

void report_unknown(const LoadCommand& command, finding::Sink& sink) {
    if (command.known() || (command.command & lc_req_dyld) == 0) return;
    sink.add(Finding(RuleId::MACHO_COMMAND_UNKNOWN_REQUIRED,
                     Evidence::value(command.path() + ".cmd", command.file_offset(), 4,
                                     fmt::format("{:#x}: LC_REQ_DYLD is set and the number has no name", command.command)))
                 .with("command", Address{command.command}));
}

void report_duplicates(const std::vector<LoadCommand>& commands, finding::Sink& sink) {
    std::map<std::uint32_t, const LoadCommand*> first;
    for (const LoadCommand& command : commands) {
        if (std::ranges::find(single_commands, command.command) == std::end(single_commands)) continue;
        auto [place, fresh] = first.emplace(command.command, &command);
        if (fresh) continue;
        sink.add(Finding(RuleId::MACHO_COMMAND_DUPLICATE,
                         Evidence::value(command.path(), command.file_offset(), command.size(), "a further " + command.name()))
                     .with("command", command.name())
                     .add(Evidence::value(place->second->path(), place->second->file_offset(), place->second->size(), "the first one")
                              .as(finding::EvidenceRole::supports)));
    }
}

}  // namespace

std::string LoadCommand::name() const { return name_or_hex(names::load_commands, command); }

bool LoadCommand::known() const { return find_name(names::load_commands, command).has_value(); }

std::string LoadCommand::path() const { return fmt::format("macho/load_command[{}]", index); }

Reader LoadCommand::fields(Endian order) const {
    Reader reader(bytes, order, "the load command");
    reader.skip(command_header_size);
    return reader;
}

std::optional<std::string_view> LoadCommand::text(std::uint32_t offset) const {
    if (offset < command_header_size || offset >= bytes.size()) return std::nullopt;
    std::string_view rest = bytes.from(offset).as_text();
    return rest.substr(0, rest.find('\0'));
}

std::vector<LoadCommand> read_load_commands(View image, const Header& header, finding::Sink& sink) {
    View area = image.clamped(header.size(), header.commands_size);
    if (area.size() < header.commands_size) {
        sink.add(Finding(RuleId::MACHO_COMMANDS_TRUNCATED,
                         Evidence::value("macho/header.sizeofcmds", header.file_offset + 20, 4,
                                         fmt::format("{} bytes of load commands, {} bytes are left", header.commands_size, area.size())))
                     .with("claimed", std::uint64_t{header.commands_size})
                     .with("present", area.size()));
    }
    std::vector<LoadCommand> commands;
    std::uint64_t at = 0;
    for (std::uint32_t index = 0; index < header.command_count; ++index) {
        std::string path = fmt::format("macho/load_command[{}]", index);
        if (area.size() - at < command_header_size) {
            if (area.size() == header.commands_size) {
                sink.add(Finding(RuleId::MACHO_COMMANDS_TRUNCATED,
                                 Evidence::value("macho/header.ncmds", header.file_offset + 16, 4,
                                                 fmt::format("{} load commands, only {} fit", header.command_count, index)))
                             .with("claimed", std::uint64_t{header.commands_size})
                             .with("present", area.size()));
            }
            break;
        }
        auto type = load<std::uint32_t>(area.data() + at, header.order);
        auto size = load<std::uint32_t>(area.data() + at + 4, header.order);
        if (auto problem = size_problem(size, area.size() - at)) {
            sink.add(Finding(RuleId::MACHO_COMMAND_SIZE_INVALID,
                             Evidence::value(path + ".cmdsize", area.file_offset(at + 4), 4, fmt::format("{}: {}", size, *problem)))
                         .with("command", name_or_hex(names::load_commands, type))
                         .with("index", std::uint64_t{index})
                         .with("size", std::uint64_t{size}));
            break;
        }
        commands.push_back({.index = index, .command = type, .bytes = area.clamped(at, size)});
        report_misaligned(commands.back(), header, sink);
        report_unknown(commands.back(), sink);
        at += size;
    }
    report_duplicates(commands, sink);
    return commands;
}

void report_malformed(const LoadCommand& command, std::string reason, finding::Sink& sink) {
    sink.add(Finding(RuleId::MACHO_COMMAND_MALFORMED,
                     Evidence::bytes(command.path(), command.file_offset(), command.size(), command.name() + ": " + reason))
                 .with("command", command.name())
                 .with("index", std::uint64_t{command.index})
                 .with("reason", std::move(reason)));
}

std::optional<std::string_view> command_text(const LoadCommand& command, std::uint32_t offset, std::string_view field,
                                             finding::Sink& sink) {
    auto text = command.text(offset);
    if (!text) report_malformed(command, fmt::format("{} lies at {}, outside its {} bytes", field, offset, command.size()), sink);
    return text;
}

bool fields_fit(const LoadCommand& command, const Reader& reader, finding::Sink& sink) {
    if (!reader.ok()) report_malformed(command, fmt::format("its {} bytes are too few for its fields", command.size()), sink);
    return reader.ok();
}

}  // namespace abiscope::macho
