#include "dwarf/line_files.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

struct Format {
    std::uint64_t content = 0;
    std::uint64_t form = 0;
};

struct Name {
    std::string_view path;
    std::uint64_t directory = 0;
};

class HeaderReader {
public:
    HeaderReader(const Debug& debug, const Unit& unit)
        : debug_(debug),
          unit_(unit),
          section_(debug.sections(unit).at(SectionId::line)),
          reader_(section_.from(unit.lines.value_or(0)), unit.encoding.order, "line table") {}

    Result<LineHeader> read() {
        LineHeader header{.address_size = unit_.encoding.address_size};
        std::uint64_t start = unit_.lines.value_or(0);
        std::uint64_t length = reader_.u32();
        wide_ = length == 0xffffffff;
        if (wide_) length = reader_.u64();
        header.wide = wide_;
        View table = section_.from(start).clamped(0, reader_.position() + std::min(length, section_.size()));
        header.version = reader_.u16();
        if (reader_.ok() && (header.version < 2 || header.version > 5)) return fail(unsupported(fmt::format("version {}", header.version)));
        if (header.version >= 5) {
            header.address_size = reader_.u8();
            reader_.skip(1);   // segment selector size
        }
        std::uint64_t header_length = reader_.word(wide_);
        std::uint64_t after_length = reader_.position();
        header.minimum_length = reader_.u8();
        if (header.version >= 4) header.most_operations = reader_.u8();
        header.is_statement = reader_.u8() != 0;
        header.line_base = reader_.i8();
        header.line_range = reader_.u8();
        header.opcode_base = reader_.u8();
        header.opcode_lengths = reader_.bytes(header.opcode_base == 0 ? 0 : header.opcode_base - 1U);
        if (!reader_.ok()) return fail(reader_.error());
        if (header.version >= 5) read_new(header);
        else read_old(header);
        if (header_length <= table.size() && after_length <= table.size() - header_length)
            header.program = table.from(after_length + header_length);
        return header;
    }

private:
    Error unsupported(std::string had) const {
        return {.code = ErrorCode::unsupported,
                .what = "line table",
                .file = {},
                .offset = reader_.previous_file_offset(),
                .wanted = "version 2 to 5",
                .had = std::move(had)};
    }

    void read_old(LineHeader& header) {
        header.directories.emplace_back("");
        for (auto name = reader_.c_string(); reader_.ok() && !name.empty(); name = reader_.c_string()) header.directories.push_back(name);
        header.files.emplace_back();
        for (auto name = reader_.c_string(); reader_.ok() && !name.empty(); name = reader_.c_string()) {
            std::uint64_t directory = reader_.uleb128();
            static_cast<void>(reader_.uleb128());
            static_cast<void>(reader_.uleb128());
            header.files.push_back({directory < header.directories.size() ? header.directories[directory] : "", name});
        }
    }

    void read_new(LineHeader& header) {
        for (const Name& name : table()) header.directories.push_back(name.path);
        std::vector<Name> names = table();
        header.files.reserve(names.size());
        for (const Name& name : names)
            header.files.push_back({name.directory < header.directories.size() ? header.directories[name.directory] : "", name.path});
    }

    std::vector<Name> table() {
        std::vector<Format> formats;
        for (std::uint8_t left = reader_.u8(); left > 0 && reader_.ok(); --left) {
            std::uint64_t content = reader_.uleb128();
            formats.push_back({content, reader_.uleb128()});
        }
        std::vector<Name> names;
        std::uint64_t count = reader_.uleb128();
        // Every entry takes bytes, or the table says nothing.
        count = formats.empty() ? 0 : std::min(count, reader_.remaining());
        for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) {
            Name name;
            for (const Format& format : formats) field(format, name);
            names.push_back(name);
        }
        return names;
    }

    void field(const Format& format, Name& name) {
        std::uint64_t number = 0;
        std::string_view text;
        Attributes place;
        switch (format.form) {
            case form::string: text = reader_.c_string(); break;
            case form::line_strp:
            case form::strp:
            case form::strp_sup: place.set(Slot::name, reader_.word(wide_), form_code(format.form)); break;
            case form::strx: place.set(Slot::name, reader_.uleb128(), form_code(format.form)); break;
            case form::strx1: place.set(Slot::name, reader_.u8(), form_code(format.form)); break;
            case form::strx2: place.set(Slot::name, reader_.u16(), form_code(format.form)); break;
            case form::strx4: place.set(Slot::name, reader_.u32(), form_code(format.form)); break;
            case form::udata: number = reader_.uleb128(); break;
            case form::data1: number = reader_.u8(); break;
            case form::data2: number = reader_.u16(); break;
            case form::data4: number = reader_.u32(); break;
            case form::data8: number = reader_.u64(); break;
            case form::data16: reader_.skip(16); break;
            case form::block: reader_.skip(reader_.uleb128()); break;
            default: reader_.skip(reader_.remaining() + 1); break;   // of unknown size: the reader fails
        }
        if (place.has(Slot::name)) text = debug_.text(unit_, place, Slot::name);
        if (format.content == lnct::path) name.path = text;
        if (format.content == lnct::directory_index) name.directory = number;
    }

    const Debug& debug_;
    const Unit& unit_;
    View section_;
    Reader reader_;
    bool wide_ = false;
};

// The length first, then the table itself.
bool reach_table(const Sections& sections, std::uint64_t start) {
    constexpr std::uint64_t longest_length = 12;
    std::uint64_t size = sections.at(SectionId::line).size();
    if (!sections.reach(SectionId::line, std::min(size, start + longest_length))) return false;
    Reader reader(sections.at(SectionId::line).from(start), sections.order, "line table");
    std::uint64_t length = reader.u32();
    if (length == 0xffffffff) length = reader.u64();
    std::uint64_t end = start + reader.position();
    return sections.reach(SectionId::line, end + std::min(length, size - end));
}

}  // namespace

std::string LineFile::path() const {
    if (directory.empty() || name.starts_with('/')) return std::string(name);
    std::string path(directory);
    if (!path.ends_with('/')) path += '/';
    path += name;
    return path;
}

Result<LineHeader> read_line_header(const Debug& debug, const Unit& unit) {
    if (!unit.lines || *unit.lines >= debug.sections(unit).at(SectionId::line).size())
        return fail(ErrorCode::not_found, "the unit has no line table", debug.file_offset({&unit, unit.header}));
    if (!reach_table(debug.sections(unit), *unit.lines))
        return fail(ErrorCode::limit_reached, "the unit's line table is too far into a compressed section",
                    debug.file_offset({&unit, unit.header}));
    return HeaderReader(debug, unit).read();
}

std::string full_path(const LineHeader& header, std::uint64_t number, std::string_view directory) {
    if (number >= header.files.size() || header.files[number].name.empty()) return {};
    std::string path = header.files[number].path();
    // Directory 0 of version 5 is that of the compilation.
    if (!path.starts_with('/') && header.version >= 5 && !header.directories.empty() && !header.directories[0].empty() &&
        header.files[number].directory != header.directories[0])
        path = LineFile{header.directories[0], path}.path();
    return path.starts_with('/') ? path : LineFile{directory, path}.path();
}

std::vector<LineFile> read_line_files(const Debug& debug, const Unit& unit) {
    auto header = read_line_header(debug, unit);
    return header ? std::move(header->files) : std::vector<LineFile>();
}

abi::SourceLine LineFiles::place(const Entry& entry) {
    abi::SourceLine line;
    line.line = static_cast<std::uint32_t>(std::min<std::uint64_t>(entry.number(Slot::decl_line), 0xffffffff));
    if (!entry.has(Slot::decl_file)) return line;
    auto [found, fresh] = files_.try_emplace(entry.unit().index);
    if (fresh) found->second = read_line_files(debug_, entry.unit());
    std::uint64_t number = entry.number(Slot::decl_file);
    if (number < found->second.size()) line.file = found->second[number].path();
    return line;
}

}  // namespace abiscope::dwarf
