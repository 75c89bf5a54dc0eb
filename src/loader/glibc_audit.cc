#include "loader/glibc_audit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "loader/glibc_environment.h"
#include "loader/glibc_facts.h"
#include "loader/missing_library.h"

namespace abiscope::loader {

namespace {

constexpr std::uint64_t dt_audit = 0x6ffffefc, dt_depaudit = 0x6ffffefb;

struct AuditName {
    std::string name;
    std::string_view list;                     // LD_AUDIT, DT_AUDIT or DT_DEPAUDIT
    Place place;
};

std::vector<AuditName> audit_names(const Program& program, const target::Target& target, const GlibcRules& rules, bool secure) {
    std::vector<AuditName> names;
    auto add = [&](std::string_view list, std::string_view text, const Place& place) {
        for (std::string_view name : text::split(text, ":")) {
            if (!is_loadable_name(name, secure) || names.size() >= default_limits.libraries) continue;
            names.push_back({.name = std::string(name), .list = list, .place = place});
        }
    };
    if (auto variable = target.variable("LD_AUDIT"))
        add("LD_AUDIT", *variable, {.file = {}, .offset = std::nullopt, .size = 0, .path = "LD_AUDIT", .reading = std::string(*variable)});
    if (!rules.audit_tags) return names;
    const elf::Dynamic& dynamic = *program.module->image()->dynamic();
    for (auto [tag, list] : {std::pair{dt_audit, "DT_AUDIT"}, std::pair{dt_depaudit, "DT_DEPAUDIT"}}) {
        auto entry = dynamic.string(tag);
        if (!entry) continue;
        add(list, entry->text,
            {.file = program.path,
             .offset = dynamic.value_offset(entry->entry),
             .size = dynamic.entry_size / 2,
             .path = fmt::format("elf/dynamic[{}].d_val", entry->entry),
             .reading = std::string(entry->text)});
    }
    return names;
}

// The library and what it needs, in a namespace of its own; the first fault ends it.
std::expected<std::vector<GlibcObject*>, LoadFault> load(GlibcNamespace& space, GlibcObject& requester, std::string_view name) {
    auto first = space.map(requester, name, true);
    if (!first) return std::unexpected(std::move(first.error()));
    std::vector<GlibcObject*> group{*first};
    for (std::size_t at = 0; at < group.size() && group.size() < default_limits.libraries; ++at) {
        for (std::string_view needed : group[at]->module->needed()) {
            auto mapped = space.map(*group[at], needed, false);
            if (!mapped) return std::unexpected(std::move(mapped.error()));
            if (std::ranges::find(group, *mapped) == group.end()) group.push_back(*mapped);
        }
    }
    return group;
}

}  // namespace

AuditReport load_audit_libraries(GlibcWorld& world, const GlibcNamespace& space, const Program& program, const target::Target& target,
                                 const target::Libc& libc, const Options& options) {
    AuditReport report;
    const GlibcRules& rules = world.rules().rules;
    constexpr std::string_view version_function = "la_version";
    for (AuditName& audit : audit_names(program, target, rules, space.secure())) {
        GlibcNamespace own(world, program, target, libc, options, space.memory());
        GlibcObject& requester = rules.audit_by_program ? own.program() : own.loader();
        auto group = load(own, requester, audit.name);
        std::string reason;
        Problem problem;
        problem.stage = Stage::libraries;
        problem.object = audit.list;
        problem.subject = audit.name;
        problem.places.push_back(std::move(audit.place));
        if (!group) {
            const LoadFault& fault = group.error();
            if (fault.crash || fault.assertion || fault.undecided) {
                report.ended.emplace(audit.name, fault);
                return report;
            }
            reason = fault.reason;
            problem.trace = own.trace_search(requester, audit.name);
            if (auto absent = fault.missing ? assumed_absent(problem.trace, audit.name, target) : std::nullopt)
                report.assumptions.push_back(*std::move(absent));
        } else if (std::ranges::none_of(*group, [&](const GlibcObject* object) {
                       return !object->module->symbols_known() ||
                           world.facts(object->module).find(elf::HashedName(version_function), nullptr, LookupClass::data, rules).found;
                   })) {
            reason = fmt::format("undefined symbol: {}", version_function);
        } else {
            problem.kind = ProblemKind::evidence_missing;
            problem.certain = false;
            problem.object = program.path;
            problem.reason = fmt::format("what the audit library {} of {} makes of the searches for libraries", audit.name, audit.list);
            report.in_force = std::move(problem);
            return report;
        }
        problem.kind = ProblemKind::preload_ignored;
        problem.fatal = false;
        problem.reason = glibc_text::audit_ignored(audit.name, reason);
        report.lines.push_back(problem.reason);
        report.problems.push_back(std::move(problem));
    }
    return report;
}

}  // namespace abiscope::loader
