#include "inspect/card.h"

#include <fmt/format.h>

namespace abiscope::inspect {

std::string_view to_string(LinkageKind kind) {
    switch (kind) {
        case LinkageKind::not_applicable: return "not_applicable";
        case LinkageKind::static_: return "static";
        case LinkageKind::static_pie: return "static-pie";
        case LinkageKind::dynamic: return "dynamic";
        case LinkageKind::shared_library: return "shared_library";
        case LinkageKind::relocatable: return "relocatable";
    }
    return "not_applicable";
}

std::string_view to_string(HardeningState state) {
    switch (state) {
        case HardeningState::yes: return "yes";
        case HardeningState::no: return "no";
        case HardeningState::partial: return "partial";
        case HardeningState::not_applicable: return "not_applicable";
        case HardeningState::unknown: return "unknown";
    }
    return "unknown";
}

std::string counted(std::uint64_t count, std::string_view noun) { return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s"); }

std::string permissions(bool read, bool write, bool execute) { return {read ? 'r' : '-', write ? 'w' : '-', execute ? 'x' : '-'}; }

}  // namespace abiscope::inspect
