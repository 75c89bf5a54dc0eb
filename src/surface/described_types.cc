#include "surface/described_types.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "abi/convention.h"
#include "abi/profile_catalogue.h"
#include "base/text.h"
#include "dwarf/builder.h"
#include "dwarf/functions.h"
#include "dwarf/pages.h"
#include "dwarf/spec.h"
#include "dwarf/symbols.h"
#include "source/abi_switches.h"
#include "source/entry_places.h"
#include "source/program_conventions.h"
#include "source/program_signature.h"

namespace abiscope::surface {

namespace {

using abi::TypeId;

constexpr std::size_t between_returns = 8192;   // symbols or types

// Completes every record of the table, and what that leads to. A declaration becomes the definition where the program has exactly one:
// then `to` says for each type which one stands for it.
std::vector<TypeId> complete_all(dwarf::TypeBuilder& builder, const abi::TypeTable& types) {
    std::vector<TypeId> to;
    for (std::size_t i = 0; i < types.size(); ++i) {
        auto id = static_cast<TypeId>(i);
        to.push_back(id);
        if (i % between_returns == 0) dwarf::give_back_pages(builder.reader().debug());
        if (types.at(id).kind != abi::Kind::record) continue;
        if (!builder.is_declaration(id)) {
            builder.complete(id);
        } else if (TypeId defined = builder.definition(id); defined != TypeId::none) {
            to.back() = defined;
        }
    }
    return to;
}

void redirect(Surface& surface, const std::vector<TypeId>& to) {
    surface.types.redirect(to);
    auto change = [&](TypeId& id) {
        if (id != TypeId::none) id = to[static_cast<std::size_t>(id)];
    };
    for (Symbol& symbol : surface.symbols) change(symbol.type);
    for (abi::Signature& function : surface.functions) {
        for (abi::Parameter& parameter : function.parameters) change(parameter.type);
        for (abi::Parameter& result : function.results) change(result.type);
        if (function.receiver) change(*function.receiver);
    }
}

// Mach-O puts an underscore before every name of C, which debug information does not have.
std::string_view source_name(const Surface& surface, const Symbol& symbol) {
    std::string_view name = symbol.name;
    if (surface.subject.format == "Mach-O" && name.starts_with('_')) name.remove_prefix(1);
    return name;
}

// Words of a DW_AT_producer that make another ABI of the profile's. Remembered: a program has few producers, and many functions of each.
class Switches {
public:
    explicit Switches(const std::string& profile) : profile_(abi::find_profile(profile)) {}

    const std::string& of(std::string_view producer) {
        auto [at, fresh] = known_.try_emplace(producer);
        if (fresh && profile_) at->second = read(producer);
        return at->second;
    }

private:
    [[nodiscard]] std::string read(std::string_view producer) const {
        std::string found;
        for (std::string_view word : text::split(producer, " ")) {
            if (!word.starts_with('-')) continue;
            std::vector<std::string> one{std::string(word)};
            if (source::switch_against_layouts(one, *profile_) || source::has_switch_against_calls(one, *profile_))
                found += (found.empty() ? "" : " ") + text::printable(word);
        }
        return found;
    }

    Result<abi::Profile> profile_;
    std::unordered_map<std::string_view, std::string> known_;
};

struct Units {
    explicit Units(const std::string& name) : switches(name), calls(name), profile(abi::find_profile(name)) {}
    Switches switches;
    source::ProgramCalls calls;
    Result<abi::Profile> profile;
};

// GCC records attributes ms_abi and sysv_abi nowhere. A build in which no place tells is no witness that the attribute is not there, so
// that what is found is no convention to compare with one.
std::string called_otherwise(const Surface& surface, const dwarf::FunctionSignature& read, const abi::Signature& usual,
                             const abi::Profile& own) {
    if (std::ranges::all_of(read.code.parameters, [](const dwarf::CodeParameter& one) { return one.at_entry.empty(); })) return {};
    abi::Signature settled = usual;
    bool found = source::settle_by_entry(surface.types, read, settled, own).empty() && settled.convention != usual.convention;
    if (!found) return {};
    return fmt::format("its parameters arrive at the first instruction where {} has them (DW_AT_location), and nothing else records that",
                       *settled.convention == abi::Convention::win64 ? "ms_abi" : "sysv_abi");
}

void describe(const dwarf::Debug& debug, const debuginfo::ProgramAbi& own, dwarf::TypeBuilder& builder, dwarf::EntryRef ref, Symbol& symbol,
              Units& units, Surface& into) {
    dwarf::Entry entry;
    if (!builder.reader().read(ref, entry)) return;
    // An assembler knows where a function is, not what it takes.
    if (entry.unit().language == dwarf::lang::mips_assembler) return;
    if (entry.tag == dwarf::tag::subprogram) {
        dwarf::FunctionSignature read = dwarf::read_function(builder, {.ref = ref, .tag = entry.tag, .name = symbol.name},
                                                             units.profile && abi::processor(*units.profile) == "x86_64");
        const abi::Function* type = into.types.function(read.type);
        if (type == nullptr) return;
        symbol.type = read.type;
        symbol.function = static_cast<std::uint32_t>(into.functions.size());
        const source::UnitCalls& unit = units.calls.of(read.producer);
        source::ProgramConvention how = source::convention_of(read, type->variadic, unit, own);
        into.functions.push_back(source::program_signature(into.types, read, *type, how.convention, unit.switches, {}));
        if (how.refused.empty()) how.refused = source::switch_against_call(unit, into.types, into.functions.back());
        if (how.refused.empty() && units.profile) how.refused = called_otherwise(into, read, into.functions.back(), *units.profile);
        symbol.call_unknown = std::move(how.refused);
        symbol.switches = units.switches.of(read.producer);
    } else {
        dwarf::Entry typed = entry;
        for (int steps = 0; steps < 3 && !typed.has(dwarf::Slot::type); ++steps) {
            dwarf::Entry other;
            if (!builder.reader().follow(typed, dwarf::Slot::specification, other) &&
                !builder.reader().follow(typed, dwarf::Slot::abstract_origin, other)) {
                break;
            }
            typed = other;
        }
        symbol.type = builder.build(debug.reference(typed.unit(), typed.attributes, dwarf::Slot::type));
    }
    symbol.described = true;
}

// A definition file of PE exports any function under any name: `f = g`. Those that no address finds keep what their name found.
void prefer_places(const dwarf::Debug& debug, const Addresses& addresses, unsigned threads, std::vector<dwarf::EntryRef>& found,
                   finding::Sink& sink) {
    std::vector<dwarf::SymbolName> nameless;
    nameless.reserve(found.size());
    for (const std::optional<std::uint64_t>& address : addresses.of_symbol) nameless.push_back({{}, address});
    std::vector<dwarf::EntryRef> at = dwarf::find_symbols(debug, nameless, threads, sink);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (at[i]) found[i] = at[i];
    }
}

// Two names of one place are one function: constructors of C++ for whole objects and for bases, `.symver`, `__attribute__((alias))`.
void share_by_place(const Addresses& addresses, std::vector<dwarf::EntryRef>& found) {
    std::unordered_map<std::uint64_t, dwarf::EntryRef> at;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i] && addresses.places[i]) at.try_emplace(*addresses.places[i], found[i]);
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i] || !addresses.places[i]) continue;
        if (auto known = at.find(*addresses.places[i]); known != at.end()) found[i] = known->second;
    }
}

}  // namespace

void read_described_types(const dwarf::Debug& debug, const debuginfo::ProgramAbi& own, const Addresses& addresses, unsigned threads,
                          Surface& into, finding::Sink& sink) {
    std::vector<dwarf::SymbolName> names;
    names.reserve(into.symbols.size());
    for (std::size_t i = 0; i < into.symbols.size(); ++i) names.push_back({source_name(into, into.symbols[i]), addresses.of_symbol[i]});
    std::vector<dwarf::EntryRef> found = dwarf::find_symbols(debug, names, threads, sink);
    if (addresses.named_by_place) prefer_places(debug, addresses, threads, found, sink);
    share_by_place(addresses, found);
    dwarf::TypeIndex index = dwarf::TypeIndex::build(debug, threads, sink);
    dwarf::TypeBuilder builder(debug, into.types, &index, sink, {.details = true, .threads = threads});
    Units units(own.profile);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i]) describe(debug, own, builder, found[i], into.symbols[i], units, into);
        if (i % between_returns == 0) dwarf::give_back_pages(debug);
    }
    into.alignments = std::ranges::all_of(debug.units(), [](const dwarf::Unit& unit) { return unit.encoding.version >= 5; });
    redirect(into, complete_all(builder, into.types));
}

}  // namespace abiscope::surface
