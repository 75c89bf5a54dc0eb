#include "loader/shell_sample.h"

#include "base/text.h"

namespace abiscope::loader {

namespace {

constexpr std::uint64_t sample_size = 128;

// The release of bash that looks for the magic of ELF, and behind the first line of a #! script.
const Version bash_that_knows_elf{5, 2};
// The release of zsh that takes a file for a script if a line before the first NUL looks like one.
const Version zsh_that_looks_at_lines{5, 9};

std::string_view up_to(std::string_view text, char end) { return text.substr(0, text.find(end)); }

// The well-formed sequence of several bytes at the front, or nothing.
std::string_view utf8_letter(std::string_view text) {
    auto lead = static_cast<unsigned char>(text.front());
    std::size_t length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::string_view letter = text.substr(0, length);
    return letter.size() == length && text::printable(letter) == letter ? letter : std::string_view();
}

}  // namespace

std::string_view shell_sample(View bytes) { return bytes.clamped(0, sample_size).as_text(); }

bool bash_calls_binary(std::string_view sample, const Version& version) {
    bool new_rules = version.empty() || version >= bash_that_knows_elf;
    if (new_rules &&
        sample.starts_with("\x7f"
                           "ELF"))
        return true;
    std::size_t end = sample.find('\n');
    if (new_rules && has_hash_bang(sample) && end != std::string_view::npos) end = sample.find('\n', end + 1);
    return sample.substr(0, end).find('\0') != std::string_view::npos;
}

bool dash_calls_binary(std::string_view sample) { return up_to(sample, '\n').find('\0') != std::string_view::npos; }

bool zsh_calls_binary(std::string_view sample, const Version& version) {
    std::size_t nul = sample.find('\0');
    if (nul == std::string_view::npos) return false;
    if (!version.empty() && version < zsh_that_looks_at_lines) return true;
    bool letter = false;
    for (char c : sample.substr(0, nul)) {
        letter |= (c >= 'a' && c <= 'z') || c == '$' || c == '`';
        if (letter && c == '\n') return false;
    }
    return true;
}

std::string bash_interpreter(std::string_view sample) {
    // bash ends the sample with a NUL, written over its last byte.
    std::string_view line = up_to(up_to(sample.substr(2, sample.size() - 3), '\n'), '\0');
    std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return {};
    line.remove_prefix(start);
    std::string name(line.substr(0, line.find_first_of(" \t")));
    if (name.ends_with('\r')) name.replace(name.size() - 1, 1, "^M");
    return name;
}

std::string zsh_interpreter(std::string_view sample) {
    std::size_t newline = sample.find('\n');
    if (newline == std::string_view::npos) return std::string(up_to(sample.substr(2), '\0'));
    std::string_view line = sample.substr(0, newline);
    line = line.substr(0, line.find_last_not_of(" \t\n") + 1);
    std::size_t start = line.find_first_not_of(' ', 2);
    if (start == std::string_view::npos) return {};
    return std::string(up_to(up_to(line.substr(start), ' '), '\0'));
}

std::string zsh_visible(std::string_view text) {
    constexpr unsigned char del = 0x7f, letter_shift = 0x40, high_bit = 0x80;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        if (std::string_view letter = utf8_letter(text.substr(i)); !letter.empty()) {
            out += letter;
            i += letter.size() - 1;
            continue;
        }
        if (c >= high_bit) out += "\\M-";
        c &= del;
        if (c == '\n') out += "\\n";
        else if (c == '\t') out += "\\t";
        else if (c == del) out += "^?";
        else if (c < ' ') out.append({'^', static_cast<char>(c + letter_shift)});
        else out += static_cast<char>(c);
    }
    return out;
}

}  // namespace abiscope::loader
