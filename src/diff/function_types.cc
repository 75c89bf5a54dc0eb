#include "diff/function_types.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "diff/convention.h"
#include "diff/places.h"

namespace abiscope::diff {

using finding::RuleId;

namespace {

bool is_record(const abi::TypeTable& types, abi::TypeId id) {
    id = types.resolve(id);
    return types.contains(id) && types.at(id).kind == abi::Kind::record;
}

bool takes_records(const abi::TypeTable& types, abi::TypeId id) {
    const abi::Function* function = types.function(id);
    if (function == nullptr) return false;
    return is_record(types, function->result) ||
        std::ranges::any_of(function->parameters, [&](abi::TypeId parameter) { return is_record(types, parameter); });
}

abi::Signature signature_of(const abi::TypeTable& types, abi::TypeId id) {
    const abi::Function& function = *types.function(id);
    abi::Signature out{.name = {}, .language = types.at(id).language};
    for (abi::TypeId parameter : function.parameters) out.parameters.push_back({{}, parameter});
    if (function.variadic) out.named = static_cast<std::uint32_t>(function.parameters.size());
    abi::TypeId result = types.resolve(function.result);
    bool none = !types.contains(result) || (types.at(result).kind == abi::Kind::scalar && types.at(result).scalar == abi::Scalar::void_);
    if (!none) out.results.push_back({{}, function.result});
    return out;
}

// An unusual convention has no place in a signature made of a type.
std::optional<Places> places(const Side& side, abi::TypeId id) {
    if (convention_of(*side.surface.types.function(id)) != usual_convention) return std::nullopt;
    return call_places(side, signature_of(side.surface.types, id));
}

}  // namespace

bool takes_records(const Relations& relations, const Called& called) {
    return takes_records(relations.old_types(), called.old) || takes_records(relations.new_types(), called.now);
}

void compare_called(const Called& called, const Side& old, const Side& now, About about, const std::string& subject,
                    std::vector<Change>& into) {
    std::size_t count = old.surface.types.function(called.old)->parameters.size();
    // Then it is another function, and said to be.
    if (count != now.surface.types.function(called.now)->parameters.size()) return;
    abi::Language language = old.surface.types.at(called.old).language;
    if (language != abi::Language::c && language != abi::Language::cxx) return;
    std::string what = called.place.empty() ? std::string("a function that is called through a pointer") : "`" + called.place + "`";
    std::optional<Places> before = places(old, called.old), after = places(now, called.now);
    if (!before || !after) {
        into.push_back(
            Change(RuleId::DIFF_CALL_NOT_PLACED, about, subject)
                .with("why",
                      "a type that " + what +
                          " takes or returns by value has another shape, and where its arguments travel is not known for both sides"));
        return;
    }
    auto moved = [&](const std::string& argument, const std::string& was, const std::string& is) {
        if (was == is) return;
        into.push_back(Change(RuleId::DIFF_CALLED_ARGUMENT_MOVED, about, subject)
                           .with("argument", argument + " of " + what)
                           .with("old", was)
                           .with("new", is));
    };
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t number = called.has_this ? i : i + 1;
        moved(number == 0 ? std::string("`this`") : fmt::format("parameter {}", number), before->arguments[i], after->arguments[i]);
    }
    moved("the result", before->result, after->result);
}

}  // namespace abiscope::diff
