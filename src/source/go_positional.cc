#include "source/go_positional.h"

#include <algorithm>
#include <set>
#include <utility>

namespace abiscope::source {

namespace {

using Names = std::set<std::string_view>;

// Names of types within types: `type List []T` makes an element `{1, 2}` of a List one of T.
std::map<std::string_view, Names> names_within(const std::vector<GoFile>& files) {
    std::map<std::string_view, Names> out;
    for (const GoFile& file : files) {
        for (const GoTypeDeclaration& declaration : file.declarations) {
            const GoType& type = file.types[declaration.type];
            if (type.kind == GoTypeKind::structure) continue;
            Names& names = out[declaration.name];
            for (const GoToken& token : go_tokens(type.text).tokens) {
                if (token.kind == GoTokenKind::name) names.insert(token.text);
            }
        }
    }
    return out;
}

class Walker {
public:
    Walker(const GoFile& file, std::size_t number, const std::map<std::string_view, Names>& within,
           std::map<std::string_view, GoLiteral>& out)
        : tokens_(file.lexed.tokens), number_(number), within_(within), out_(out), block_(tokens_.size()) {}

    void run() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (keyword(i, "func")) mark_body(i);
            if (keyword(i, "if") || keyword(i, "for") || keyword(i, "switch") || keyword(i, "select")) mark_header(i + 1);
        }
        for (std::size_t i = 1; i < tokens_.size(); ++i) {
            if (symbol(i, "{") && !block_[i]) literal(i);
        }
    }

private:
    [[nodiscard]] bool symbol(std::size_t i, std::string_view text) const {
        return i < tokens_.size() && tokens_[i].kind == GoTokenKind::symbol && tokens_[i].text == text;
    }
    [[nodiscard]] bool keyword(std::size_t i, std::string_view text) const {
        return i < tokens_.size() && tokens_[i].kind == GoTokenKind::keyword && tokens_[i].text == text;
    }
    [[nodiscard]] bool name(std::size_t i) const { return i < tokens_.size() && tokens_[i].kind == GoTokenKind::name; }
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

    // `func (t T) Name[P any](a int) T {`: the brace that opens a body stands behind a type, too.
    void mark_body(std::size_t i) {
        ++i;
        if (symbol(i, "(")) i = behind(i);
        if (name(i)) {
            ++i;
            if (symbol(i, "[")) i = behind(i);
            if (symbol(i, "(")) i = behind(i);
        }
        while (i < tokens_.size()) {
            if (symbol(i, "{")) {
                block_[i] = true;
                return;
            }
            if (symbol(i, "(") || symbol(i, "[")) {
                i = behind(i);
            } else if (keyword(i, "struct") || keyword(i, "interface")) {
                i = symbol(i + 1, "{") ? behind(i + 1) : i + 1;
            } else if (name(i) || symbol(i, ".") || symbol(i, "*") || symbol(i, "<-") || keyword(i, "map") || keyword(i, "chan") ||
                       keyword(i, "func")) {
                ++i;
            } else {
                return;
            }
        }
    }

    // Between `if` and its block a brace behind a lone name opens the block (Composite literals: the parsing ambiguity).
    void mark_header(std::size_t i) {
        while (i < tokens_.size()) {
            if (symbol(i, "{")) {
                bool literal_type = i > 1 && name(i - 1) && (symbol(i - 2, "]") || (symbol(i - 2, "*") && symbol(i - 3, "]")));
                bool inner_type = keyword(i - 1, "struct") || keyword(i - 1, "interface") || symbol(i - 1, "}");
                if (!literal_type && !inner_type && !block_[i]) {
                    block_[i] = true;
                    return;
                }
                i = behind(i);
            } else if (symbol(i, "(") || symbol(i, "[")) {
                i = behind(i);
            } else {
                ++i;
            }
        }
    }

    // Behind a brace: what gives a struct's members by position?
    [[nodiscard]] bool positional(std::size_t brace) const {
        std::size_t first = brace + 1;
        if (symbol(first, "}") || symbol(first, "{")) return false;
        return !(name(first) && symbol(first + 1, ":"));
    }

    void literal(std::size_t brace) {
        // An element without a type of its own belongs to the literal around it.
        if (symbol(brace - 1, "{") || symbol(brace - 1, ",") || symbol(brace - 1, ":") || keyword(brace - 1, "struct") ||
            keyword(brace - 1, "interface"))
            return;
        std::size_t begin = brace;
        while (begin > 0 && of_type(begin - 1)) --begin;
        if (begin == brace) return;
        bool lone = begin + 1 == brace;
        Names types;
        for (std::size_t i = begin; i < brace; ++i) {
            if (name(i)) add(types, tokens_[i].text);
        }
        if (lone && positional(brace)) note(tokens_[begin].text, brace);
        std::size_t end = behind(brace);
        for (std::size_t i = brace + 1; i < end; ++i) {
            bool element = symbol(i, "{") && (symbol(i - 1, "{") || symbol(i - 1, ",") || symbol(i - 1, ":"));
            if (!element || !positional(i)) continue;
            for (std::string_view type : types) note(type, i);
        }
    }
    [[nodiscard]] bool of_type(std::size_t i) const {
        return name(i) || tokens_[i].kind == GoTokenKind::number || symbol(i, "*") || symbol(i, "[") || symbol(i, "]") || symbol(i, ".") ||
            symbol(i, "...") || keyword(i, "map");
    }

    void add(Names& types, std::string_view type) const {
        if (!types.insert(type).second) return;
        auto at = within_.find(type);
        if (at == within_.end()) return;
        for (std::string_view inner : at->second) add(types, inner);
    }
    void note(std::string_view type, std::size_t token) { out_.try_emplace(type, GoLiteral{number_, tokens_[token].line}); }

    const std::vector<GoToken>& tokens_;
    std::size_t number_;
    const std::map<std::string_view, Names>& within_;
    std::map<std::string_view, GoLiteral>& out_;
    std::vector<bool> block_;   // the braces that open one
};

}  // namespace

std::map<std::string_view, GoLiteral> positional_literals(const std::vector<GoFile>& files) {
    std::map<std::string_view, GoLiteral> out;
    auto within = names_within(files);
    for (std::size_t i = 0; i < files.size(); ++i) Walker(files[i], i, within, out).run();
    return out;
}

}  // namespace abiscope::source
