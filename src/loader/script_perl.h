// perl's own reading of a #! line: once as its first argument, and again as the first line of the script, where fewer options are allowed.
#pragma once

#include <string>
#include <string_view>

namespace abiscope::loader {

struct PerlAnswer {
    enum class Kind : std::uint8_t { read, refused, unknown } kind = Kind::read;
    std::string text;              // refused: what it says; empty: not known
    std::string_view option;       // what it was about
};

// `argument` begins with `-`. Heard of perl 5.36.
[[nodiscard]] PerlAnswer read_by_perl(std::string_view argument, std::string_view script);

}  // namespace abiscope::loader
