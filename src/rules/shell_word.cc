#include "rules/shell_word.h"

#include <algorithm>
#include <cctype>

namespace abiscope::rules {

std::string shell_word(std::string_view text) {
    auto plain = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
    std::string out = "'";
    for (char c : text) {
        if (c == '\'') out += R"('\'')";
        else out += c;
    }
    return out + "'";
}

}  // namespace abiscope::rules
