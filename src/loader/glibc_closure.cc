#include "loader/glibc_closure.h"

#include <algorithm>

#include "elf/spec.h"

namespace abiscope::loader {

namespace {

using elf::RelocationRole;
using Scope = std::vector<ScopeMember>;

std::vector<GlibcObject*> reachable(const Scope& scope, GlibcObject* start) {
    std::vector<GlibcObject*> out{start};
    std::vector<bool> met(scope.size(), false);   // by index; what is missing is not in the scope
    met[start->index] = true;
    for (std::size_t i = 0; i < out.size(); ++i) {
        for (GlibcObject* next : out[i]->needed) {
            if (next->missing() || !next->listed || met[next->index]) continue;
            met[next->index] = true;
            out.push_back(next);
        }
    }
    return out;
}

// Everything a library can reach, and those of it for which more counts than that some of them has the name.
struct Providers {
    std::vector<const ScopeMember*> all;
    std::vector<const ScopeMember*> by_version;   // by index into the library's versions: the file that version names; null: not there
    std::vector<const ScopeMember*> without_versions;
    std::vector<const ScopeMember*> back_with_ifunc;   // define resolvers, and can reach the library
};

Providers providers_among(const Scope& scope, const ScopeMember& member, const std::vector<GlibcObject*>& objects) {
    Providers out;
    for (GlibcObject* object : objects) {
        const ScopeMember& other = scope[object->index];
        if (other.facts == nullptr) continue;
        out.all.push_back(&other);
        if (!other.facts->has_version_table) out.without_versions.push_back(&other);
        if (!other.facts->has_ifunc || object == member.object) continue;
        std::vector<GlibcObject*> back = reachable(scope, object);
        if (std::ranges::find(back, member.object) != back.end()) out.back_with_ifunc.push_back(&other);
    }
    for (const FoundVersion& version : member.facts->versions) {
        auto named = std::ranges::find_if(
            out.all, [&](const ScopeMember* other) { return version.needed && is_named(*other->object, version.file); });
        out.by_version.push_back(named == out.all.end() ? nullptr : *named);
    }
    return out;
}

// Whether a reference has a definition among these objects, whatever stands in front of them, and nothing about it depends on which.
bool settled_within(const GlibcRules& rules, const ScopeMember& member, const Reference& reference, const Providers& providers) {
    bool static_tls = reference.role == RelocationRole::tls_tpoff || reference.role == RelocationRole::tls_descriptor;
    if (reference.kind != Reference::Kind::lookup || static_tls || reference.lookup_class == LookupClass::copy) return false;
    if (reference.visibility == elf::stv_protected || reference.may_be_far) return false;
    const FoundVersion* version = version_of(member, reference);
    bool of_other = version != nullptr && version->needed;
    auto in = [&](const ScopeMember* other) { return other->facts->find(reference.name, version, reference.lookup_class, rules); };
    auto lacks = [&](const ScopeMember* other) { return !in(other).found; };
    auto has = [&](const ScopeMember* other) { return in(other).found; };
    if (of_other && std::ranges::any_of(providers.without_versions, [&](const ScopeMember* other) { return in(other).without_versions; }))
        return false;
    // Up to 2.29 the search ends where the version's file is met: what stands before it counts.
    if (of_other && rules.version_is_relocation_error && std::ranges::any_of(providers.all, lacks)) return false;
    for (const ScopeMember* other : providers.back_with_ifunc) {
        auto definition = in(other);
        if (definition.found && definition.symbol.type() == elf::stt_gnu_ifunc) return false;
    }
    if (reference.weak) return true;
    const ScopeMember* named = providers.by_version.empty() ? nullptr : providers.by_version[reference.version];
    return (named != nullptr && has(named)) || std::ranges::any_of(providers.all, has);
}

}  // namespace

bool is_named(const GlibcObject& object, std::string_view name) {
    return object.name == name || std::ranges::find(object.names, name) != object.names.end();
}

GlibcWorld::Closure make_closure(const Scope& scope, const GlibcRules& rules, const ScopeMember& member) {
    GlibcWorld::Closure closure;
    std::vector<GlibcObject*> objects = reachable(scope, member.object);
    for (const GlibcObject* object : member.object->needed) closure.needed.push_back(serial_of(*object));
    for (const GlibcObject* object : objects) closure.members.push_back(serial_of(*object));
    std::ranges::sort(closure.members);
    Providers providers = providers_among(scope, member, objects);
    const std::vector<Reference>& references = member.facts->references;
    for (std::uint32_t i = 0; i < references.size(); ++i) {
        if (!settled_within(rules, member, references[i], providers)) closure.open_references.push_back(i);
    }
    return closure;
}

}  // namespace abiscope::loader
