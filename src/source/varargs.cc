#include "source/varargs.h"

#include <algorithm>
#include <vector>

namespace abiscope::source {

namespace {

abi::TypeId promoted(abi::TypeTable& types, abi::TypeId type, abi::Language language) {
    abi::TypeId id = types.resolve(type);
    if (!types.contains(id) || types.at(id).kind != abi::Kind::scalar) return type;
    switch (types.at(id).scalar) {
        case abi::Scalar::float_:
            return types.add({.kind = abi::Kind::scalar, .language = language, .scalar = abi::Scalar::double_, .name = "double"});
        case abi::Scalar::boolean:
        case abi::Scalar::character:
        case abi::Scalar::signed_char:
        case abi::Scalar::unsigned_char:
        case abi::Scalar::short_:
        case abi::Scalar::unsigned_short:
            return types.add({.kind = abi::Kind::scalar, .language = language, .scalar = abi::Scalar::int_, .name = "int"});
        default: return type;
    }
}

}  // namespace

std::shared_ptr<const Declarations> with_varargs(const Declarations& declared) {
    auto out = std::make_shared<Declarations>(declared);
    auto given = std::ranges::find(out->functions, varargs_function, &abi::Signature::name);
    if (given == out->functions.end()) return out;
    std::vector<abi::Parameter> extra = given->parameters;
    out->functions.erase(given);
    for (abi::Signature& function : out->functions) {
        if (!function.named) continue;
        for (const abi::Parameter& parameter : extra)
            function.parameters.push_back({.name = parameter.name, .type = promoted(out->types, parameter.type, function.language)});
    }
    return out;
}

}  // namespace abiscope::source
