#include "dwarf/line_files.h"

#include <algorithm>
#include <string_view>

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

class LineHeader {
public:
    LineHeader(const Debug& debug, const Unit& unit)
        : debug_(debug),
          unit_(unit),
          sections_(debug.sections(unit)),
          reader_(sections_.at(SectionId::line).from(unit.lines.value_or(0)), sections_.order, "line table header") {}

    std::vector<LineFile> read() {
        std::uint64_t length = reader_.u32();
        wide_ = length == 0xffffffff;
        if (wide_) length = reader_.u64();
        static_cast<void>(length);
        std::uint16_t version = reader_.u16();
        if (version < 2 || version > 5) return {};
        if (version >= 5) reader_.skip(2);   // address and segment selector size
        static_cast<void>(reader_.word(wide_));
        reader_.skip(version >= 4 ? 5 : 4);   // minimum_instruction_length to line_range
        std::uint8_t opcodes = reader_.u8();
        reader_.skip(opcodes == 0 ? 0 : opcodes - 1U);
        if (!reader_.ok()) return {};
        return version >= 5 ? read_new() : read_old();
    }

private:
    std::vector<LineFile> read_old() {
        std::vector<std::string_view> directories{""};
        for (auto name = reader_.c_string(); reader_.ok() && !name.empty(); name = reader_.c_string()) directories.push_back(name);
        std::vector<LineFile> files{{}};
        for (auto name = reader_.c_string(); reader_.ok() && !name.empty(); name = reader_.c_string()) {
            std::uint64_t directory = reader_.uleb128();
            static_cast<void>(reader_.uleb128());
            static_cast<void>(reader_.uleb128());
            files.push_back({directory < directories.size() ? directories[directory] : "", name});
        }
        return files;
    }

    std::vector<LineFile> read_new() {
        std::vector<Name> directories = table();
        std::vector<Name> names = table();
        std::vector<LineFile> files;
        files.reserve(names.size());
        for (const Name& name : names)
            files.push_back({name.directory < directories.size() ? directories[name.directory].path : "", name.path});
        return files;
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
    const Sections& sections_;
    Reader reader_;
    bool wide_ = false;
};

}  // namespace

std::string LineFile::path() const {
    if (directory.empty() || name.starts_with('/')) return std::string(name);
    std::string path(directory);
    if (!path.ends_with('/')) path += '/';
    path += name;
    return path;
}

std::vector<LineFile> read_line_files(const Debug& debug, const Unit& unit) {
    if (!unit.lines || *unit.lines >= debug.sections(unit).at(SectionId::line).size()) return {};
    return LineHeader(debug, unit).read();
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
