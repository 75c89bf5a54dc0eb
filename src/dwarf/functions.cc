#include "dwarf/functions.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dwarf/code_ranges.h"
#include "dwarf/name_match.h"
#include "dwarf/places.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

// GCC leaves them out of the declaration in a class whose definition is in a type unit.
bool has_parameters(EntryReader& reader, const Entry& function) {
    bool found = false;
    reader.children(function, [&](const Entry& child) {
        found = child.tag == tag::formal_parameter;
        return !found;
    });
    return found;
}

std::string_view producer_of(EntryReader& reader, const Unit& unit) {
    Entry root;
    return reader.read({&unit, unit.entries}, root) ? reader.text(root, Slot::producer) : std::string_view();
}

// Whether it has parameters that the source does not show, beside the first, which is `this`: the table of virtual tables that GCC's
// records give all constructors and destructors of a class with virtual bases, and its code those of bases alone (Itanium C++ ABI, 2.6.2);
// Microsoft's flags.
bool has_hidden_parameters(EntryReader& reader, const Entry& function) {
    std::size_t number = 0;
    bool found = false;
    reader.children(function, [&](const Entry& child) {
        if (child.tag != tag::formal_parameter) return true;
        Entry origin;
        const Entry& record = reader.with(Slot::type, child, origin);
        found = number++ != 0 && record.flag(Slot::artificial) && !is_in_charge_flag(reader, record);
        return !found;
    });
    return found;
}

// Of the parameters of a definition, which its declaration in the class leaves without.
std::vector<std::string> parameter_names(EntryReader& reader, const Entry& function) {
    std::vector<std::string> names;
    reader.children(function, [&](const Entry& child) {
        if (child.tag != tag::formal_parameter) return true;
        Entry origin;
        const Entry& record = reader.with(Slot::name, child, origin);
        if (!is_in_charge_flag(reader, record)) names.emplace_back(reader.name(record));
        return true;
    });
    return names;
}

// `code` has a DW_AT_low_pc where it is no record for inlined copies. What it has of its own are results that those do without.
FunctionCode read_code(TypeBuilder& builder, const Entry& code, const Entry& declared) {
    EntryReader& reader = builder.reader();
    const Debug& debug = reader.debug();
    const Unit& unit = code.unit();
    FunctionCode out;
    if (language_of(unit) == abi::Language::go) out.file = builder.line_files().place(declared).file;
    auto entry = address_of(debug, unit, code.attributes, Slot::low_pc);
    out.has_code = entry.has_value();
    Entry root;
    std::uint64_t base =
        reader.read({&unit, unit.entries}, root) ? address_of(debug, unit, root.attributes, Slot::low_pc).value_or(0) : std::uint64_t{0};
    reader.children(code, [&](const Entry& child) {
        if (child.tag != tag::formal_parameter) return true;
        Entry origin;
        const Entry& record = reader.with(Slot::name, child, origin);
        CodeParameter parameter{.name = std::string(reader.name(record)), .result = record.flag(Slot::variable_parameter), .at_entry = {}};
        if (entry) parameter.at_entry = pieces_at(debug, unit, child.attributes, Slot::location, *entry, base);
        out.parameters.push_back(std::move(parameter));
        return true;
    });
    return out;
}

// The class of what may be a constructor or destructor, as its bases decide what those take.
void complete_class_of(TypeBuilder& builder, std::string_view name, const FunctionSignature& function) {
    const abi::TypeTable& types = builder.table();
    const abi::Function* type = types.function(function.type);
    abi::TypeId pointer = type == nullptr || type->parameters.empty() ? abi::TypeId::none : types.resolve(type->parameters.front());
    if (!function.has_this || !types.contains(pointer) || !types.contains(types.at(pointer).target)) return;
    abi::TypeId target = types.resolve(types.at(pointer).target);
    std::string_view own = types.contains(target) ? last_component(types.at(target).name) : std::string_view();
    bool structor = name.starts_with('~') || (!own.empty() && name.substr(0, name.find('<')) == own.substr(0, own.find('<')));
    if (structor) builder.complete(target);
}

}  // namespace

bool is_in_charge_flag(EntryReader& reader, const Entry& parameter) {
    if (!parameter.flag(Slot::artificial)) return false;
    // Without a name in the declaration in the class. `this` is a pointer, as is the other one that GCC makes.
    Entry type;
    return reader.name(parameter) == "__in_chrg" ||
        (!parameter.has(Slot::name) && reader.follow(parameter, Slot::type, type) && type.tag == tag::base_type);
}

// Itanium C++ ABI, 5.1.5.3: <nested-name> ::= N H ..., which a local name has behind that of its function. Microsoft's names have the
// access of a static member function and _V in front of the parameters (clang 19, MicrosoftMangle.cpp, mangleFunctionType).
bool is_beside_explicit_object(std::string_view linkage, const Entry& parameter) {
    if (!parameter.flag(Slot::artificial)) return false;
    if (linkage.starts_with("_ZNH")) return true;
    if (linkage.starts_with("_ZZ")) return linkage.find("ENH") != std::string_view::npos;
    if (!linkage.starts_with('?')) return false;
    std::size_t at = std::min({linkage.find("@@S"), linkage.find("@@C"), linkage.find("@@K")});
    return at < linkage.find("$1?") && linkage.find("_V", std::min(at, linkage.size())) != std::string_view::npos;
}

FunctionSignature read_function(TypeBuilder& builder, const FoundType& found, bool with_code) {
    EntryReader& reader = builder.reader();
    FunctionSignature signature;
    signature.name = found.name;
    Entry entry;
    if (!reader.read(found.ref, entry)) return signature;
    signature.linkage_name = std::string(linkage_name(reader, entry));
    signature.declaration = entry.flag(Slot::declaration);
    signature.assembly = entry.unit().language == lang::mips_assembler;
    // Of its own built-in functions and those of libgcc GCC has no declaration of any source, and no line.
    signature.made_up = signature.declaration && !entry.children && !entry.has(Slot::decl_line) && !entry.has(Slot::type) &&
        !entry.has(Slot::specification) && !entry.has(Slot::abstract_origin);
    // A definition outside its class, and an inlined copy, leave out what the declaration says.
    signature.external = entry.flag(Slot::external);
    signature.no_return = entry.flag(Slot::noreturn);
    signature.calling_convention = constant(entry, Slot::calling_convention);
    bool go = language_of(entry.unit()) == abi::Language::go;
    Entry origin, parameters = entry;
    const Entry code = entry;
    signature.has_code = entry.has(Slot::low_pc) || entry.has(Slot::ranges);
    std::vector<std::string> names;
    if (!entry.has(Slot::name)) names = parameter_names(reader, entry);
    for (int steps = 0; steps < 3 && !entry.has(Slot::name); ++steps) {
        if (!reader.follow(entry, Slot::specification, origin) && !reader.follow(entry, Slot::abstract_origin, origin)) break;
        entry = origin;
        if (!go && (has_parameters(reader, entry) || !has_parameters(reader, parameters))) parameters = entry;
        signature.external = signature.external || entry.flag(Slot::external);
        signature.no_return = signature.no_return || entry.flag(Slot::noreturn);
        if (!signature.calling_convention) signature.calling_convention = constant(entry, Slot::calling_convention);
    }
    bool says_more = signature.has_code && !go && has_parameters(reader, code) &&
        (has_hidden_parameters(reader, code) || has_hidden_parameters(reader, parameters));
    if (says_more) parameters = code;
    signature.type = builder.build_function(entry, parameters);
    signature.language = language_of(entry.unit());
    signature.by_reference = is_fortran(entry.unit());
    signature.producer = producer_of(reader, entry.unit());
    signature.is_virtual = entry.number(Slot::virtuality) != 0;
    signature.prototyped = entry.has(Slot::prototyped) || language_of(entry.unit()) != abi::Language::c;
    reader.children(parameters, [&](const Entry& child) {
        if (child.tag != tag::formal_parameter || is_in_charge_flag(reader, child)) return true;
        if (is_beside_explicit_object(signature.linkage_name, child)) return true;
        Entry copied;
        const Entry& record = reader.with(Slot::type, child, copied);
        if (signature.parameters.empty() && record.flag(Slot::artificial)) signature.has_this = true;
        signature.parameters.emplace_back(reader.name(record));
        return true;
    });
    if (!signature.has_code) complete_class_of(builder, reader.name(entry), signature);
    if (with_code) signature.code = read_code(builder, go ? parameters : code, entry);
    if (names.size() == signature.parameters.size()) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (signature.parameters[i].empty()) signature.parameters[i] = std::move(names[i]);
        }
    }
    return signature;
}

}  // namespace abiscope::dwarf
