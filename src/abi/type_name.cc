#include "abi/type_name.h"

#include <fmt/format.h>

namespace abiscope::abi {

namespace {

constexpr unsigned deepest = 32;
constexpr std::size_t longest = 400;   // characters, of the parameters of a function without a name

std::string_view tag(const TypeTable& types, TypeId id) {
    const Type& type = types.at(id);
    if (type.kind == Kind::enumeration) return "enum";
    const Record* record = types.record(id);
    if (record == nullptr) return {};
    if (record->kind == RecordKind::union_) return "union";
    return record->kind == RecordKind::class_ ? "class" : "struct";
}

std::string spaced(const std::string& before, std::string_view name) {
    if (name.empty()) return before;
    if (before.empty()) return std::string(name);
    return before + (before.ends_with('*') || before.ends_with('&') ? "" : " ") + std::string(name);
}

class Writer {
public:
    explicit Writer(const TypeTable& types) : types_(types) {}

    // C's declarators grow from the inside out: `inner` is what has been written so far.
    std::string c(TypeId id, std::string inner, unsigned depth) {
        if (depth > deepest) return spaced("...", inner);
        if (!types_.contains(id)) return spaced("void", inner);
        const Type& type = types_.at(id);
        switch (type.kind) {
            case Kind::pointer: return c(type.target, "*" + inner, depth + 1);
            case Kind::array: {
                if (inner.starts_with('*')) inner = "(" + inner + ")";
                return c(type.target, inner + (type.count ? fmt::format("[{}]", *type.count) : std::string("[]")), depth + 1);
            }
            case Kind::qualified: {
                std::string word = type.is_const && type.is_volatile ? "const volatile"
                    : type.is_const                                  ? "const"
                    : type.is_volatile                               ? "volatile"
                                                                     : "";
                bool behind = types_.contains(type.target) && types_.at(type.target).kind == Kind::pointer;
                if (word.empty() || elements_say(type)) return c(type.target, std::move(inner), depth + 1);
                return behind ? c(type.target, spaced(word, inner), depth + 1) : word + " " + c(type.target, std::move(inner), depth + 1);
            }
            case Kind::function: {
                // Named as `int (char)`: the declarator stands before the last list of parameters.
                std::size_t open = parameters_at(type.name);
                if (open == std::string::npos) return built(id, inner, depth);
                return type.name.substr(0, open) + (inner.empty() ? "" : "(" + inner + ")") + type.name.substr(open);
            }
            default: return spaced(plain(id, type, depth), inner);
        }
    }

    std::string go(TypeId id, unsigned depth) {
        if (depth > deepest || !types_.contains(id)) return "...";
        const Type& type = types_.at(id);
        if (!type.name.empty()) return type.name;
        switch (type.kind) {
            case Kind::pointer: return types_.contains(type.target) ? "*" + go(type.target, depth + 1) : "unsafe.Pointer";
            case Kind::array: return fmt::format("[{}]{}", type.count.value_or(0), go(type.target, depth + 1));
            case Kind::go_slice: return types_.contains(type.target) ? "[]" + go(type.target, depth + 1) : "[]T";
            case Kind::go_string: return "string";
            case Kind::go_interface: return "interface{...}";
            case Kind::go_map:
                return types_.contains(type.owner) ? fmt::format("map[{}]{}", go(type.owner, depth + 1), go(type.target, depth + 1))
                                                   : "map";
            case Kind::go_channel: return types_.contains(type.target) ? "chan " + go(type.target, depth + 1) : "chan";
            case Kind::go_function: return "func(...)";
            case Kind::record: return "struct{...}";
            default: return "?";
        }
    }

private:
    static std::size_t parameters_at(const std::string& name) {
        if (!name.ends_with(')')) return std::string::npos;
        int open = 0;
        for (std::size_t at = name.size(); at-- > 0;) {
            if (name[at] == ')') ++open;
            if (name[at] == '(' && --open == 0) return at;
        }
        return std::string::npos;
    }

    // GCC records of a `const char a[4]` both the array and its elements as const.
    [[nodiscard]] bool elements_say(const Type& qualified) const {
        TypeId held = qualified.target;
        for (unsigned steps = 0; steps < deepest && types_.contains(held) && types_.at(held).kind == Kind::array; ++steps)
            held = types_.at(held).target;
        if (held == qualified.target || !types_.contains(held)) return false;
        const Type& element = types_.at(held);
        return element.kind == Kind::qualified && element.is_const == qualified.is_const && element.is_volatile == qualified.is_volatile;
    }

    // From what the type holds, where the source gave it no name.
    std::string built(TypeId id, const std::string& inner, unsigned depth) {
        const Function* function = types_.function(id);
        if (function == nullptr) return spaced("void ()", inner);
        std::string parameters;
        for (TypeId parameter : function->parameters) {
            if (parameters.size() > longest) break;
            parameters += (parameters.empty() ? "" : ", ") + c(parameter, {}, depth + 8);
        }
        if (function->variadic) parameters += parameters.empty() ? "..." : ", ...";
        return c(function->result, (inner.empty() ? "" : "(" + inner + ")") + "(" + parameters + ")", depth + 8);
    }

    std::string plain(TypeId id, const Type& type, unsigned depth) {
        std::string_view word = tag(types_, id);
        if (!word.empty()) {
            std::string own = type.name.empty() ? std::string("{...}") : type.name;
            // A C++ class is named without its keyword, unless it has no name.
            return type.language == Language::c || type.name.empty() ? fmt::format("{} {}", word, own) : own;
        }
        if (!type.name.empty()) return type.name;
        switch (type.kind) {
            case Kind::reference: return c(type.target, "&", depth + 1);
            case Kind::vector: return fmt::format("vector of {} {}", type.count.value_or(0), c(type.target, {}, depth + 1));
            case Kind::complex: return "_Complex " + c(type.target, {}, depth + 1);
            case Kind::atomic: return fmt::format("_Atomic({})", c(type.target, {}, depth + 1));
            case Kind::member_data_pointer: return fmt::format("{} {}::*", c(type.target, {}, depth + 1), c(type.owner, {}, depth + 1));
            case Kind::member_function_pointer: return fmt::format("function of {}::*", c(type.owner, {}, depth + 1));
            default: return "?";
        }
    }

    const TypeTable& types_;
};

}  // namespace

std::string declaration(const TypeTable& types, TypeId type, std::string_view name) {
    Writer writer(types);
    if (types.contains(type) && types.at(type).language == Language::go) return spaced(std::string(name), writer.go(type, 0));
    return writer.c(type, std::string(name), 0);
}

std::string title(const TypeTable& types, TypeId type) {
    if (!types.contains(type)) return "?";
    const Type& named = types.at(type);
    std::string_view word = tag(types, type);
    if (named.language == Language::go && !named.name.empty()) return fmt::format("type {}{}", named.name, word.empty() ? "" : " struct");
    if (word.empty() || named.language == Language::go) return declaration(types, type, {});
    return fmt::format("{} {}", word, named.name.empty() ? std::string("without a name") : named.name);
}

}  // namespace abiscope::abi
