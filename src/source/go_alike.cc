#include "source/go_alike.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "source/go_token_run.h"

namespace abiscope::source {

namespace {

constexpr unsigned deepest = 20;   // of aliases of aliases

// What makes two structs the same: names and types of the members in their order. Tags do not count for a conversion.
class Members {
public:
    explicit Members(const std::vector<GoFile>& files) {
        for (const GoFile& file : files) {
            for (const GoTypeDeclaration& declaration : file.declarations) {
                const GoType& type = file.types[declaration.type];
                if (declaration.alias && declaration.parameters.empty()) aliases_.emplace(declaration.name, type.text);
            }
        }
    }

    // Of the struct whose brace is at `brace`.
    [[nodiscard]] std::string of(const GoTokenRun& tokens, std::size_t brace) const {
        std::string out;
        std::size_t end = tokens.behind(brace) - 1;
        for (std::size_t at = brace + 1; at < end;) {
            std::size_t from = at;
            while (at < end && !tokens.symbol(at, ";")) at = tokens.opens(at) ? tokens.behind(at) : at + 1;
            if (at > from) line(tokens, from, std::min(at, end), out);
            ++at;
        }
        return out;
    }

private:
    void line(const GoTokenRun& tokens, std::size_t from, std::size_t to, std::string& out) const {
        if (tokens.kind(to - 1) == GoTokenKind::text) --to;   // the tag
        std::vector<std::string_view> names;
        if (!is_embedded(tokens, from, to)) {
            for (; tokens.name(from) && tokens.symbol(from + 1, ","); from += 2) names.push_back(tokens.text(from));
            names.push_back(tokens.text(from++));
        }
        std::string type;
        for (std::size_t i = from; i < to; ++i) add(tokens.text(i), tokens.kind(i), type, 0);
        if (names.empty()) out += type + ";";
        for (std::string_view name : names) out += std::string(name) + ":" + type + ";";
    }
    // `T`, `*T`, `pkg.T`, `T[int]`.
    static bool is_embedded(const GoTokenRun& tokens, std::size_t from, std::size_t to) {
        if (!tokens.name(from) || from + 1 >= to || tokens.symbol(from + 1, ".")) return true;
        return tokens.symbol(from + 1, "[") && !tokens.symbol(from + 2, "]") && tokens.behind(from + 1) == to;
    }

    void add(std::string_view text, GoTokenKind kind, std::string& out, unsigned depth) const {
        if (kind == GoTokenKind::text) return;
        constexpr std::pair<std::string_view, std::string_view> predeclared[] = {
            {"byte", "uint8 "}, {"rune", "int32 "}, {"any", "interface { } "}};
        if (kind == GoTokenKind::name && depth < deepest) {
            if (auto at = aliases_.find(text); at != aliases_.end()) {
                for (const GoToken& token : go_tokens(at->second).tokens) {
                    if (token.kind != GoTokenKind::end && token.text != ";") add(token.text, token.kind, out, depth + 1);
                }
                return;
            }
            const auto* at = std::ranges::find(predeclared, text, &std::pair<std::string_view, std::string_view>::first);
            if (at != std::end(predeclared)) {
                out += at->second;
                return;
            }
        }
        out += std::string(text) + " ";
    }

    std::map<std::string_view, std::string_view> aliases_;
};

struct Group {
    std::vector<std::string_view> names;
    std::optional<GoPlace> nameless, conversion;
};

bool declares(const GoFile& file, std::string_view name, std::uint32_t line) {
    return std::ranges::any_of(file.declarations, [&](const GoTypeDeclaration& one) {
        return one.name == name && one.line == line && !one.alias && one.parameters.empty();
    });
}

void find_structs(const GoFile& file, std::size_t number, const Members& members, std::map<std::string, Group>& groups) {
    GoTokenRun tokens(file.lexed.tokens);
    std::size_t depth = 0;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        if (tokens.symbol(i, "{")) ++depth;
        if (tokens.symbol(i, "}") && depth != 0) --depth;
        if (!tokens.keyword(i, "struct") || !tokens.symbol(i + 1, "{")) continue;
        Group& group = groups[members.of(tokens, i + 1)];
        bool declared = depth == 0 && tokens.name(i - 1) && declares(file, tokens.text(i - 1), tokens.line(i - 1));
        if (declared) group.names.push_back(tokens.text(i - 1));
        else if (!group.nameless) group.nameless = GoPlace{number, tokens.line(i)};
    }
}

// `T(x)`, `(*T)(x)`
bool is_conversion(const GoTokenRun& tokens, std::size_t i) {
    if (!tokens.name(i) || tokens.symbol(i - 1, ".") || tokens.keyword(i - 1, "func")) return false;
    return tokens.symbol(i + 1, "(") || (tokens.symbol(i + 1, ")") && tokens.symbol(i + 2, "("));
}

}  // namespace

std::map<std::string_view, GoAlike> alike_structs(const std::vector<GoFile>& files, const GoTypeNames& names) {
    Members members(files);
    std::map<std::string, Group> groups;
    for (std::size_t i = 0; i < files.size(); ++i) find_structs(files[i], i, members, groups);
    std::map<std::string_view, Group*> group_of;
    for (auto& [key, group] : groups) {
        for (std::string_view name : group.names) group_of.emplace(name, &group);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
        GoTokenRun tokens(files[i].lexed.tokens);
        for (std::size_t at = 1; at < tokens.size(); ++at) {
            if (!is_conversion(tokens, at)) continue;
            for (std::string_view name : names.meant_by(tokens.text(at))) {
                auto group = group_of.find(name);
                if (group != group_of.end() && !group->second->conversion) group->second->conversion = GoPlace{i, tokens.line(at)};
            }
        }
    }
    std::map<std::string_view, GoAlike> out;
    for (const auto& [name, group] : group_of) {
        if (group->nameless) {
            out.emplace(name, GoAlike{.nameless = true, .names = {}, .place = *group->nameless});
        } else if (group->names.size() > 1 && group->conversion) {
            GoAlike& alike = out.emplace(name, GoAlike{.place = *group->conversion}).first->second;
            std::ranges::copy_if(group->names, std::back_inserter(alike.names), [&](std::string_view one) { return one != name; });
        }
    }
    return out;
}

}  // namespace abiscope::source
