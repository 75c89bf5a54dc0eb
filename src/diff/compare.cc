#include "diff/compare.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "abi/profile_catalogue.h"
#include "abi/type_name.h"
#include "base/text.h"
#include "diff/function_types.h"
#include "diff/functions.h"
#include "diff/mangled_names.h"
#include "diff/reach.h"
#include "diff/relation.h"
#include "diff/symbols.h"
#include "diff/type_changes.h"
#include "diff/undescribed.h"
#include "surface/compiler_made.h"

namespace abiscope::diff {

using finding::RuleId;
using surface::Surface;
using surface::Symbol;

namespace {

std::string machine_words(const inspect::Subject& subject) {
    return fmt::format("{} {}{}{}", subject.format, subject.arch, subject.bits != 0 ? fmt::format(" {}-bit", subject.bits) : std::string(),
                       subject.endian.empty() ? std::string() : " " + subject.endian + "-endian");
}

// Without the compiler: two compilers of one ABI are comparable.
std::string_view abi_of(std::string_view profile) { return profile.substr(0, profile.find('/')); }

// A file that only the library's own sources can include.
bool is_source_file(std::string_view file) {
    constexpr std::string_view endings[] = {".c", ".cc", ".cpp", ".cxx", ".C", ".c++", ".m", ".mm", ".go", ".rs"};
    std::string_view ending = file.find('.') == std::string_view::npos ? std::string_view() : file.substr(file.rfind('.'));
    return std::ranges::find(endings, ending) != std::end(endings);
}

bool is_constructor(const Symbol& symbol, const Surface& surface) {
    return symbol.function && surface.functions[*symbol.function].receiver &&
        (symbol.name.find("C1E") != std::string::npos || symbol.name.find("C2E") != std::string::npos);
}

class TypedComparison {
public:
    TypedComparison(const Surface& old, const Surface& now, const Options& options, const SymbolPairs& symbols, Comparison& into)
        : old_{old},
          now_{now},
          options_(options),
          symbols_(symbols),
          into_(into),
          relations_(old.types, now.types),
          undescribed_(old, now) {
        if (!old.profile.empty()) old_profile_ = abi::find_profile(old.profile);
        if (!now.profile.empty()) new_profile_ = abi::find_profile(now.profile);
        if (old_profile_) old_.profile = &*old_profile_;
        if (new_profile_) now_.profile = &*new_profile_;
        bool x87 = old.subject.arch == "amd64" || old.subject.arch == "i386";
        relations_.set_machine({.x87 = x87, .old = old_.profile, .now = now_.profile});
    }

    void run() {
        for (std::uint32_t i = 0; i < symbols_.size(); ++i) relate(i);
        bool alignments = old_.surface.alignments && now_.surface.alignments;
        for (std::uint32_t i = 0; i < relations_.pairs().size(); ++i) types_.push_back(compare_pair(relations_, i, alignments));
        reach_.emplace(relations_.edges(), symbols_.size(), types_.size());
        into_.types = types_.size();
        report_types();
        report_called();
        for (std::uint32_t i = 0; i < functions_.size(); ++i) {
            if (functions_[i]) functions_[i]->report(moved_.contains(i), into_.changes);
        }
    }

private:
    const Symbol& old_symbol(std::uint32_t i) const { return old_.surface.symbols[symbols_[i].first]; }
    const Symbol& new_symbol(std::uint32_t i) const { return now_.surface.symbols[symbols_[i].second]; }

    void relate(std::uint32_t i) {
        functions_.emplace_back();
        const Symbol& was = old_symbol(i);
        const Symbol& is = new_symbol(i);
        if (!was.described || !is.described) {
            not_described(was, is);
            return;
        }
        if (was.function && is.function) {
            functions_.back() = std::make_unique<FunctionComparison>(relations_, i, old_, old_.surface.functions[*was.function], now_,
                                                                     now_.surface.functions[*is.function], symbol_words(was));
            functions_.back()->unusual({was.call_unknown, was.switches}, {is.call_unknown, is.switches});
            functions_.back()->relate();
        } else if (!was.function && !is.function) {
            variable(i);
        }
    }

    void not_described(const Symbol& was, const Symbol& is) {
        if (surface::is_compiler_made(was.name) || !was.forwarder.empty() || was.kind == surface::SymbolKind::other) return;
        std::string where = !was.described && !is.described ? "either file" : was.described ? "NEW" : "OLD";
        into_.changes.push_back(Change(RuleId::DIFF_SYMBOL_NOT_DESCRIBED, About::symbol, symbol_words(was))
                                    .with("kind", kind_words(was))
                                    .with("where", std::move(where)));
    }

    // Through typedefs, so that one of `const int` counts as one.
    static bool is_const(const abi::TypeTable& types, abi::TypeId id) {
        for (int steps = 0; steps < 64 && types.contains(id); ++steps) {
            const abi::Type& type = types.at(id);
            if (type.kind == abi::Kind::qualified && type.is_const) return true;
            if (type.kind != abi::Kind::alias && type.kind != abi::Kind::qualified && type.kind != abi::Kind::array) return false;
            id = type.target;
        }
        return false;
    }

    void variable(std::uint32_t i) {
        abi::TypeId was = old_symbol(i).type, is = new_symbol(i).type;
        Relation relation = relations_.relate(was, is, Site::symbol(i));
        bool const_before = is_const(old_.surface.types, was), const_after = is_const(now_.surface.types, is);
        if (!const_before && const_after)
            relation = at_least(Kin::retyped, std::move(relation), "programs that write to it are killed: it lies in read-only memory");
        if (const_before && !const_after) relation = at_least(Kin::respelled, std::move(relation), "it may be written now");
        if (relation.kin == Kin::same) return;
        RuleId rule = relation.kin == Kin::changed ? RuleId::DIFF_VARIABLE_TYPE_CHANGED
            : relation.kin == Kin::retyped         ? RuleId::DIFF_VARIABLE_RETYPED
                                                   : RuleId::DIFF_VARIABLE_RESPELLED;
        into_.changes.push_back(Change(rule, About::symbol, symbol_words(old_symbol(i)))
                                    .with("old", abi::declaration(old_.surface.types, was, {}))
                                    .with("new", abi::declaration(now_.surface.types, is, {}))
                                    .with("why", std::move(relation.why)));
    }

    void report_types() {
        std::set<std::pair<std::string, std::string>> reported;   // one declaration may be met as two types
        for (std::uint32_t i = 0; i < types_.size(); ++i) {
            TypeChanges& type = types_[i];
            if (type.declared_in_old || type.declared_in_new) declared_only(i, type);
            if (!type.passing && type.changes.empty()) continue;
            std::vector<std::uint32_t> by_value = reach_->symbols_of(i, true);
            if (type.passing) {
                moved_.insert(by_value.begin(), by_value.end());
                moved_pairs_.insert(reach_->last_pairs().begin(), reach_->last_pairs().end());
            }
            if (type.changes.empty()) continue;
            std::vector<std::uint32_t> symbols = reach_->symbols_of(i, false);
            if (type.grown) grown(i, type, by_value, symbols);
            for (Change& change : type.changes) {
                if (!reported.insert({change.subject, key_of(change)}).second) continue;
                add_reach(change, symbols);
                lower(change, i, by_value.empty());
                into_.changes.push_back(std::move(change));
            }
        }
    }

    void report_called() {
        for (const Called& called : relations_.called()) {
            std::uint32_t number = called.node / 2;
            bool of_symbol = called.node % 2 == 0;
            if (!(of_symbol ? moved_ : moved_pairs_).contains(number) || !takes_records(relations_, called)) continue;
            std::vector<Change> changes;
            std::string subject = of_symbol ? symbol_words(old_symbol(number)) : subject_of(relations_, relations_.pairs()[number]);
            compare_called(called, old_, now_, of_symbol ? About::symbol : About::type, subject, changes);
            for (Change& change : changes) {
                if (!of_symbol) {
                    bool by_pointer_only = reach_->symbols_of(number, true).empty();
                    add_reach(change, reach_->symbols_of(number, false));
                    lower(change, number, by_pointer_only);
                }
                into_.changes.push_back(std::move(change));
            }
        }
    }

    static std::string key_of(const Change& change) {
        std::string key = fmt::format("{}", static_cast<unsigned>(change.rule));
        for (const finding::NamedArgument& argument : change.arguments) {
            if (const auto* text = std::get_if<std::string>(&argument.value)) key += "\n" + *text;
            else if (const auto* number = std::get_if<std::uint64_t>(&argument.value)) key += fmt::format("\n{}", *number);
        }
        return key;
    }

    // Who makes objects of a type that only grew?
    void grown(std::uint32_t pair, TypeChanges& type, const std::vector<std::uint32_t>& by_value,
               const std::vector<std::uint32_t>& symbols) {
        std::string why;
        if (!by_value.empty()) {
            const Symbol& symbol = old_symbol(by_value.front());
            why = fmt::format("{} {} it by value", symbol.name, symbol.function ? "takes or returns" : "holds");
        } else {
            for (std::uint32_t i : symbols) {
                const Symbol& symbol = old_symbol(i);
                if (!is_constructor(symbol, old_.surface)) continue;
                if (old_.surface.functions[*symbol.function].receiver != relations_.pairs()[pair].old) continue;
                why =
                    "its constructor is exported: code built against OLD makes objects of the old size, and the constructor fills the new one";
                break;
            }
        }
        if (why.empty()) return;
        type.changes.push_back(Change(RuleId::DIFF_TYPE_SIZE_CHANGED, About::type, subject_of(relations_, relations_.pairs()[pair]))
                                   .with("old", type.old_size)
                                   .with("new", type.new_size)
                                   .with("why", std::move(why)));
    }

    void add_reach(Change& change, const std::vector<std::uint32_t>& symbols) const {
        change.reached_count = symbols.size();
        for (std::size_t i = 0; i < std::min(symbols.size(), most_reached); ++i) change.reached_by.push_back(old_symbol(symbols[i]).name);
    }

    // A type that those who link against the library cannot look into.
    void lower(Change& change, std::uint32_t pair, bool by_pointer_only) const {
        std::string_view pointed = types_[pair].size_of_pointed;
        if (by_pointer_only && !pointed.empty() && change.rule == RuleId::DIFF_TYPE_SIZE_CHANGED) {
            change.weight = Class::risky;
            change.lowered = fmt::format("{}, and only pointers to it are handed over", pointed);
        }
        const abi::Type& was = old_.surface.types.at(relations_.pairs()[pair].old);
        const abi::Type& is = now_.surface.types.at(relations_.pairs()[pair].now);
        if (was.declared.file.empty() || is.declared.file.empty() || !by_pointer_only) return;
        if (!options_.headers.empty()) {
            auto is_public = [&](const std::string& file) {
                return std::ranges::any_of(options_.headers, [&](const std::string& pattern) {
                    return text::glob_match(pattern, file) || text::glob_match("*/" + pattern, file);
                });
            };
            if (change.weight > Class::harmless && !is_public(was.declared.file) && !is_public(is.declared.file)) {
                change.weight = Class::harmless;
                change.lowered = "it is declared in " + was.declared.file + ", which is no public header";
            }
        } else if (change.weight == Class::breaking && is_source_file(was.declared.file) && is_source_file(is.declared.file)) {
            change.weight = Class::risky;
            change.lowered = "it is declared in " + was.declared.file + ", which nobody else includes";
        }
    }

    // Of a type that one file describes: whether that is where its users do not look.
    bool is_private(std::uint32_t pair) const {
        Pair types = relations_.pairs()[pair];
        return is_source_file(old_.surface.types.at(types.old).declared.file) ||
            is_source_file(now_.surface.types.at(types.now).declared.file);
    }

    void declared_only(std::uint32_t pair, const TypeChanges& type) {
        std::string name = subject_of(relations_, relations_.pairs()[pair]);
        std::vector<std::uint32_t> by_value = reach_->symbols_of(pair, true);
        const char* where = type.declared_in_old && type.declared_in_new ? "both files only declare it"
            : type.declared_in_old                                       ? "OLD only declares it"
                                                                         : "NEW only declares it";
        if (!by_value.empty()) {
            // Its bytes travel, and nobody knows which they are.
            Change change =
                Change(RuleId::DIFF_DEBUG_INFORMATION_DAMAGED, About::type, name)
                    .with("why", fmt::format("{}, and {} holds or passes it by value", where, old_symbol(by_value.front()).name));
            add_reach(change, by_value);
            into_.changes.push_back(std::move(change));
            return;
        }
        std::vector<std::uint32_t> symbols = reach_->symbols_of(pair, false);
        bool by_cxx = std::ranges::any_of(symbols, [&](std::uint32_t i) { return is_mangled(old_symbol(i).name); });
        Undescribed what = undescribed_.of(relations_.pairs()[pair], by_cxx);
        bool both = type.declared_in_old && type.declared_in_new;
        if (both && what == Undescribed::opaque) return;
        if (what == Undescribed::unknown && !is_private(pair)) {
            Change change = Change(RuleId::DIFF_TYPE_NOT_DESCRIBED, About::type, std::move(name)).with("where", std::string(where));
            add_reach(change, symbols);
            into_.changes.push_back(std::move(change));
            return;
        }
        bool known = std::ranges::any_of(into_.not_compared, [&](const NotCompared& one) { return one.type == name; });
        if (!known) into_.not_compared.push_back({std::move(name), type.declared_in_old, type.declared_in_new});
    }

    Side old_, now_;
    Result<abi::Profile> old_profile_ = fail(ErrorCode::not_found, {});
    Result<abi::Profile> new_profile_ = fail(ErrorCode::not_found, {});
    const Options& options_;
    const SymbolPairs& symbols_;
    Comparison& into_;
    Relations relations_;
    std::vector<std::unique_ptr<FunctionComparison>> functions_;   // by pair of symbols; null for what is none
    std::vector<TypeChanges> types_;
    std::set<std::uint32_t> moved_;   // symbols in which a type of another shape lies by value
    std::set<std::uint32_t> moved_pairs_;   // pairs of types in which one does
    std::optional<Reach> reach_;
    UndescribedTypes undescribed_;
};

void sort_changes(std::vector<Change>& changes) {
    std::ranges::stable_sort(changes, [](const Change& a, const Change& b) {
        return std::tuple(-static_cast<int>(a.weight), a.about, a.subject) < std::tuple(-static_cast<int>(b.weight), b.about, b.subject);
    });
}

}  // namespace

Comparison compare(const Surface& old, const Surface& now, const Options& options) {
    Comparison out;
    std::string before = machine_words(old.subject), after = machine_words(now.subject);
    bool other_abi = !old.profile.empty() && !now.profile.empty() && abi_of(old.profile) != abi_of(now.profile);
    if (before == after && old.variant != now.variant) {
        before += " (" + old.variant + ")";
        after += " (" + now.variant + ")";
    } else if (before == after && other_abi) {
        before = std::string(abi_of(old.profile));
        after = std::string(abi_of(now.profile));
    }
    if (before != after) {
        out.changes.push_back(Change(RuleId::DIFF_MACHINE_CHANGED, About::file, "machine").with("old", before).with("new", after));
        return out;
    }
    compare_files(old, now, out.changes);
    SymbolPairs symbols = compare_symbols(old, now, options, out);
    bool typed = true;
    for (const Surface* one : {&old, &now}) {
        const char* name = one == &old ? "OLD" : "NEW";
        if (!one->missing.types.empty()) {
            typed = false;
            out.changes.push_back(Change(RuleId::DIFF_NO_DEBUG_INFORMATION, About::file, name).with("why", one->missing.types));
        }
        for (const std::string& line : one->missing.damaged)
            out.changes.push_back(Change(RuleId::DIFF_DEBUG_INFORMATION_DAMAGED, About::file, name).with("why", line));
    }
    if (typed) TypedComparison(old, now, options, symbols, out).run();
    sort_changes(out.changes);
    return out;
}

}  // namespace abiscope::diff
