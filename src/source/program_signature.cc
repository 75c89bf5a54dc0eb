#include "source/program_signature.h"

#include <utility>

#include "source/program_switches.h"

namespace abiscope::source {

abi::Signature program_signature(const abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Function& type,
                                 std::optional<abi::Convention> convention, std::string name) {
    abi::Signature out{.name = std::move(name),
                       .language = function.language,
                       .convention = convention,
                       .convention_recorded = convention.has_value(),
                       .prototyped = function.prototyped,
                       .switches = call_switches(function.producer)};
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
    bool none = !types.contains(result) || (types.at(result).kind == abi::Kind::scalar && types.at(result).scalar == abi::Scalar::void_);
    if (!none) out.results.push_back({{}, type.result});
    return out;
}

}  // namespace abiscope::source
