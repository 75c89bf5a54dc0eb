#include "source/go_lexer.h"

#include <algorithm>
#include <array>

namespace abiscope::source {

namespace {

constexpr std::string_view keywords[] = {"break", "case",   "chan",   "const",  "continue", "default", "defer",     "else", "fallthrough",
                                         "for",   "func",   "go",     "goto",   "if",       "import",  "interface", "map",  "package",
                                         "range", "return", "select", "struct", "switch",   "type",    "var"};

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool digit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    GoTokens run() {
        while (at_ < text_.size()) step();
        end_line();
        add(GoTokenKind::end, {});
        return std::move(out_);
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void add(GoTokenKind kind, std::string_view text) { out_.tokens.push_back({kind, text, line_}); }

    // A line that ends behind a name, a literal, one of these keywords or a closing bracket ends a statement.
    void end_line() {
        if (out_.tokens.empty()) return;
        const GoToken& last = out_.tokens.back();
        constexpr std::string_view closing[] = {"break", "continue", "fallthrough", "return", "++", "--", ")", "]", "}"};
        bool ends = last.kind == GoTokenKind::name || last.kind == GoTokenKind::number || last.kind == GoTokenKind::text ||
            last.kind == GoTokenKind::character || std::ranges::find(closing, last.text) != std::end(closing);
        if (ends) add(GoTokenKind::symbol, ";");
    }

    void step() {
        char c = peek();
        if (c == '\n') {
            end_line();
            ++line_;
            ++at_;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (c == '/' && peek(1) == '/') {
            line_comment();
        } else if (c == '/' && peek(1) == '*') {
            block_comment();
        } else if (letter(c)) {
            word();
        } else if (digit(c) || (c == '.' && digit(peek(1)))) {
            number();
        } else if (c == '"' || c == '\'') {
            quoted(c);
        } else if (c == '`') {
            raw();
        } else {
            symbol();
        }
    }

    void line_comment() {
        std::size_t end = std::min(text_.find('\n', at_), text_.size());
        std::string_view comment = text_.substr(at_ + 2, end - at_ - 2);
        if (out_.tokens.empty() && comment.starts_with("go:build ")) out_.directives.push_back(comment);
        at_ = end;
    }

    void block_comment() {
        std::size_t end = text_.find("*/", at_ + 2);
        end = end == std::string_view::npos ? text_.size() : end + 2;
        auto lines = std::ranges::count(text_.substr(at_, end - at_), '\n');
        if (lines != 0) end_line();
        line_ += static_cast<std::uint32_t>(lines);
        at_ = end;
    }

    void word() {
        std::size_t start = at_;
        while (at_ < text_.size() && (letter(peek()) || digit(peek()))) ++at_;
        std::string_view text = text_.substr(start, at_ - start);
        add(std::ranges::binary_search(keywords, text) ? GoTokenKind::keyword : GoTokenKind::name, text);
    }

    void number() {
        std::size_t start = at_;
        while (at_ < text_.size() && (letter(peek()) || digit(peek()) || peek() == '.')) ++at_;
        add(GoTokenKind::number, text_.substr(start, at_ - start));
    }

    void quoted(char quote) {
        std::size_t start = at_++;
        while (at_ < text_.size() && peek() != quote && peek() != '\n') at_ += peek() == '\\' ? 2 : 1;
        at_ = std::min(at_ + (peek() == quote ? 1 : 0), text_.size());
        add(quote == '"' ? GoTokenKind::text : GoTokenKind::character, text_.substr(start, at_ - start));
    }

    void raw() {
        std::size_t end = text_.find('`', at_ + 1);
        end = end == std::string_view::npos ? text_.size() : end + 1;
        std::string_view text = text_.substr(at_, end - at_);
        add(GoTokenKind::text, text);
        line_ += static_cast<std::uint32_t>(std::ranges::count(text, '\n'));
        at_ = end;
    }

    void symbol() {
        constexpr std::string_view longer[] = {"...", "<<=", ">>=", "&^=", "<<", ">>", "&^", "<-", "++", "--", "==", "!=", "<=",
                                               ">=",  ":=",  "&&",  "||",  "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^="};
        std::string_view rest = text_.substr(at_);
        for (std::string_view known : longer) {
            if (!rest.starts_with(known)) continue;
            at_ += known.size();
            add(GoTokenKind::symbol, rest.substr(0, known.size()));
            return;
        }
        ++at_;
        add(GoTokenKind::symbol, rest.substr(0, 1));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    GoTokens out_;
};

}  // namespace

GoTokens go_tokens(std::string_view text) { return Lexer(text).run(); }

}  // namespace abiscope::source
