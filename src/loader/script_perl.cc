#include "loader/script_perl.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace abiscope::loader {

namespace {

constexpr std::string_view blanks = " \t\r", octal = "01234567", unicode = "0123456789IOEioASDLa";
constexpr std::string_view plain = "acnpstTUwWX", valued = "FIi", last_words = "-\t\r", unemulated = "acnpstTUwWXSf -";

// Modules of every perl that import nothing the other words of the line could change.
constexpr std::array always_there{std::string_view("strict"), std::string_view("warnings"), std::string_view("utf8")};

using Kind = PerlAnswer::Kind;

}  // namespace

// perl.c, S_parse_body() and Perl_moreswitches(); perldiag, "Too late for" and "Can't emulate".
PerlAnswer read_by_perl(std::string_view argument, std::string_view script) {
    auto skip = [&](std::size_t& at, std::string_view what) { at = std::min(argument.find_first_not_of(what, at), argument.size()); };
    auto end_of_word = [&](std::size_t at) { return std::min(argument.find_first_of(blanks, at), argument.size()); };
    std::size_t at = 1;
    while (at < argument.size()) {
        char letter = argument[at];
        std::string_view option = argument.substr(at, 1);
        std::size_t value = ++at;
        if (plain.find(letter) != std::string_view::npos) continue;
        // What stands behind these is not looked at.
        if (last_words.find(letter) != std::string_view::npos) return {Kind::read, {}, option};
        switch (letter) {
            case ' ':
                skip(at, " ");
                if (at == argument.size() || argument[at] != '-') return {Kind::read, {}, option};
                ++at;
                continue;
            case '0':
            case 'l': skip(at, octal); continue;
            case 'C':
                skip(at, unicode);
                if (at == value) return {Kind::unknown, {}, option};
                continue;
            case 'x':
            case 'S':
            case 'f':
                // As an argument all of it was read before, and that may have been enough.
                if (argument.find_first_not_of(unemulated, value) != std::string_view::npos) return {Kind::refused, {}, option};
                return {Kind::refused,
                        letter == 'x' ? "Can't emulate -x on #! line."
                                      : fmt::format("Can't emulate -{} on #! line at {} line 1.", letter, script),
                        option};
            case 'M':
            case 'm': {
                std::string_view module = argument.substr(value);
                if (std::ranges::find(always_there, module) == always_there.end()) return {Kind::refused, {}, option};
                return {Kind::refused, fmt::format("Too late for \"-{}{}\" option at {} line 1.", letter, module, script), option};
            }
            default: break;
        }
        if (valued.find(letter) == std::string_view::npos) return {Kind::unknown, {}, option};
        at = end_of_word(at);
        // Without one, -I takes the script's name for it.
        if (letter == 'I' && at == value) return {Kind::unknown, {}, option};
    }
    return {};
}

}  // namespace abiscope::loader
