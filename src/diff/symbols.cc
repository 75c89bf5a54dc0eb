#include "diff/symbols.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "diff/key_function.h"
#include "diff/mangled_names.h"
#include "surface/compiler_made.h"

namespace abiscope::diff {

using finding::RuleId;
using surface::Binding;
using surface::Surface;
using surface::Symbol;
using surface::SymbolKind;

std::string symbol_words(const Symbol& symbol) {
    if (symbol.name.empty()) return fmt::format("ordinal {}", symbol.ordinal.value_or(0));
    return symbol.version.empty() ? symbol.name : symbol.name + "@" + symbol.version;
}

std::string kind_words(const Symbol& symbol) {
    switch (symbol.kind) {
        case SymbolKind::function:
        case SymbolKind::indirect_function: return "function";
        case SymbolKind::object: return "variable";
        case SymbolKind::thread_local_: return "thread-local variable";
        case SymbolKind::other: break;
    }
    return "symbol";
}

namespace {

bool is_vtable(std::string_view name) { return name.starts_with("_ZTV") || name.starts_with("__ZTV"); }

std::string version_words(const std::string& version) { return version.empty() ? std::string("without a version") : "version " + version; }

std::string binding_words(Binding binding) {
    return binding == Binding::weak ? "weak" : binding == Binding::unique ? "unique (STB_GNU_UNIQUE)" : "global";
}

// Versions of one name, and symbols that have only a number, by name.
using ByName = std::map<std::string_view, std::vector<std::uint32_t>, std::less<>>;

class SymbolComparison {
public:
    SymbolComparison(const Surface& old, const Surface& now, Comparison& into) : old_(old), now_(now), into_(into), key_functions_(old) {}

    void run(const Options& options) {
        auto wanted = [&](const Symbol& symbol) {
            if (surface::is_made_by_cgo(symbol.name)) return false;
            return options.symbols.empty() ||
                std::ranges::any_of(options.symbols, [&](const std::string& pattern) { return text::glob_match(pattern, symbol.name); });
        };
        std::vector<bool> met(now_.symbols.size());
        ByName names;
        for (std::uint32_t i = 0; i < now_.symbols.size(); ++i) names[now_.symbols[i].name].push_back(i);
        for (std::uint32_t i = 0; i < old_.symbols.size(); ++i) {
            const Symbol& symbol = old_.symbols[i];
            if (!wanted(symbol)) continue;
            ++into_.symbols;
            auto same = names.find(symbol.name);
            std::optional<std::uint32_t> other = same == names.end() ? std::nullopt : counterpart(symbol, same->second);
            if (!other) {
                gone(symbol, same == names.end() ? std::vector<std::uint32_t>() : same->second);
                continue;
            }
            met[*other] = true;
            compare(symbol, now_.symbols[*other]);
            pairs.emplace_back(i, *other);
        }
        for (std::uint32_t i = 0; i < now_.symbols.size(); ++i) {
            if (!met[i] && wanted(now_.symbols[i])) {
                const Symbol& symbol = now_.symbols[i];
                into_.changes.push_back(
                    Change(RuleId::DIFF_SYMBOL_ADDED, About::symbol, symbol_words(symbol)).with("kind", kind_words(symbol)));
            }
        }
    }

    SymbolPairs pairs;

private:
    // What a reference to the old symbol is bound to. glibc, elf/dl-lookup.c, check_match().
    [[nodiscard]] std::optional<std::uint32_t> counterpart(const Symbol& symbol, const std::vector<std::uint32_t>& candidates) const {
        for (std::uint32_t i : candidates) {
            const Symbol& other = now_.symbols[i];
            if (other.version == symbol.version && (!symbol.name.empty() || other.ordinal == symbol.ordinal)) return i;
        }
        if (symbol.name.empty()) return std::nullopt;
        if (!symbol.version.empty()) {
            // A library that defines no versions satisfies every reference.
            if (now_.versions.empty()) return candidates.front();
            return std::nullopt;
        }
        for (std::uint32_t i : candidates) {
            if (now_.symbols[i].default_version) return i;
        }
        return candidates.front();
    }

    void gone(const Symbol& symbol, const std::vector<std::uint32_t>& others) {
        std::string name = symbol_words(symbol);
        // Itanium C++ ABI, section 5.1.4.4: who uses a thread-local variable of another file refers to it weakly, and does without it.
        if (symbol.name.starts_with("_ZTH") && others.empty()) {
            Change change = Change(RuleId::DIFF_SYMBOL_REMOVED, About::symbol, std::move(name)).with("kind", kind_words(symbol));
            change.weight = Class::harmless;
            change.lowered = "programs refer to it weakly: where it is missing, the variable needs no call";
            into_.changes.push_back(std::move(change));
            return;
        }
        if (!others.empty() && !symbol.name.empty()) {
            into_.changes.push_back(Change(RuleId::DIFF_SYMBOL_VERSION_CHANGED, About::symbol, name)
                                        .with("old", version_words(symbol.version))
                                        .with("new", version_words(now_.symbols[others.front()].version)));
            return;
        }
        bool inline_copy = symbol.binding != Binding::global && is_mangled(symbol.name);
        // GCC makes the tables of all classes weak.
        KeyFunction key = inline_copy ? key_functions_.of_table(symbol.name) : KeyFunction::no_table;
        bool is_table = key != KeyFunction::no_table;
        if (key == KeyFunction::present) inline_copy = false;
        Change change = Change(inline_copy ? RuleId::DIFF_INLINE_COPY_REMOVED : RuleId::DIFF_SYMBOL_REMOVED, About::symbol, name)
                            .with("kind", kind_words(symbol));
        // Template arguments stand behind an I.
        bool is_template = symbol.name.find('I', is_table ? symbol.name.find("ZT") + 3 : 0) != std::string::npos;
        if (inline_copy && !is_template && key == KeyFunction::unknown) {
            change.lowered = "whether its class has a key function, so that nobody else has a copy, is not known";
        } else if (inline_copy && !is_template) {
            change.weight = Class::harmless;
            change.lowered = is_table ? "its class has no virtual function but inline ones, so everybody who uses it has a copy"
                                      : "it is no template, so nobody can have declared it `extern template`";
        }
        into_.changes.push_back(std::move(change));
    }

    void add(RuleId rule, const Symbol& symbol, std::string before, std::string after) {
        into_.changes.push_back(
            Change(rule, About::symbol, symbol_words(symbol)).with("old", std::move(before)).with("new", std::move(after)));
    }

    void compare(const Symbol& was, const Symbol& is) {
        if (was.version != is.version) {
            if (was.version.empty()) add(RuleId::DIFF_SYMBOL_VERSIONED, was, "none", is.version);
            else add(RuleId::DIFF_SYMBOL_UNVERSIONED, was, was.version, "none");
        } else if (was.default_version != is.default_version) {
            add(RuleId::DIFF_DEFAULT_VERSION_CHANGED, was, {}, is.default_version ? "now" : "no longer");
        }
        auto code = [](const Symbol& symbol) {
            return symbol.kind == SymbolKind::function || symbol.kind == SymbolKind::indirect_function;
        };
        bool known = was.kind != SymbolKind::other && is.kind != SymbolKind::other;
        if (known && was.kind != is.kind && !(code(was) && code(is))) {
            add(RuleId::DIFF_SYMBOL_KIND_CHANGED, was, "a " + kind_words(was), "a " + kind_words(is));
            return;
        }
        if (was.binding != is.binding) add(RuleId::DIFF_SYMBOL_BINDING_CHANGED, was, binding_words(was.binding), binding_words(is.binding));
        if (was.visibility != is.visibility) {
            auto words = [](const Symbol& symbol) {
                return std::string(symbol.visibility == surface::Visibility::protected_ ? "protected" : "default");
            };
            add(RuleId::DIFF_SYMBOL_VISIBILITY_CHANGED, was, words(was) + " visible", words(is) + " visible");
        }
        bool data = was.kind == SymbolKind::object || was.kind == SymbolKind::thread_local_;
        if (data && was.size != is.size && was.size != 0 && is.size != 0) size(was, is);
        if (was.ordinal && is.ordinal && *was.ordinal != *is.ordinal)
            add(RuleId::DIFF_ORDINAL_CHANGED, was, fmt::format("{}", *was.ordinal), fmt::format("{}", *is.ordinal));
        if (was.forwarder != is.forwarder) {
            auto words = [](const std::string& forwarder) { return forwarder.empty() ? std::string("its own code") : forwarder; };
            add(RuleId::DIFF_FORWARDER_CHANGED, was, words(was.forwarder), words(is.forwarder));
        }
    }

    void size(const Symbol& was, const Symbol& is) {
        // Type information and names of types are compared by address or content, never by size.
        if (surface::is_compiler_made(was.name) && !is_vtable(was.name)) return;
        RuleId rule = !is_vtable(was.name) ? RuleId::DIFF_OBJECT_SIZE_CHANGED
            : is.size > was.size           ? RuleId::DIFF_VTABLE_GROWN
                                           : RuleId::DIFF_VTABLE_SHRUNK;
        Change change = Change(rule, About::symbol, symbol_words(was)).with("old", was.size).with("new", is.size);
        if (rule != RuleId::DIFF_OBJECT_SIZE_CHANGED) {
            into_.changes.push_back(std::move(change));
            return;
        }
        std::string why = was.kind == SymbolKind::thread_local_
            ? fmt::format("code built against OLD takes it for {} bytes", was.size)
            : fmt::format("a program that holds a copy of it (a copy relocation) made room for {} bytes", was.size);
        into_.changes.push_back(std::move(change).with("why", std::move(why)));
    }

    const Surface& old_;
    const Surface& now_;
    Comparison& into_;
    KeyFunctions key_functions_;
};

void only_in(const std::vector<std::string>& these, const std::vector<std::string>& those, RuleId rule, std::vector<Change>& into) {
    for (const std::string& one : these) {
        if (std::ranges::find(those, one) == those.end()) into.push_back(Change(rule, About::file, one));
    }
}

// What compilers ask for wherever they compile, of the C library and their own.
bool is_compilers_own(std::string_view name) {
    constexpr std::string_view names[] = {"memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen", "abort"};
    return name.starts_with("__") || name.starts_with("_Unwind_") || name.starts_with("_Zn") || name.starts_with("_Zd") ||
        std::ranges::find(names, name) != std::end(names);
}

// Symbols that a version binds to a library have it where that library has the version, which is asked when it is loaded.
void needed_symbols(const Surface& old, const Surface& now, std::vector<Change>& into) {
    for (const std::string& name : now.undefined) {
        if (name.find('@') != std::string::npos || is_compilers_own(name)) continue;
        auto versioned = std::ranges::lower_bound(old.undefined, name + "@");
        bool with_version = versioned != old.undefined.end() && versioned->starts_with(name + "@");
        if (with_version || std::ranges::binary_search(old.undefined, name)) continue;
        Change change = Change(RuleId::DIFF_SYMBOL_NEEDED, About::symbol, name);
        change.lowered = now.needed.empty() ? "the program may have it, since NEW names no library that could"
                                            : "a library that NEW names may have it; no symbol version says which";
        into.push_back(std::move(change));
    }
}

}  // namespace

void compare_files(const Surface& old, const Surface& now, std::vector<Change>& into) {
    if (old.soname != now.soname && !old.soname.empty()) {
        into.push_back(Change(RuleId::DIFF_SONAME_CHANGED, About::file, old.soname)
                           .with("old", old.soname)
                           .with("new", now.soname.empty() ? std::string("none") : now.soname));
    }
    only_in(now.needed, old.needed, RuleId::DIFF_LIBRARY_NEEDED, into);
    only_in(old.needed, now.needed, RuleId::DIFF_LIBRARY_NOT_NEEDED, into);
    needed_symbols(old, now, into);
    only_in(old.versions, now.versions, RuleId::DIFF_VERSION_REMOVED, into);
    only_in(now.versions, old.versions, RuleId::DIFF_VERSION_ADDED, into);
}

SymbolPairs compare_symbols(const Surface& old, const Surface& now, const Options& options, Comparison& into) {
    SymbolComparison comparison(old, now, into);
    comparison.run(options);
    return std::move(comparison.pairs);
}

}  // namespace abiscope::diff
