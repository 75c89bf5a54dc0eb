#include "golang/release_data.h"

#include <array>
#include <charconv>

#include "golang/data_files.h"

namespace abiscope::golang {

namespace {

std::string_view table(std::string_view name) {
    for (const DataFile& file : data_files()) {
        if (file.name == name) return file.text;
    }
    return {};
}

// What stands before `end`, which is taken off too.
std::string_view take(std::string_view& text, char end) {
    std::size_t at = text.find(end);
    std::string_view out = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return out;
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::uint64_t minor_of(std::string_view release) { return number(release.substr(std::min<std::size_t>(2, release.size()))); }

// "1.16-1.18,1.20"
bool holds(std::string_view releases, Release wanted) {
    while (!releases.empty()) {
        std::string_view range = take(releases, ',');
        std::uint64_t first = minor_of(take(range, '-'));
        std::uint64_t last = range.empty() ? first : minor_of(range);
        if (first <= wanted.minor && wanted.minor <= last) return true;
    }
    return false;
}

// Byte order moves no field.
struct Architecture {
    std::string_view name;
    std::string_view described_as;
    unsigned word;
};
constexpr auto architectures = std::to_array<Architecture>({
    {"386", "386", 4},
    {"amd64", "amd64", 8},
    {"arm", "arm", 4},
    {"arm64", "arm64", 8},
    {"loong64", "loong64", 8},
    {"mips", "mipsle", 4},
    {"mips64", "mips64le", 8},
    {"mips64le", "mips64le", 8},
    {"mipsle", "mipsle", 4},
    {"ppc64", "ppc64le", 8},
    {"ppc64le", "ppc64le", 8},
    {"riscv64", "riscv64", 8},
    {"s390x", "s390x", 8},
});

// "all", "64", "386,64", "arm"
bool holds(std::string_view list, std::string_view architecture, unsigned word) {
    while (!list.empty()) {
        std::string_view one = take(list, ',');
        if (one == "all" || (one == "64" && word == 8) || (one == "32" && word == 4) || (!architecture.empty() && one == architecture))
            return true;
    }
    return false;
}

std::optional<StructLayout> find_layout(std::string_view type, Release release, std::string_view architecture, unsigned word) {
    std::string_view text = table("structs");
    while (!text.empty()) {
        std::string_view line = take(text, '\n');
        if (!line.starts_with(type) || line.size() == type.size() || line[type.size()] != '\t') continue;
        line.remove_prefix(type.size() + 1);
        if (!holds(take(line, '\t'), release) || !holds(take(line, '\t'), architecture, word)) continue;
        std::uint64_t size = number(take(line, '\t'));
        return StructLayout(size, line);
    }
    return std::nullopt;
}

struct NameRow {
    std::uint64_t value;
    std::string_view name;
};

template <typename Wanted>
std::optional<NameRow> find_row(NameKind kind, Release release, Wanted wanted) {
    constexpr std::string_view kinds[] = {"wait_reason", "goroutine_status", "function_id"};
    std::string_view text = table("names");
    while (!text.empty()) {
        std::string_view line = take(text, '\n');
        if (take(line, '\t') != kinds[static_cast<std::size_t>(kind)] || !holds(take(line, '\t'), release)) continue;
        std::uint64_t value = number(take(line, '\t'));
        if (wanted(NameRow{value, line})) return NameRow{value, line};
    }
    return std::nullopt;
}

}  // namespace

std::optional<FieldPlace> StructLayout::field(std::string_view name) const {
    std::string_view rest = fields_;
    while (!rest.empty()) {
        std::string_view one = take(rest, ' ');
        if (take(one, ':') != name) continue;
        std::uint64_t offset = number(take(one, ':'));
        return FieldPlace{offset, number(one)};
    }
    return std::nullopt;
}

std::optional<StructLayout> struct_layout(std::string_view type, Release release, std::string_view architecture) {
    for (const Architecture& known : architectures) {
        if (known.name == architecture) return find_layout(type, release, known.described_as, known.word);
    }
    return std::nullopt;
}

std::optional<StructLayout> struct_layout(std::string_view type, Release release, unsigned word) {
    return find_layout(type, release, {}, word);
}

std::optional<std::string_view> name_of(NameKind kind, Release release, std::uint64_t value) {
    auto row = find_row(kind, release, [&](const NameRow& one) { return one.value == value; });
    if (!row) return std::nullopt;
    return row->name;
}

std::optional<std::uint64_t> value_of(NameKind kind, Release release, std::string_view name) {
    auto row = find_row(kind, release, [&](const NameRow& one) { return one.name == name; });
    if (!row) return std::nullopt;
    return row->value;
}

}  // namespace abiscope::golang
