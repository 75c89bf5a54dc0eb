#include "source/program_signature.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dwarf/name_match.h"

namespace abiscope::source {

namespace {

std::string_view without_arguments(std::string_view name) { return name.substr(0, name.find('<')); }

// By the name that its class has.
abi::Structor structor_of(const abi::TypeTable& types, const dwarf::FunctionSignature& function, abi::TypeId receiver) {
    std::string_view name = function.name;
    std::string_view owner = types.contains(receiver) ? std::string_view(types.at(receiver).name) : std::string_view();
    if (owner.empty() || !name.starts_with(owner) || !name.substr(owner.size()).starts_with("::")) return abi::Structor::none;
    name.remove_prefix(owner.size() + 2);
    // D0 also deletes, and returns nothing anywhere (Itanium C++ ABI, 5.1.4.3).
    if (name.starts_with('~')) return function.linkage_name.ends_with("D0Ev") ? abi::Structor::none : abi::Structor::destructor;
    bool constructor = without_arguments(name) == without_arguments(dwarf::last_component(owner));
    return constructor ? abi::Structor::constructor : abi::Structor::none;
}

bool has_virtual_bases(const abi::TypeTable& types, abi::TypeId type, int depth = 0) {
    const abi::Record* record = types.record(types.resolve(type));
    return record != nullptr && depth < 64 &&
        std::ranges::any_of(
               record->bases, [&](const abi::Base& base) { return base.is_virtual || has_virtual_bases(types, base.type, depth + 1); });
}

// Microsoft's scalar and vector deleting destructors, of which debug information says they return nothing (MicrosoftCXXABI.cpp,
// hasMostDerivedReturn).
bool is_deleting(std::string_view linkage) { return linkage.starts_with("??_G") || linkage.starts_with("??_E"); }

}  // namespace

abi::Signature program_signature(const abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Function& type,
                                 std::optional<abi::Convention> convention, const std::vector<std::string>& switches, std::string name) {
    abi::Signature out{.name = std::move(name),
                       .language = function.language,
                       .convention = convention,
                       .convention_recorded = convention.has_value(),
                       .prototyped = function.prototyped,
                       .no_return = function.no_return,
                       .switches = switches};
    for (std::size_t i = 0; i < type.parameters.size(); ++i) {
        if (i == 0 && function.has_this) {
            abi::TypeId pointer = types.resolve(type.parameters[0]);
            if (types.contains(pointer)) out.receiver = types.resolve(types.at(pointer).target);
            continue;
        }
        out.parameters.push_back({i < function.parameters.size() ? function.parameters[i] : std::string(), type.parameters[i]});
    }
    if (type.variadic) out.named = static_cast<std::uint32_t>(out.parameters.size());
    abi::TypeId result = types.resolve(type.result);
    if (out.receiver) out.structor = structor_of(types, function, *out.receiver);
    if (out.receiver && is_deleting(function.linkage_name)) {
        out.structor = abi::Structor::none;
        out.results.push_back({"this", type.parameters.front()});
        return out;
    }
    bool none = !types.contains(result) || (types.at(result).kind == abi::Kind::scalar && types.at(result).scalar == abi::Scalar::void_);
    if (!none) out.results.push_back({{}, type.result});
    return out;
}

std::string structor_unsaid(const abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Signature& signature) {
    bool deletes = function.linkage_name.ends_with("D0Ev");
    if (function.has_code || (signature.structor == abi::Structor::none && !deletes) || !signature.receiver) return {};
    if (!has_virtual_bases(types, *signature.receiver)) return {};
    return "its class has virtual bases: what it takes beside the parameters depends on whether the object is a base of another, and only its "
           "declaration is recorded, which does not say";
}

}  // namespace abiscope::source
