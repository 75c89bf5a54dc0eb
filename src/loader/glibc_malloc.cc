#include "loader/glibc_malloc.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "elf/spec.h"
#include "elf/versions.h"
#include "loader/glibc_facts.h"
#include "loader/glibc_messages.h"

namespace abiscope::loader {

namespace {

// The version of the C library's oldest symbols (shlib-versions of each port).
std::string_view first_version(const GlibcMachine& machine) {
    switch (machine.machine) {
        case elf::em_x86_64: return machine.wide ? "GLIBC_2.2.5" : "GLIBC_2.16";
        case elf::em_386: return "GLIBC_2.0";
        case elf::em_aarch64: return "GLIBC_2.17";
        case elf::em_arm: return "GLIBC_2.4";
        case elf::em_riscv: return machine.wide ? "GLIBC_2.27" : "GLIBC_2.33";
        case elf::em_ppc64: return machine.big_endian ? "GLIBC_2.3" : "GLIBC_2.17";
        case elf::em_mips: return "GLIBC_2.0";
        case elf::em_s390: return machine.wide ? "GLIBC_2.2" : "GLIBC_2.0";
        case elf::em_loongarch: return "GLIBC_2.36";
        default: return {};
    }
}

}  // namespace

std::optional<Problem> missing_malloc(GlibcWorld& world, GlibcNamespace& space, const Program& program, const target::Libc& libc) {
    using Malloc = GlibcRules::Malloc;
    const GlibcRules& rules = world.rules().rules;
    if (rules.malloc == Malloc::own || (rules.malloc == Malloc::looked_for && !space.loader().listed)) return std::nullopt;
    std::string_view first = first_version(world.rules().machine);
    FoundVersion version{.name = first, .file = {}, .hash = elf::sysv_hash(first)};
    for (std::string_view name : {"calloc", "free", "malloc", "realloc"}) {
        bool there = std::ranges::any_of(space.search_list(), [&](const GlibcObject* object) {
            if (object->missing()) return false;
            if (!object->module->symbols_known()) return true;
            return world.facts(object->module).find(elf::HashedName(name), &version, LookupClass::data, rules).found;
        });
        if (there) continue;
        Problem out;
        out.certain = !first.empty() && rules.malloc == Malloc::looked_for;
        out.kind = out.certain ? ProblemKind::symbol_missing : ProblemKind::evidence_missing;
        out.stage = Stage::symbols;
        out.object = out.provider = space.loader().name;
        out.subject = name;
        out.version = first;
        out.reason = out.certain ? glibc_text::symbol_missing(program.path, program.path, name, first)
                                 : fmt::format("what glibc {} does when nothing defines {}", libc.version.to_string(), name);
        out.places.push_back(
            {.file = program.path, .offset = 0, .size = 64, .path = "elf/header", .reading = "no library of the program is a C library"});
        return out;
    }
    return std::nullopt;
}

}  // namespace abiscope::loader
