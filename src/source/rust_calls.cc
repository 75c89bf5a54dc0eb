#include "source/rust_calls.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "abi/convention.h"
#include "abi/profile_catalogue.h"
#include "abi/recorded_call.h"
#include "base/search.h"
#include "base/text.h"
#include "source/entry_places.h"

namespace abiscope::source {

namespace {

using abi::Kind;
using abi::TypeId;

constexpr unsigned deepest = 32;

std::uint64_t size_of(const abi::Field& field) { return field.observed.size.value_or(0); }

// The only member with bytes, where it takes all of the record.
const abi::Field* only_member(const abi::Type& type, const abi::Record& record) {
    const abi::Field* found = nullptr;
    for (const abi::Field& field : record.fields) {
        if (size_of(field) == 0) continue;
        if (found != nullptr) return nullptr;
        found = &field;
    }
    return found != nullptr && size_of(*found) == type.observed.size && found->observed.bit_offset.value_or(0) == 0 ? found : nullptr;
}

// What an enumeration holds that says in bytes of its only value which variant it is: Option<&T>, Option<extern "C" fn()>. Such a value
// travels as what it holds (The Rust Reference, "std::option", Representation).
TypeId held_in_niche(const abi::TypeTable& types, const abi::Type& type, const abi::Record& record) {
    TypeId held = TypeId::none;
    for (const abi::Variant& variant : record.variants) {
        if (variant.fields.size() != 1) return TypeId::none;
        TypeId inner = types.resolve(variant.fields.front().type);
        const abi::Record* content = types.record(inner);
        if (content == nullptr) return TypeId::none;
        if (std::ranges::all_of(content->fields, [](const abi::Field& field) { return size_of(field) == 0; })) continue;
        const abi::Field* member = only_member(types.at(inner), *content);
        if (held != TypeId::none || member == nullptr || size_of(*member) != type.observed.size) return TypeId::none;
        held = member->type;
    }
    return held;
}

// Through every type that may be #[repr(transparent)].
TypeId innermost(const abi::TypeTable& types, TypeId id) {
    for (unsigned steps = 0; steps < deepest; ++steps) {
        TypeId resolved = types.resolve(id);
        const abi::Record* record = types.record(resolved);
        const abi::Field* member = record == nullptr ? nullptr : only_member(types.at(resolved), *record);
        // An array travels as the record around it.
        TypeId inner = member == nullptr ? TypeId::none : types.resolve(member->type);
        if (!types.contains(inner) || types.at(inner).kind == Kind::array) return id;
        id = member->type;
    }
    return id;
}

// Puts what such an enumeration holds in its place, wherever it lies by value.
class Niches {
public:
    explicit Niches(abi::TypeTable& types) : types_(types) {}

    TypeId translate(TypeId id, unsigned depth = 0) {
        TypeId resolved = types_.resolve(id);
        const abi::Record* record = types_.record(resolved);
        if (record == nullptr || types_.at(resolved).language != abi::Language::rust || depth > deepest) return id;
        if (TypeId held = held_in_niche(types_, types_.at(resolved), *record); held != TypeId::none) {
            std::string name = types_.at(resolved).name;
            TypeId target = translate(held, depth + 1);
            return types_.add(abi::Type{.kind = Kind::alias, .language = abi::Language::rust, .name = std::move(name), .target = target});
        }
        if (!met_.insert(resolved).second) return id;
        for (std::size_t i = 0; i < types_.record(resolved)->fields.size(); ++i) {
            TypeId changed = translate(types_.record(resolved)->fields[i].type, depth + 1);
            types_.record(resolved)->fields[i].type = changed;
        }
        return id;
    }

private:
    abi::TypeTable& types_;
    std::set<TypeId> met_;
};

// What C has no value of.
std::string obstacle(const abi::TypeTable& types, const abi::Parameter& value, std::string_view without_name) {
    TypeId resolved = types.resolve(value.type);
    if (!types.contains(resolved)) return {};
    const abi::Type& type = types.at(resolved);
    std::string_view what = value.name.empty() ? without_name : value.name;
    if (type.kind == Kind::array) return fmt::format("{} is an array by value, which C does not have", text::printable(what));
    bool empty = type.kind == Kind::record && type.observed.size == 0U;
    bool unit = type.kind == Kind::scalar && type.scalar == abi::Scalar::void_;
    if (empty || unit) return fmt::format("{} has no bytes, which no document of C's ABI places", text::printable(what));
    if (type.name.find("::va_list::VaList") != std::string::npos) return "it is variadic, or takes a va_list";
    return {};
}

// On x86 Rust aligned u128 and i128 to 8 bytes before 1.77, and passed them otherwise than C before 1.78 (blog.rust-lang.org, 30 March
// 2024, "Changes to u128/i128 layout in 1.77 and 1.78").
constexpr std::uint64_t wide_as_in_c = 78;

std::optional<std::uint64_t> minor_release(std::string_view producer) {
    constexpr std::string_view mark = "rustc version 1.";
    std::size_t at = text::find(producer, mark);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view rest = producer.substr(at + mark.size());
    return text::parse_unsigned(rest.substr(0, rest.find_first_not_of("0123456789")));
}

bool holds_wide_integer(const abi::TypeTable& types, TypeId id, unsigned depth = 0) {
    constexpr std::uint64_t wide = 16;
    TypeId resolved = types.resolve(id);
    if (!types.contains(resolved) || depth > deepest) return false;
    const abi::Type& type = types.at(resolved);
    if (type.kind == Kind::scalar) return type.observed.size == wide;
    const abi::Record* record = types.record(resolved);
    return record != nullptr &&
        std::ranges::any_of(record->fields, [&](const abi::Field& field) { return holds_wide_integer(types, field.type, depth + 1); });
}

bool passes_wide_otherwise(const abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Signature& signature,
                           const abi::Profile& own) {
    auto release = minor_release(function.producer);
    std::string_view processor = abi::processor(own);
    if (!release || *release >= wide_as_in_c || (processor != "x86_64" && processor != "i386" && processor != "i686")) return false;
    auto wide = [&](const abi::Parameter& value) { return holds_wide_integer(types, value.type); };
    return std::ranges::any_of(signature.parameters, wide) || std::ranges::any_of(signature.results, wide);
}

bool is_mangled(std::string_view symbol) { return symbol.starts_with("_R") || symbol.starts_with("_ZN"); }

std::string naming(const dwarf::FunctionSignature& function) {
    if (is_mangled(function.linkage_name)) return "its symbol is mangled, as those of functions for Rust are";
    if (!function.linkage_name.empty())
        return fmt::format("its symbol is {}: a name for others (#[export_name])", text::printable(function.linkage_name));
    return "its symbol is not mangled, as those of functions for others are (#[no_mangle])";
}

// rustc does as the LLVM it is built with, or of its own accord as GCC: extern "C" has no compiler of its own.
std::vector<abi::Profile> other_compilers(const abi::Profile& profile) {
    std::vector<abi::Profile> out;
    for (const std::string& name : abi::profile_names(profile.abi)) {
        auto other = abi::find_profile(name);
        if (other && other->compiler != profile.compiler) out.push_back(*std::move(other));
    }
    return out;
}

bool same_places(const abi::Travels& a, const abi::Travels& b) {
    auto same = [](const abi::Location& one, const abi::Location& other) {
        return one.kind == other.kind && one.name == other.name && one.stack_offset == other.stack_offset &&
            one.byte_offset == other.byte_offset && one.size == other.size;
    };
    return a.passed == b.passed && std::ranges::equal(a.locations, b.locations, same);
}

std::string first_apart(const std::vector<abi::Travels>& a, const std::vector<abi::Travels>& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (!same_places(a[i], b[i])) return a[i].name.empty() ? "its result" : text::printable(a[i].name);
    }
    return a.size() == b.size() ? std::string() : "its result";
}

// The first argument, or the result, that travels elsewhere; empty where none does.
std::string first_apart(const abi::Call& call, const Result<abi::Call>& other) {
    if (!other) return {};   // it has no such call
    std::string argument = first_apart(call.arguments, other->arguments);
    return argument.empty() ? first_apart(call.results, other->results) : argument;
}

}  // namespace

RustCall rust_call(abi::TypeTable& types, const dwarf::FunctionSignature& function, abi::Signature signature,
                   const std::optional<abi::Profile>& own) {
    RustCall out{.signature = std::move(signature), .condition = {}, .refused = {}};
    Niches niches(types);
    abi::Signature transparent = out.signature;
    bool other = false;
    auto read = [&](std::vector<abi::Parameter>& values, std::vector<abi::Parameter>& inner, std::string_view without_name) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i].type = niches.translate(values[i].type);
            inner[i].type = innermost(types, values[i].type);
            other = other || inner[i].type != values[i].type;
            if (out.refused.empty()) out.refused = obstacle(types, values[i], without_name);
        }
    };
    read(out.signature.parameters, transparent.parameters, "a parameter without a name");
    read(out.signature.results, transparent.results, "its result");
    if (out.refused.empty() && own && passes_wide_otherwise(types, function, out.signature, *own))
        out.refused = "it takes or returns an integer of 128 bits, which Rust before 1.78 passed otherwise than C on x86";
    if (!out.refused.empty()) return out;
    Condition& condition = out.condition;
    condition.only_if = "it is declared extern \"C\", which debug information does not record";
    condition.otherwise = "how Rust calls its own functions is not specified, and changes with its compiler";
    condition.evidence.push_back(naming(function));
    if (other) condition.other_reading = std::move(transparent);
    // What is no #[repr(C)] type is refused for that.
    if (!own || !abi::recorded_otherwise(types, out.signature, own).empty()) return out;
    AtEntry entry = held_against(types, function, out.signature, *own);
    bool as_another = !entry.against.empty() && std::ranges::any_of(other_compilers(*own), [&](const abi::Profile& other) {
        return held_against(types, function, out.signature, other).against.empty();
    });
    if (as_another) return out;
    if (!entry.against.empty()) {
        out.refused = fmt::format(
            "{} arrives elsewhere than extern \"C\" puts it, as recorded of its first instruction (DW_AT_location): nothing says how else it is called",
            entry.against);
    } else if (!entry.agree.empty()) {
        condition.evidence.push_back(fmt::format("at its first instruction {} where extern \"C\" puts {} (DW_AT_location)",
                                                 text::join(entry.agree, ", ") + (entry.agree.size() == 1 ? " is" : " are"),
                                                 entry.agree.size() == 1 ? "it" : "them"));
    }
    return out;
}

std::string left_open(const abi::TypeTable& types, const abi::Signature& signature, const Condition& condition, const abi::Call& call,
                      const abi::Profile& profile) {
    if (condition.other_reading) {
        std::string apart = first_apart(call, abi::place_call(types, *condition.other_reading, profile));
        if (!apart.empty())
            return fmt::format(
                "where {} travels depends on whether its type is #[repr(transparent)], which debug information does not record", apart);
    }
    for (const abi::Profile& other : other_compilers(profile)) {
        std::string apart = first_apart(call, abi::place_call(types, signature, other));
        if (!apart.empty())
            return fmt::format(
                "where {} travels depends on the compiler: {} puts it elsewhere, and which of the two rustc follows changes with "
                "its release",
                apart, other.name);
    }
    return {};
}

}  // namespace abiscope::source
