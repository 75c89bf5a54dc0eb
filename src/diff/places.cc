#include "diff/places.h"

#include <utility>

#include <fmt/format.h>

namespace abiscope::diff {

using abi::Travels;

namespace {

std::string location_words(const abi::Location& location, bool several) {
    std::string place = location.kind == abi::LocationKind::stack ? fmt::format("stack+{}", location.stack_offset) : location.name;
    return several ? fmt::format("{} (bytes {}-{})", place, location.byte_offset, location.byte_offset + location.size - 1) : place;
}

std::string words(const Travels& travels) {
    if (travels.passed == abi::Passed::ignored || travels.locations.empty())
        return travels.passed == abi::Passed::through_result_pointer ? "memory the caller names" : "nothing";
    std::string out = travels.passed == abi::Passed::directly   ? ""
        : travels.passed == abi::Passed::through_result_pointer ? "memory the caller names in "
                                                                : "memory at the address in ";
    bool several = travels.locations.size() > 1;
    for (const abi::Location& location : travels.locations) {
        if (&location != &travels.locations.front()) out += ", ";
        out += location_words(location, several);
    }
    return out;
}

}  // namespace

std::optional<Places> call_places(const Side& side, const abi::Signature& signature) {
    if (side.profile == nullptr || signature.language == abi::Language::rust || signature.language == abi::Language::go)
        return std::nullopt;
    auto call = abi::place_call(side.surface.types, signature, *side.profile);
    if (!call || call->arguments.size() < signature.parameters.size()) return std::nullopt;
    Places out;
    std::size_t hidden = call->arguments.size() - signature.parameters.size();
    for (std::size_t i = 0; i < call->arguments.size(); ++i) {
        std::string place = words(call->arguments[i]);
        if (i < hidden) out.hidden += call->arguments[i].name + ":" + place + " ";
        else out.arguments.push_back(std::move(place));
    }
    if (!call->results.empty()) out.result = words(call->results.front());
    if (call->callee_pops) out.popped = call->callee_pops_bytes;
    return out;
}

}  // namespace abiscope::diff
