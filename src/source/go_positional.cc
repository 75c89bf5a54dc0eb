#include "source/go_positional.h"

#include <set>

#include "source/go_token_run.h"

namespace abiscope::source {

namespace {

using Names = std::set<std::string_view>;

class Walker {
public:
    Walker(const GoFile& file, std::size_t number, const GoTypeNames& names, std::map<std::string_view, GoPlace>& out)
        : tokens_(file.lexed.tokens), number_(number), names_(names), out_(out), block_(tokens_.size()) {}

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
    [[nodiscard]] bool symbol(std::size_t i, std::string_view text) const { return tokens_.symbol(i, text); }
    [[nodiscard]] bool keyword(std::size_t i, std::string_view text) const { return tokens_.keyword(i, text); }
    [[nodiscard]] bool name(std::size_t i) const { return tokens_.name(i); }
    [[nodiscard]] std::size_t behind(std::size_t i) const { return tokens_.behind(i); }

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
        Names types;
        for (std::size_t i = begin; i < brace; ++i) {
            if (!name(i)) continue;
            for (std::string_view type : names_.found_in(tokens_.text(i))) types.insert(type);
        }
        std::size_t lone = lone_type(begin, brace);
        if (lone != brace && positional(brace)) {
            for (std::string_view type : names_.meant_by(tokens_.text(lone))) note(type, brace);
        }
        std::size_t end = behind(brace);
        for (std::size_t i = brace + 1; i < end; ++i) {
            bool element = symbol(i, "{") && (symbol(i - 1, "{") || symbol(i - 1, ",") || symbol(i - 1, ":"));
            if (!element || !positional(i)) continue;
            for (std::string_view type : types) note(type, i);
        }
    }
    // The name in front of a brace whose braces may hold a struct's members: `T{`, `T[int]{`. `brace`: there is none.
    [[nodiscard]] std::size_t lone_type(std::size_t begin, std::size_t brace) const {
        std::size_t last = brace - 1;
        if (symbol(last, "]")) {
            bool instance = name(begin) && symbol(begin + 1, "[") && behind(begin + 1) == brace;
            return instance ? begin : brace;
        }
        if (!name(last) || last == begin) return name(last) ? last : brace;
        // An element's type, another package's, a pointer's within brackets; `a * T{1}.x` is a product.
        bool other = symbol(last - 1, "]") || symbol(last - 1, ".") || (symbol(last - 1, "*") && last - 1 > begin && symbol(last - 2, "]"));
        return other ? brace : last;
    }
    [[nodiscard]] bool of_type(std::size_t i) const {
        return name(i) || tokens_.kind(i) == GoTokenKind::number || symbol(i, "*") || symbol(i, "[") || symbol(i, "]") || symbol(i, ".") ||
            symbol(i, "...") || keyword(i, "map");
    }

    void note(std::string_view type, std::size_t token) { out_.try_emplace(type, GoPlace{number_, tokens_.line(token)}); }

    GoTokenRun tokens_;
    std::size_t number_;
    const GoTypeNames& names_;
    std::map<std::string_view, GoPlace>& out_;
    std::vector<bool> block_;   // the braces that open one
};

}  // namespace

std::map<std::string_view, GoPlace> positional_literals(const std::vector<GoFile>& files, const GoTypeNames& names) {
    std::map<std::string_view, GoPlace> out;
    for (std::size_t i = 0; i < files.size(); ++i) Walker(files[i], i, names, out).run();
    return out;
}

}  // namespace abiscope::source
