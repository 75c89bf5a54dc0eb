#include "loader/glibc_c_library.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "elf/spec.h"
#include "elf/versions.h"
#include "loader/glibc_facts.h"
#include "loader/glibc_messages.h"
#include "loader/glibc_versions_table.h"

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

// The library that the loader takes for the C library (elf/dl-load.c, libc_map): the first of that name, of which symbols may be unknown.
const GlibcObject* c_library(GlibcNamespace& space) {
    for (const GlibcObject* object : space.search_list()) {
        if (!object->missing() && !object->is_loader && object->module->soname() == "libc.so.6") return object;
    }
    return nullptr;
}

class Search {
    using Needed = GlibcRules::Needed;

public:
    Search(GlibcWorld& world, GlibcNamespace& space, const Program& program, const target::Libc& libc)
        : world_(world), space_(space), program_(program), libc_(libc), libc_map_(c_library(space)) {}

    std::optional<MissingPart> run() {
        const GlibcRules& rules = world_.rules().rules;
        std::optional<MissingPart> out;
        bool mutexes_first = rules.mutexes == Needed::with_c_library;   // as seen
        for (bool mutexes : {mutexes_first, !mutexes_first}) {
            if (out || !looks_for(mutexes ? rules.mutexes : rules.malloc)) continue;
            out = mutexes ? missing_mutex(rules.mutexes) : missing_malloc(rules.malloc);
        }
        // It relocates itself again, by the names that the program's libraries define.
        if (!out && mutexes_first && libc_map_ != nullptr && !space_.loader().listed)
            return not_known({}, {}, "which of its own names the loader finds: nobody needs the loader", libc_map_->name);
        if (!out && rules.early_init) out = missing_start();
        return out;
    }

private:
    bool looks_for(Needed what) const {
        if (what == Needed::with_loader) return space_.loader().listed;
        return what == Needed::not_seen || (what == Needed::with_c_library && libc_map_ != nullptr);
    }

    Problem problem(ProblemKind kind, std::string_view name, std::string_view version, std::string reason) const {
        Problem out;
        out.kind = kind;
        out.certain = kind != ProblemKind::evidence_missing;
        out.stage = Stage::symbols;
        out.object = out.provider = space_.loader().name;
        out.subject = name;
        out.version = version;
        out.reason = std::move(reason);
        return out;
    }

    MissingPart not_known(std::string_view name, std::string_view version, std::string reason, const std::string& file) const {
        MissingPart out;
        out.problem = problem(ProblemKind::evidence_missing, name, version, std::move(reason));
        place(out.problem, file, "looked for by the loader");
        return out;
    }

    static void place(Problem& problem, const std::string& file, std::string reading) {
        problem.places.push_back({.file = file, .offset = 0, .size = 64, .path = "elf/header", .reading = std::move(reading)});
    }

    std::optional<MissingPart> missing_malloc(Needed needed) const {
        FoundVersion version{.name = first_, .file = {}, .hash = elf::sysv_hash(first_)};
        for (std::string_view name : {"calloc", "free", "malloc", "realloc"}) {
            bool there = std::ranges::any_of(space_.search_list(), [&](const GlibcObject* object) {
                if (object->missing()) return false;
                if (!object->module->symbols_known()) return true;
                return world_.facts(object->module).find(elf::HashedName(name), &version, LookupClass::data, world_.rules().rules).found;
            });
            if (there) continue;
            if (first_.empty() || needed == Needed::not_seen)
                return not_known(name, first_, fmt::format("what glibc {} does when nothing defines {}", libc_.version.to_string(), name),
                                 program_.path);
            MissingPart out;
            out.line = glibc_text::symbol_missing(program_.path, program_.path, name, first_);
            out.problem = problem(ProblemKind::symbol_missing, name, first_, out.line);
            place(out.problem, program_.path, "no library of the program is a C library");
            return out;
        }
        return std::nullopt;
    }

    std::optional<MissingPart> missing_mutex(Needed needed) const {
        const GlibcAssertionLines lines = glibc_assertion_lines(libc_.version);
        for (auto [name, line] :
             {std::pair{"pthread_mutex_lock", lines.mutex_lock}, std::pair{"pthread_mutex_unlock", lines.mutex_unlock}}) {
            auto out = missing_directly(name, first_, {"../sysdeps/nptl/dl-mutex.c", "__rtld_mutex_init", line}, needed);
            if (out) return out;
        }
        return std::nullopt;
    }

    std::optional<MissingPart> missing_start() const {
        return missing_directly("__libc_early_init", "GLIBC_PRIVATE",
                                {"dl-call-libc-early-init.c", "_dl_call_libc_early_init", glibc_assertion_lines(libc_.version).early_init},
                                Needed::with_c_library);
    }

    // elf/dl-lookup-direct.c goes past the filter of DT_GNU_HASH, where every other search ends.
    bool is_hidden_by_filter(const GlibcObject& object, std::string_view name) const {
        if (world_.facts(object.module).may_hold(elf::HashedName(name))) return false;
        const elf::SymbolTable& symbols = object.module->exports().symbols();
        for (std::uint64_t i = 0; i < symbols.size(); ++i) {
            if (symbols.is_named(i, name) && symbols.unnamed_at(i).section != 0) return true;
        }
        return false;
    }

    struct Assertion {
        std::string_view file, function;
        std::optional<std::uint32_t> line;
    };
    // elf/dl-lookup-direct.c: in the C library alone, and only of exactly that version.
    std::optional<MissingPart> missing_directly(std::string_view name, std::string_view version, const Assertion& assertion,
                                                Needed needed) const {
        if (libc_map_ == nullptr || !libc_map_->module->symbols_known()) return std::nullopt;
        const std::string& file = libc_map_->name;
        FoundVersion exactly{.name = version, .file = {}, .hash = elf::sysv_hash(version), .hidden = true};
        auto found = world_.facts(libc_map_->module).find(elf::HashedName(name), &exactly, LookupClass::data, world_.rules().rules);
        if (!version.empty() && found.found && !found.without_versions) return std::nullopt;
        if (version.empty() || found.without_versions)
            return not_known(name, version, fmt::format("what the loader does with a C library without versions, {}", file), file);
        if (is_hidden_by_filter(*libc_map_, name))
            return not_known(name, version,
                             fmt::format("whether the loader finds {} in {}, whose hash table does not lead to it", name, file), file);
        if (needed == Needed::not_seen)
            return not_known(name, version,
                             fmt::format("what glibc {} does when {} does not define {}", libc_.version.to_string(), file, name), file);
        MissingPart out;
        std::string text = glibc_text::assertion(assertion.file, assertion.line.value_or(0), assertion.function, "sym != NULL");
        out.problem = problem(ProblemKind::loader_assertion, name, version, text);
        place(out.problem, file, fmt::format("a C library without {}@{}", name, version));
        if (assertion.line) out.line = std::move(text);
        else out.assumption = fmt::format("the line number in the assertion glibc {} prints is not known", libc_.version.to_string());
        return out;
    }

    GlibcWorld& world_;
    GlibcNamespace& space_;
    const Program& program_;
    const target::Libc& libc_;
    const GlibcObject* libc_map_;
    std::string_view first_ = first_version(world_.rules().machine);
};

}  // namespace

std::optional<MissingPart> missing_part(GlibcWorld& world, GlibcNamespace& space, const Program& program, const target::Libc& libc) {
    return Search(world, space, program, libc).run();
}

}  // namespace abiscope::loader
