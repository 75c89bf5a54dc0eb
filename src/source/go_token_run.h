// Questions to the tokens of a Go file by their number; past the end there is nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "source/go_lexer.h"

namespace abiscope::source {

class GoTokenRun {
public:
    explicit GoTokenRun(const std::vector<GoToken>& tokens) : tokens_(tokens) {}

    [[nodiscard]] std::size_t size() const { return tokens_.size(); }
    [[nodiscard]] std::string_view text(std::size_t i) const { return tokens_[i].text; }
    [[nodiscard]] std::uint32_t line(std::size_t i) const { return tokens_[i].line; }
    [[nodiscard]] GoTokenKind kind(std::size_t i) const { return i < tokens_.size() ? tokens_[i].kind : GoTokenKind::end; }
    [[nodiscard]] bool symbol(std::size_t i, std::string_view text) const { return is(i, GoTokenKind::symbol, text); }
    [[nodiscard]] bool keyword(std::size_t i, std::string_view text) const { return is(i, GoTokenKind::keyword, text); }
    [[nodiscard]] bool name(std::size_t i) const { return kind(i) == GoTokenKind::name; }
    [[nodiscard]] bool opens(std::size_t i) const { return symbol(i, "(") || symbol(i, "[") || symbol(i, "{"); }
    [[nodiscard]] bool closes(std::size_t i) const { return symbol(i, ")") || symbol(i, "]") || symbol(i, "}"); }

    // Behind the bracket that closes the one at `i`.
    [[nodiscard]] std::size_t behind(std::size_t i) const {
        std::size_t depth = 0;
        for (; i < tokens_.size(); ++i) {
            if (opens(i)) ++depth;
            if (closes(i) && --depth == 0) return i + 1;
        }
        return tokens_.size();
    }

private:
    [[nodiscard]] bool is(std::size_t i, GoTokenKind kind, std::string_view text) const {
        return i < tokens_.size() && tokens_[i].kind == kind && tokens_[i].text == text;
    }

    const std::vector<GoToken>& tokens_;
};

}  // namespace abiscope::source
