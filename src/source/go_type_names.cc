#include "source/go_type_names.h"

#include <utility>

#include "source/go_token_run.h"

namespace abiscope::source {

namespace {

// Inside of functions types have no parameters, which would look like the length of an array.
class LocalTypes {
public:
    LocalTypes(const GoFile& file, GoTypeNames& out) : tokens_(file.lexed.tokens), out_(out) {}

    void run() {
        std::size_t depth = 0;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (tokens_.symbol(i, "{")) ++depth;
            if (tokens_.symbol(i, "}") && depth != 0) --depth;
            if (depth == 0 || !tokens_.keyword(i, "type")) continue;
            if (!tokens_.symbol(i + 1, "(")) {
                line(i + 1);
                continue;
            }
            std::size_t end = tokens_.behind(i + 1);
            for (std::size_t at = i + 2; at + 1 < end; at = behind_line(at, end) + 1) line(at);
        }
    }

private:
    [[nodiscard]] std::size_t behind_line(std::size_t at, std::size_t end) const {
        while (at < end && !tokens_.symbol(at, ";")) at = tokens_.opens(at) ? tokens_.behind(at) : at + 1;
        return at;
    }

    void line(std::size_t at) {
        if (!tokens_.name(at)) return;
        std::string_view name = tokens_.text(at++);
        if (tokens_.symbol(at, "=")) ++at;
        std::size_t end = behind_line(at, tokens_.size());
        if (tokens_.name(at) && (at + 1 == end || tokens_.symbol(at + 1, "["))) out_.same.emplace(name, tokens_.text(at));
        if (tokens_.keyword(at, "struct")) return;
        for (; at < end; ++at) {
            if (tokens_.name(at)) out_.within[name].insert(tokens_.text(at));
        }
    }

    GoTokenRun tokens_;
    GoTypeNames& out_;
};

// The name and all that `add(NAME, WAITING)` leads to, at any distance.
template <typename Add>
std::set<std::string_view> reached_from(std::string_view name, Add add) {
    std::set<std::string_view> out;
    std::vector<std::string_view> waiting{name};
    while (!waiting.empty()) {
        std::string_view one = waiting.back();
        waiting.pop_back();
        if (out.insert(one).second) add(one, waiting);
    }
    return out;
}

}  // namespace

GoTypeNames go_type_names(const std::vector<GoFile>& files) {
    GoTypeNames out;
    for (const GoFile& file : files) {
        for (const GoTypeDeclaration& declaration : file.declarations) {
            const GoType& type = file.types[declaration.type];
            if (type.kind == GoTypeKind::structure) continue;
            if (type.kind == GoTypeKind::named && type.package.empty()) out.same.emplace(declaration.name, type.name);
            std::set<std::string_view>& names = out.within[declaration.name];
            for (const GoToken& token : go_tokens(type.text).tokens) {
                if (token.kind == GoTokenKind::name) names.insert(token.text);
            }
        }
        LocalTypes(file, out).run();
    }
    return out;
}

std::set<std::string_view> GoTypeNames::meant_by(std::string_view name) const {
    return reached_from(name, [&](std::string_view one, std::vector<std::string_view>& waiting) {
        auto [from, to] = same.equal_range(one);
        for (; from != to; ++from) waiting.push_back(from->second);
    });
}

std::set<std::string_view> GoTypeNames::found_in(std::string_view name) const {
    return reached_from(name, [&](std::string_view one, std::vector<std::string_view>& waiting) {
        auto at = within.find(one);
        if (at != within.end()) waiting.insert(waiting.end(), at->second.begin(), at->second.end());
    });
}

}  // namespace abiscope::source
