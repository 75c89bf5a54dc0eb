// Tokens of Go, with the semicolons its lexer puts at the ends of lines (The Go Programming Language Specification, Lexical elements).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::source {

enum class GoTokenKind : std::uint8_t { end, name, keyword, number, text, character, symbol };

struct GoToken {
    GoTokenKind kind = GoTokenKind::end;
    std::string_view text;      // as written; ";" for one that the end of a line makes
    std::uint32_t line = 0;     // from 1
};

struct GoTokens {
    std::vector<GoToken> tokens;               // the last one is `end`
    std::vector<std::string_view> directives;  // //go:build lines in front of the package clause, without the slashes
};

// Total: what is no token of Go becomes a symbol of one byte, an unfinished literal or comment ends with the text. Views point into `text`.
[[nodiscard]] GoTokens go_tokens(std::string_view text);

}  // namespace abiscope::source
