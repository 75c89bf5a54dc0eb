#include "golang/buildinfo.h"

#include "base/search.h"
#include "base/text.h"
#include "bytes/reader.h"

namespace abiscope::golang {

namespace {

constexpr std::string_view magic = "\xff Go buildinf:";
constexpr std::uint64_t header_size = 32;
constexpr std::uint8_t flag_big_endian = 1;
constexpr std::uint8_t flag_inline_strings = 2;
constexpr std::uint64_t longest_text = 1 << 24;
constexpr std::size_t sentinel = 16;

std::optional<std::uint64_t> find_blob(View bytes, std::uint64_t address) {
    // The linker aligns the blob to 16 bytes of *address*.
    std::uint64_t start = align_up(address, 16) - address;
    for (std::uint64_t at = start; at + header_size <= bytes.size();) {
        at = text::find(bytes.as_text(), magic, at);
        if (at == std::string_view::npos) return std::nullopt;
        if ((address + at) % 16 == 0 && at + header_size <= bytes.size()) return at;
        ++at;
    }
    return std::nullopt;
}

// A Go string header at `address`: data pointer, length.
std::string go_string(std::uint64_t address, bool wide, Endian order, const AtAddress& at_address) {
    Reader header(at_address(address), order, "Go string");
    std::uint64_t data = header.word(wide);
    std::uint64_t length = header.word(wide);
    if (!header.ok() || length > longest_text) return {};
    View bytes = at_address(data);
    if (length > bytes.size()) return {};
    return std::string(bytes.clamped(0, length).as_text());
}

std::string inline_string(Reader& reader) {
    std::uint64_t length = reader.uleb128();
    if (!reader.ok() || length > reader.remaining()) return {};
    return std::string(reader.bytes(length).as_text());
}

GoModule parse_module(std::string_view fields) {
    auto parts = text::split(fields, "\t");
    GoModule module;
    if (!parts.empty()) module.path = parts[0];
    if (parts.size() > 1) module.version = parts[1];
    if (parts.size() > 2) module.sum = parts[2];
    return module;
}

void put_utf8(std::string& out, std::uint32_t code) {
    auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xf0 | (code >> 18 & 7));
        tail(12);
        tail(6);
        tail(0);
    }
}

// Settings may be quoted as strconv.Quote() does: The Go Programming Language Specification, String literals.
std::string unquote(std::string_view value) {
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
    value = value.substr(1, value.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\' || i + 1 == value.size()) {
            out += value[i];
            continue;
        }
        constexpr std::string_view letters = "abfnrtv", meant = "\a\b\f\n\r\t\v";
        char kind = value[++i];
        std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        auto code = digits == 0 ? std::nullopt : text::parse_unsigned("0x" + std::string(value.substr(i + 1, digits)));
        if (auto letter = letters.find(kind); letter != std::string_view::npos) {
            out += meant[letter];
        } else if (code && i + digits < value.size()) {
            if (kind == 'x') out += static_cast<char>(*code);
            else put_utf8(out, static_cast<std::uint32_t>(*code));
            i += digits;
        } else {
            out += kind;
        }
    }
    return out;
}

}  // namespace

std::string BuildInfo::setting(std::string_view key) const {
    for (const auto& [name, value] : settings) {
        if (name == key) return value;
    }
    return {};
}

void parse_module_text(std::string_view text, BuildInfo& out) {
    GoModule* last = nullptr;
    for (std::string_view line : text::split(text, "\n")) {
        std::size_t tab = line.find('\t');
        if (tab == std::string_view::npos) continue;
        std::string_view word = line.substr(0, tab);
        std::string_view rest = line.substr(tab + 1);
        if (word == "path") {
            out.path = rest;
        } else if (word == "mod") {
            out.main = parse_module(rest);
            last = &*out.main;
        } else if (word == "dep") {
            out.dependencies.push_back(parse_module(rest));
            last = &out.dependencies.back();
        } else if (word == "=>" && last != nullptr) {
            GoModule other = parse_module(rest);
            last->replaced_by = other.path + (other.version.empty() ? "" : " " + other.version);
        } else if (word == "build") {
            std::size_t equals = rest.starts_with('"') ? rest.find('=', rest.find('"', 1)) : rest.find('=');
            if (equals != std::string_view::npos)
                out.settings.emplace_back(unquote(rest.substr(0, equals)), unquote(rest.substr(equals + 1)));
        }
    }
}

std::optional<BuildInfo> read_build_info(const std::vector<DataRange>& ranges, bool wide, const AtAddress& at_address) {
    for (const DataRange& range : ranges) {
        auto at = find_blob(range.bytes, range.address);
        if (!at) continue;
        BuildInfo info;
        info.file_offset = range.bytes.file_offset(*at);
        std::uint8_t pointer_size = static_cast<std::uint8_t>(range.bytes.data()[*at + 14]);
        std::uint8_t flags = static_cast<std::uint8_t>(range.bytes.data()[*at + 15]);
        std::string modules;
        if ((flags & flag_inline_strings) != 0) {
            Reader reader(range.bytes.from(*at + header_size), Endian::little, "Go build information");
            info.version = inline_string(reader);
            modules = inline_string(reader);
        } else {
            Endian order = (flags & flag_big_endian) != 0 ? Endian::big : Endian::little;
            bool wide_pointers = pointer_size == 8 || (pointer_size != 4 && wide);
            Reader reader(range.bytes.from(*at + 16), order, "Go build information");
            std::uint64_t version_at = reader.word(wide_pointers);
            std::uint64_t modules_at = reader.word(wide_pointers);
            if (!reader.ok()) continue;
            info.version = go_string(version_at, wide_pointers, order, at_address);
            modules = go_string(modules_at, wide_pointers, order, at_address);
        }
        if (info.version.empty()) continue;
        if (modules.size() >= 2 * sentinel + 1 && modules[modules.size() - sentinel - 1] == '\n') {
            parse_module_text(std::string_view(modules).substr(sentinel, modules.size() - 2 * sentinel), info);
        }
        return info;
    }
    return std::nullopt;
}

std::optional<BuildInfo> read_build_info(const Memory& memory) {
    std::vector<DataRange> writable;
    for (const MemoryRange& range : memory.ranges()) {
        if (range.writable) writable.push_back({range.bytes, range.address});
    }
    return read_build_info(writable, memory.word() == 8, [&](std::uint64_t address) { return memory.at(address); });
}

}  // namespace abiscope::golang
