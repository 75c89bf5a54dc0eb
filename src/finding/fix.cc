#include "finding/fix.h"

#include "finding/trace.h"

namespace abiscope::finding {

std::string_view to_string(FixKind kind) {
    switch (kind) {
        case FixKind::link_flag: return "link_flag";
        case FixKind::command: return "command";
        case FixKind::environment: return "environment";
        case FixKind::package: return "package";
        case FixKind::byte_patch: return "byte_patch";
        case FixKind::source: return "source";
    }
    return "command";
}

std::string_view to_string(Applicability applicability) {
    switch (applicability) {
        case Applicability::safe: return "safe";
        case Applicability::likely: return "likely";
        case Applicability::applies_template: return "template";
        case Applicability::advice: return "advice";
    }
    return "advice";
}

std::string_view to_string(Verified verified) {
    switch (verified) {
        case Verified::not_tried: return "not_tried";
        case Verified::cures: return "cures";
        case Verified::advances: return "advances";
        case Verified::fails: return "fails";
    }
    return "not_tried";
}

std::string_view to_string(StepAction action) {
    switch (action) {
        case StepAction::tried: return "tried";
        case StepAction::skipped: return "skipped";
        case StepAction::chosen: return "chosen";
        case StepAction::failed: return "failed";
    }
    return "tried";
}

}  // namespace abiscope::finding
