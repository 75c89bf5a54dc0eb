// What can be said of a library and everything it reaches, in whatever program they are met: which of its references need no second look.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "loader/glibc_facts.h"
#include "loader/glibc_map.h"
#include "loader/glibc_world.h"

namespace abiscope::loader {

// An object of the global scope (ld.so's search list).
struct ScopeMember {
    GlibcObject* object;
    const GlibcFacts* facts;       // null for a module whose symbols are not known
    bool relocated = false;
};

[[nodiscard]] inline std::uint64_t serial_of(const GlibcObject& object) { return object.module ? object.module->serial() : 0; }

// The version a reference of that member asks for; null: none.
[[nodiscard]] inline const FoundVersion* version_of(const ScopeMember& member, const Reference& reference) {
    return reference.version == 0 ? nullptr : &member.facts->versions[reference.version];
}

// One of the names the loader knows it by (_dl_name_match_p).
[[nodiscard]] bool is_named(const GlibcObject& object, std::string_view name);

// `scope` is in the order of GlibcObject::index.
[[nodiscard]] GlibcWorld::Closure make_closure(const std::vector<ScopeMember>& scope, const GlibcRules& rules, const ScopeMember& member);

}  // namespace abiscope::loader
