#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "source/go_syntax.h"

namespace abiscope::source {

namespace {

constexpr unsigned deepest = 100;

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) { file_.lexed = go_tokens(text); }

    Result<GoFile> run() {
        if (word("package")) {
            next();
            file_.package = take().text;
            skip_semicolons();
        }
        while (!at_end()) {
            ABISCOPE_CHECK(top_level());
            skip_semicolons();
        }
        return std::move(file_);
    }

private:
    [[nodiscard]] const GoToken& peek(std::size_t ahead = 0) const {
        const std::vector<GoToken>& all = file_.lexed.tokens;
        return all[std::min(at_ + ahead, all.size() - 1)];
    }
    GoToken take() {
        GoToken token = peek();
        next();
        return token;
    }
    void next() {
        if (at_ + 1 < file_.lexed.tokens.size()) ++at_;
    }
    [[nodiscard]] bool at_end() const { return peek().kind == GoTokenKind::end; }
    [[nodiscard]] bool symbol(std::string_view text, std::size_t ahead = 0) const {
        return peek(ahead).kind == GoTokenKind::symbol && peek(ahead).text == text;
    }
    [[nodiscard]] bool word(std::string_view text) const { return peek().kind == GoTokenKind::keyword && peek().text == text; }
    [[nodiscard]] bool name(std::size_t ahead = 0) const { return peek(ahead).kind == GoTokenKind::name; }
    bool accept(std::string_view text) {
        bool found = symbol(text);
        if (found) next();
        return found;
    }
    void skip_semicolons() {
        while (accept(";")) {}
    }

    [[nodiscard]] std::unexpected<Error> wrong(std::string_view wanted) const {
        std::string had = at_end() ? std::string("the end") : fmt::format("`{}`", text::printable(peek().text));
        return fail(ErrorCode::bad_value, fmt::format("line {}: {} where {} was expected", peek().line, had, wanted));
    }
    Result<void> expect(std::string_view text) {
        if (!accept(text)) return wrong(fmt::format("`{}`", text));
        return {};
    }

    // Behind the bracket that closes the one at hand.
    [[nodiscard]] std::size_t behind_brackets(std::size_t from) const {
        std::size_t open = 0;
        for (std::size_t at = from; at < file_.lexed.tokens.size(); ++at) {
            const GoToken& token = file_.lexed.tokens[at];
            if (token.kind != GoTokenKind::symbol) continue;
            if (token.text == "(" || token.text == "[" || token.text == "{") ++open;
            if ((token.text == ")" || token.text == "]" || token.text == "}") && --open == 0) return at + 1;
        }
        return file_.lexed.tokens.size() - 1;
    }
    void skip_brackets() { at_ = behind_brackets(at_); }

    Result<void> top_level() {
        if (word("import")) return group(&Parser::import_line);
        if (word("type")) return group(&Parser::type_line);
        if (word("const")) {
            previous_.reset();
            iota_ = 0;
            return group(&Parser::constant_line);
        }
        if (word("var")) return group(&Parser::variable_line);
        if (word("func")) return function();
        return wrong("a declaration");
    }

    // `type (...)` and `type ...`: one line, or several in brackets.
    Result<void> group(Result<void> (Parser::*line)()) {
        next();
        if (!accept("(")) return (this->*line)();
        skip_semicolons();
        while (!symbol(")")) {
            if (at_end()) return wrong("`)`");
            ABISCOPE_CHECK((this->*line)());
            if (!symbol(")")) ABISCOPE_CHECK(expect(";"));
            skip_semicolons();
        }
        next();
        return {};
    }

    Result<void> import_line() {
        std::string_view name;
        if (peek().kind == GoTokenKind::name || symbol(".")) name = take().text;
        if (peek().kind != GoTokenKind::text) return wrong("an import path");
        std::string_view path = take().text;
        if (path.size() >= 2) path = path.substr(1, path.size() - 2);
        file_.imports[name.empty() ? path.substr(path.rfind('/') + 1) : name] = path;
        return {};
    }

    // To the end of the statement, brackets passed over whole.
    void skip_statement() {
        while (!at_end() && !symbol(";") && !symbol(")")) {
            if (symbol("(") || symbol("[") || symbol("{")) skip_brackets();
            else next();
        }
    }
    Result<void> variable_line() {
        skip_statement();
        return {};
    }

    Result<void> constant_line() {
        std::vector<std::string_view> names;
        do {
            if (!name()) return wrong("a name");
            names.push_back(take().text);
        } while (accept(","));
        if (!symbol("=") && !symbol(";") && !symbol(")")) ABISCOPE_CHECK(type(0));
        if (accept("=")) {
            std::size_t start = at_;
            previous_ = split(start);
        }
        for (std::size_t i = 0; i < names.size(); ++i) {
            GoConstant constant{.name = names[i], .value = std::nullopt, .iota = iota_};
            if (previous_ && i < previous_->size()) constant.value = (*previous_)[i];
            file_.constants.push_back(constant);
        }
        ++iota_;
        return {};
    }
    // The expressions of a list, to the end of the statement.
    std::vector<GoExpression> split(std::size_t start) {
        std::vector<GoExpression> out;
        while (!at_end() && !symbol(";") && !symbol(")")) {
            if (symbol("(") || symbol("[") || symbol("{")) {
                skip_brackets();
                continue;
            }
            if (symbol(",")) {
                out.push_back({start, at_});
                start = at_ + 1;
            }
            next();
        }
        out.push_back({start, at_});
        return out;
    }

    Result<void> type_line() {
        if (!name()) return wrong("the name of a type");
        GoTypeDeclaration made{.line = peek().line};
        made.name = take().text;
        // `[P any]` are parameters, `[N]int` and `[]int` an array and a slice.
        bool parameters = symbol("[") && name(1) && !symbol("]", 2) && peek(2).kind != GoTokenKind::number &&
            (peek(2).kind != GoTokenKind::symbol || symbol(",", 2) || symbol("~", 2) || symbol("[", 2) || symbol("(", 2));
        if (parameters) {
            ABISCOPE_TRY(made.parameters, type_parameters());
        }
        made.alias = accept("=");
        ABISCOPE_TRY(made.type, type(0));
        file_.declarations.push_back(std::move(made));
        return {};
    }

    // `[P, Q any, R interface{ ~int }]`: the names.
    Result<std::vector<std::string_view>> type_parameters() {
        std::vector<std::string_view> names;
        std::size_t end = behind_brackets(at_);
        next();
        while (at_ + 1 < end) {
            if (!name()) return wrong("a type parameter");
            names.push_back(take().text);
            if (accept(",")) continue;
            while (at_ + 1 < end && !symbol(",")) {
                if (symbol("(") || symbol("[") || symbol("{")) skip_brackets();
                else next();
            }
            accept(",");
        }
        at_ = end;
        return names;
    }

    GoTypeIndex add(GoType made) {
        file_.types.push_back(std::move(made));
        return static_cast<GoTypeIndex>(file_.types.size() - 1);
    }
    [[nodiscard]] std::string_view text_from(std::size_t start) const {
        const std::vector<GoToken>& all = file_.lexed.tokens;
        if (at_ <= start) return {};
        // Both lie in the text of the file.
        const char* first = all[start].text.data();
        const GoToken& last = all[at_ - 1];
        return {first, static_cast<std::size_t>(last.text.data() + last.text.size() - first)};
    }

    Result<GoTypeIndex> type(unsigned depth) {
        if (depth > deepest) return fail(ErrorCode::limit_reached, fmt::format("line {}: types are nested too deeply", peek().line));
        std::size_t start = at_;
        GoType made;
        if (symbol("(")) {
            next();
            ABISCOPE_TRY(GoTypeIndex inner, type(depth + 1));
            ABISCOPE_CHECK(expect(")"));
            return inner;
        }
        if (accept("*")) {
            made.kind = GoTypeKind::pointer;
            ABISCOPE_TRY(made.element, type(depth + 1));
        } else if (symbol("[")) {
            ABISCOPE_CHECK(array(made, depth));
        } else if (word("map")) {
            next();
            made.kind = GoTypeKind::map;
            ABISCOPE_CHECK(expect("["));
            ABISCOPE_TRY(made.key, type(depth + 1));
            ABISCOPE_CHECK(expect("]"));
            ABISCOPE_TRY(made.element, type(depth + 1));
        } else if (word("chan") || symbol("<-")) {
            accept("<-");
            if (!word("chan")) return wrong("`chan`");
            next();
            accept("<-");
            made.kind = GoTypeKind::channel;
            ABISCOPE_TRY(made.element, type(depth + 1));
        } else if (word("func")) {
            next();
            made.kind = GoTypeKind::function;
            GoFunction ignored;
            ABISCOPE_CHECK(signature(ignored, depth + 1));
        } else if (word("interface")) {
            next();
            made.kind = GoTypeKind::interface_;
            if (!symbol("{")) return wrong("`{`");
            skip_brackets();
        } else if (word("struct")) {
            ABISCOPE_CHECK(structure(made, depth));
        } else if (name()) {
            ABISCOPE_CHECK(named(made, depth));
        } else {
            return wrong("a type");
        }
        made.text = text_from(start);
        return add(std::move(made));
    }

    Result<void> array(GoType& made, unsigned depth) {
        std::size_t end = behind_brackets(at_);
        next();
        if (accept("]")) {
            made.kind = GoTypeKind::slice;
        } else {
            made.kind = GoTypeKind::array;
            made.length = {at_, end - 1};
            at_ = end;
        }
        ABISCOPE_TRY(made.element, type(depth + 1));
        return {};
    }

    Result<void> named(GoType& made, unsigned depth) {
        made.name = take().text;
        if (symbol(".") && name(1)) {
            next();
            made.package = std::exchange(made.name, take().text);
        }
        if (!symbol("[") || symbol("]", 1)) return {};
        next();
        do {
            if (symbol("]")) break;
            ABISCOPE_TRY(GoTypeIndex argument, type(depth + 1));
            made.arguments.push_back(argument);
        } while (accept(","));
        return expect("]");
    }

    Result<void> structure(GoType& made, unsigned depth) {
        next();
        made.kind = GoTypeKind::structure;
        ABISCOPE_CHECK(expect("{"));
        made.body_begin = end_of(at_ - 1);
        skip_semicolons();
        while (!symbol("}")) {
            if (at_end()) return wrong("`}`");
            std::size_t first = made.fields.size(), start = at_;
            ABISCOPE_CHECK(field_line(made.fields, depth));
            if (peek().kind == GoTokenKind::text) next();   // the tag
            for (std::size_t i = first; i < made.fields.size(); ++i) {
                made.fields[i].begin = begin_of(start);
                made.fields[i].end = end_of(at_ - 1);
            }
            if (!symbol("}")) ABISCOPE_CHECK(expect(";"));
            skip_semicolons();
        }
        made.body_end = begin_of(at_);
        next();
        return {};
    }

    // Of a token that stands in the text.
    [[nodiscard]] std::size_t begin_of(std::size_t token) const {
        return static_cast<std::size_t>(file_.lexed.tokens[token].text.data() - text_.data());
    }
    [[nodiscard]] std::size_t end_of(std::size_t token) const { return begin_of(token) + file_.lexed.tokens[token].text.size(); }

    [[nodiscard]] bool ends_field(std::size_t index) const {
        const GoToken& token = file_.lexed.tokens[std::min(index, file_.lexed.tokens.size() - 1)];
        return token.kind == GoTokenKind::text || token.kind == GoTokenKind::end ||
            (token.kind == GoTokenKind::symbol && (token.text == ";" || token.text == "}" || token.text == "," || token.text == ")"));
    }
    // A name that is a type of its own, and not the name of what follows: `T`, `pkg.T`, `T[int]`.
    [[nodiscard]] bool lone_type() const {
        if (!name()) return true;
        if (symbol(".", 1) || ends_field(at_ + 1)) return true;
        return symbol("[", 1) && !symbol("]", 2) && ends_field(behind_brackets(at_ + 1));
    }

    Result<void> field_line(std::vector<GoField>& fields, unsigned depth) {
        bool several = name() && symbol(",", 1);
        if (!several && lone_type()) {
            if (!name() && !symbol("*") && !symbol("(")) return wrong("a field");
            ABISCOPE_TRY(GoTypeIndex embedded, type(depth + 1));
            GoTypeIndex base = file_.types[embedded].kind == GoTypeKind::pointer ? file_.types[embedded].element : embedded;
            fields.push_back({.name = file_.types[base].name, .type = embedded, .embedded = true});
            return {};
        }
        std::vector<std::string_view> names;
        do {
            if (!name()) return wrong("the name of a field");
            names.push_back(take().text);
        } while (accept(","));
        ABISCOPE_TRY(GoTypeIndex of, type(depth + 1));
        for (std::string_view one : names) fields.push_back({.name = one, .type = of});
        return {};
    }

    // `(int, string)`, `(a, b int, c ...string)`: names are known for names by the entry behind them that has both.
    Result<std::vector<GoField>> parameters(unsigned depth) {
        ABISCOPE_CHECK(expect("("));
        std::vector<GoField> out;
        bool named_ones = false;
        while (!symbol(")")) {
            if (at_end()) return wrong("`)`");
            GoField field;
            if (!symbol("...") && !lone_type()) {
                field.name = take().text;
                named_ones = true;
            }
            std::size_t start = at_;
            bool rest = accept("...");
            ABISCOPE_TRY(field.type, type(depth + 1));
            if (rest) field.type = add({.kind = GoTypeKind::slice, .element = field.type, .text = text_from(start)});
            out.push_back(field);
            if (!accept(",")) break;
        }
        ABISCOPE_CHECK(expect(")"));
        if (!named_ones) return out;
        GoTypeIndex type_behind = 0;
        for (auto field = out.rbegin(); field != out.rend(); ++field) {
            if (field->name.empty()) {
                field->name = file_.types[field->type].name;
                field->type = type_behind;
            }
            type_behind = field->type;
        }
        return out;
    }

    Result<void> signature(GoFunction& out, unsigned depth) {
        if (depth > deepest) return fail(ErrorCode::limit_reached, fmt::format("line {}: types are nested too deeply", peek().line));
        ABISCOPE_TRY(out.parameters, parameters(depth));
        if (symbol("(")) {
            ABISCOPE_TRY(out.results, parameters(depth));
        } else if (name() || symbol("*") || symbol("[") || symbol("<-") || word("map") || word("chan") || word("func") ||
                   word("interface") || word("struct")) {
            ABISCOPE_TRY(GoTypeIndex result, type(depth + 1));
            out.results.push_back({.name = {}, .type = result});
        }
        return {};
    }

    Result<void> function() {
        next();
        GoFunction made;
        if (symbol("(")) {
            ABISCOPE_TRY(std::vector<GoField> receiver, parameters(0));
            if (receiver.size() != 1) return wrong("one receiver");
            made.receiver = receiver.front();
        }
        if (!name()) return wrong("the name of a function");
        made.name = take().text;
        made.generic = symbol("[");
        if (made.generic) skip_brackets();
        ABISCOPE_CHECK(signature(made, 0));
        if (symbol("{")) skip_brackets();
        file_.functions.push_back(std::move(made));
        return {};
    }

    std::string_view text_;
    GoFile file_;
    std::size_t at_ = 0;
    std::optional<std::vector<GoExpression>> previous_;
    std::uint64_t iota_ = 0;
};

}  // namespace

Result<GoFile> parse_go(std::string_view text) { return Parser(text).run(); }

}  // namespace abiscope::source
