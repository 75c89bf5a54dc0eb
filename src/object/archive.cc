#include "object/archive.h"

#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::object {

namespace {

constexpr std::uint64_t header_size = 60;
constexpr std::uint64_t magic_size = 8;

std::string_view without_spaces(std::string_view field) {
    std::size_t last = field.find_last_not_of(' ');
    return last == std::string_view::npos ? std::string_view() : field.substr(0, last + 1);
}

// "/123": offset into the long-name table, whose names end with "/\n".
std::string long_name(View table, std::uint64_t offset) {
    std::string_view names = table.from(offset).as_text();
    names = names.substr(0, names.find('\n'));
    if (names.ends_with('/')) names.remove_suffix(1);
    return std::string(names);
}

}  // namespace

Result<Archive> read_archive(View file, const Limits& limits) {
    Archive archive;
    archive.thin = file.starts_with("!<thin>\n");
    if (!archive.thin && !file.starts_with("!<arch>\n")) return fail(ErrorCode::bad_magic, "not an ar archive", file.file_offset());
    View long_names;
    for (std::uint64_t at = magic_size; at < file.size();) {
        auto header = file.try_slice(at, header_size);
        if (!header) {
            archive.whole = false;
            break;
        }
        std::string_view fields = header->as_text();
        auto size = text::parse_unsigned(without_spaces(fields.substr(48, 10)));
        if (!size || fields.substr(58, 2) != "`\n") {
            return fail(Error{.code = ErrorCode::bad_value,
                              .what = "archive member header",
                              .file = {},
                              .offset = file.file_offset(at),
                              .wanted = "a decimal size and the end mark 60 0a",
                              .had = text::printable(fields.substr(48))});
        }
        std::string_view name = without_spaces(fields.substr(0, 16));
        bool special = name == "/" || name == "//" || name == "/SYM64/";
        bool stored = !archive.thin || special;
        View contents = stored ? file.clamped(at + header_size, *size) : View();
        if (stored && contents.size() < *size) archive.whole = false;
        ArchiveMember member{.name = {}, .header_offset = file.file_offset(at), .size = *size, .bytes = contents};
        if (name == "//") {
            long_names = contents;
        } else if (special || name.starts_with("__.SYMDEF")) {
            archive.has_symbol_table = true;
        } else {
            auto after = text::parse_unsigned(name.substr(std::min<std::size_t>(name.size(), name.starts_with("#1/") ? 3 : 1)));
            if (name.starts_with("#1/") && after) {
                member.name = std::string(without_spaces(contents.clamped(0, *after).as_text()));
                member.name = member.name.substr(0, member.name.find('\0'));
                member.bytes = contents.from(*after);
            } else if (name.starts_with('/') && after) {
                member.name = long_name(long_names, *after);
            } else {
                member.name = std::string(name.ends_with('/') ? name.substr(0, name.size() - 1) : name);
            }
            if (member.name.starts_with("__.SYMDEF")) archive.has_symbol_table = true;
            else archive.members.push_back(std::move(member));
        }
        if (archive.members.size() >= limits.steps)
            return fail(ErrorCode::limit_reached, "archive has too many members", file.file_offset(at));
        std::uint64_t next = at + header_size + (stored ? *size : 0);
        if (next < at) break;
        at = next + (next & 1);
    }
    return archive;
}

}  // namespace abiscope::object
