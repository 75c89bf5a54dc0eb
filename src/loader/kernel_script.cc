#include "loader/kernel_script.h"

#include <array>
#include <string_view>

#include "loader/kernel_decision.h"
#include "loader/kernel_elf.h"

namespace abiscope::loader {

namespace {

// Linux 5.1 doubled BINPRM_BUF_SIZE from 128 and stopped cutting names short; before, a long line was cut wherever the buffer ended.
const Version reads_long_lines{5, 1};
constexpr std::size_t old_buffer_size = 128;

constexpr std::string_view blanks{" \t"};
constexpr std::string_view terminators{" \t\0", 3};

}  // namespace

HashBang read_hash_bang(View file, const target::Kernel& kernel) {
    ExecBuffer buffer = exec_buffer(file);
    std::string_view text = View(buffer, 0).as_text();
    HashBang found;
    if (!text.starts_with("#!")) return found;
    auto stop = [](HashBang::Kind kind) { return HashBang{.kind = kind, .interpreter = {}, .argument = {}, .offset = 0}; };
    // strnchr(): a NUL ends the search for the newline.
    std::size_t newline = text.find_first_of(std::string_view("\n\0", 2));
    bool whole_line = newline != std::string_view::npos && text[newline] == '\n';
    if (!kernel.version.empty() && kernel.version < reads_long_lines && (!whole_line || newline >= old_buffer_size - 1) &&
        file.size() >= old_buffer_size) {
        return stop(HashBang::Kind::unknown);
    }
    std::size_t end = whole_line ? newline : text.size() - 1;
    if (!whole_line) {
        std::size_t name = text.find_first_not_of(blanks, 2);
        if (name == std::string_view::npos) return stop(HashBang::Kind::no_name);
        if (text.find_first_of(terminators, name) == std::string_view::npos) return stop(HashBang::Kind::cut_off);
    }
    while (blanks.contains(text[end - 1])) --end;
    std::size_t name = text.find_first_not_of(blanks, 2);
    if (name >= end) return stop(HashBang::Kind::no_name);

    std::string_view line = text.substr(0, end);
    std::size_t separator = line.find_first_of(terminators, name);
    if (separator == std::string_view::npos) separator = end;
    found.kind = HashBang::Kind::interpreter;
    found.offset = file.file_offset(name);
    found.interpreter = line.substr(name, separator - name);
    if (separator < end && line[separator] != '\0') {
        std::string_view rest = line.substr(line.find_first_not_of(blanks, separator));
        found.argument = rest.substr(0, rest.find('\0'));
    }
    return found;
}

}  // namespace abiscope::loader
