#include "loader/glibc_versions.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "elf/spec.h"
#include "elf/versions.h"
#include "loader/glibc_closure.h"
#include "loader/glibc_messages.h"

namespace abiscope::loader {

namespace {

namespace text = glibc_text;
constexpr std::string_view relr_version = "GLIBC_ABI_DT_RELR";

class Checker {
public:
    Checker(GlibcNamespace& space, const Program& program, const target::Libc& libc, const GlibcRules& rules)
        : space_(space), program_(program), libc_(libc), rules_(rules) {}

    VersionReport run() {
        for (GlibcObject* object : space_.chain()) {
            if (object->dynamic() == nullptr || !object->dynamic()->has(elf::dt_strtab)) continue;
            if (!check_object(*object)) break;
        }
        return std::move(report_);
    }

private:
    Problem problem(ProblemKind kind, const GlibcObject& object, Stage stage = Stage::versions) {
        Problem out;
        out.kind = kind;
        out.stage = stage;
        out.object = space_.shown(object);
        return out;
    }

    void place(Problem& problem, const GlibcObject& object, std::uint64_t offset, std::uint64_t size, std::string path,
               std::string reading) {
        problem.places.push_back({.file = std::string(space_.shown(object)),
                                  .offset = offset,
                                  .size = size,
                                  .path = std::move(path),
                                  .reading = std::move(reading)});
    }

    // An object asks for versions of what it needs; no two have one name.
    const GlibcObject* provider_of(const GlibcObject& object, std::string_view library) {
        auto has_name = [&](const GlibcObject* other) {
            bool left_out = rules_.loader_left_out && other->is_loader && !other->listed;
            return !left_out && is_named(*other, library);
        };
        for (const std::vector<GlibcObject*>* objects : {&object.needed, &std::as_const(space_.chain())}) {
            if (auto found = std::ranges::find_if(*objects, has_name); found != objects->end()) return *found;
        }
        return nullptr;
    }

    // False when the loader stops here.
    bool check_object(const GlibcObject& object) {
        const elf::Versions& versions = object.module->versions();
        bool relr_named = false;
        for (std::size_t i = 0; i < versions.needs.size(); ++i) {
            const elf::VersionNeed& need = versions.needs[i];
            if (i == 0 && need.version != 1) {
                std::string reason = fmt::format("unsupported version {} of Verneed record", need.version);
                return stop(object, reason, need.record_offset);
            }
            const GlibcObject* provider = provider_of(object, need.library);
            if (provider == nullptr) return provider_unknown(object, need);
            for (const elf::NeededVersion& version : need.versions) {
                relr_named |= version.name == relr_version;
                if (!provider->missing()) match(object, need, version, *provider);
            }
        }
        if (!rules_.dt_relr || relr_named || versions.needs.empty() || !object.dynamic()->has(elf::dt_relr)) return true;
        for (std::string_view name : object.module->needed()) {
            if (name.starts_with("libc.so.")) return stop(object, std::string(text::relr_without_version), object.dynamic()->file_offset);
        }
        return true;
    }

    bool stop(const GlibcObject& object, const std::string& reason, std::uint64_t offset) {
        Problem out = problem(ProblemKind::relocation_failed, object);
        out.reason = reason;
        place(out, object, offset, 16, "elf/verneed", reason);
        report_.problems.push_back(std::move(out));
        report_.lines.push_back(text::load_error(program_.path, space_.shown(object), reason, 0));
        report_.failed = true;
        report_.exit_code = 127;
        return false;
    }

    bool provider_unknown(const GlibcObject& object, const elf::VersionNeed& need) {
        Problem out = problem(ProblemKind::loader_assertion, object);
        out.subject = need.library;
        auto line = glibc_assertion_lines(libc_.version).needed_is_null;
        constexpr std::string_view condition = "needed != NULL";
        out.reason = text::assertion("dl-version.c", line.value_or(0), "_dl_check_map_versions", condition);
        place(out, object, need.record_offset, 16, "elf/verneed",
              fmt::format("versions of {}, which is not among the libraries", need.library));
        if (line) report_.lines.push_back(out.reason);
        else
            report_.assumptions.push_back(
                fmt::format("the line number in the assertion glibc {} prints is not known", libc_.version.to_string()));
        report_.problems.push_back(std::move(out));
        report_.failed = true;
        report_.exit_code = 127;
        return false;
    }

    enum class Match : std::uint8_t { found, absent, doubtful, no_definitions, unsupported };
    static Match find_version(const Module& provider, const elf::NeededVersion& wanted, std::uint16_t& strange) {
        if (const target::DescribedLibrary* described = provider.description()) {
            auto has = [&](const std::vector<std::string>& nodes) { return std::ranges::find(nodes, wanted.name) != nodes.end(); };
            if (has(described->versions)) return Match::found;
            if (has(described->doubtful_versions)) return Match::doubtful;
            return described->versions.empty() ? Match::no_definitions : Match::absent;
        }
        if (!provider.image() || !provider.image()->dynamic() || !provider.image()->dynamic()->has(elf::dt_verdef))
            return Match::no_definitions;
        for (const elf::DefinedVersion& definition : provider.versions().definitions) {
            if (definition.version != 1) {
                strange = definition.version;
                return Match::unsupported;
            }
            if (definition.hash == wanted.hash && definition.name == wanted.name) return Match::found;
        }
        return Match::absent;
    }

    void match(const GlibcObject& object, const elf::VersionNeed& need, const elf::NeededVersion& version, const GlibcObject& provider) {
        std::uint16_t strange = 0;
        Match result = find_version(*provider.module, version, strange);
        if (result == Match::found) return;
        std::string_view by = space_.shown(object), at = space_.shown(provider);
        bool weak = (version.flags & elf::ver_flg_weak) != 0;
        bool described = provider.module->description() != nullptr;
        if (result == Match::no_definitions && described) {
            assume(fmt::format("{} has the version nodes asked of it: they are not in the description", at));
            return;
        }
        if (result == Match::doubtful) {
            if (!weak) doubt(object, need, version, at);
            return;
        }
        Problem out =
            problem(result == Match::no_definitions ? ProblemKind::version_information_missing : ProblemKind::version_missing, object);
        out.subject = need.library;
        out.version = version.name;
        out.provider = at;
        if (result == Match::no_definitions) {
            out.fatal = false;
            out.reason = text::version_information_missing(program_.path, at, by);
        } else if (result == Match::unsupported) {
            out.reason = fmt::format("{}: {}: unsupported version {} of Verdef record", program_.path, at, strange);
            report_.failed = true;
        } else {
            out.fatal = !weak;
            out.reason = text::version_missing(program_.path, at, version.name, by, weak);
            report_.failed |= !weak;
        }
        place(out, object, version.record_offset, 16, "elf/verneed", fmt::format("{} of {}", version.name, need.library));
        report_.lines.push_back(out.reason);
        report_.problems.push_back(std::move(out));
    }

    // Some builds of this release define the node and others do not.
    void doubt(const GlibcObject& object, const elf::VersionNeed& need, const elf::NeededVersion& version, std::string_view provider) {
        Problem out = problem(ProblemKind::evidence_missing, object);
        out.certain = false;
        out.subject = need.library;
        out.version = version.name;
        out.provider = provider;
        out.reason = fmt::format("whether {} defines {} is known of the real file only: some builds do", provider, version.name);
        place(out, object, version.record_offset, 16, "elf/verneed", fmt::format("{} of {}", version.name, need.library));
        report_.unknown = true;
        report_.problems.push_back(std::move(out));
    }

    void assume(std::string what) {
        if (std::ranges::find(report_.assumptions, what) == report_.assumptions.end()) report_.assumptions.push_back(std::move(what));
    }

    GlibcNamespace& space_;
    const Program& program_;
    const target::Libc& libc_;
    const GlibcRules& rules_;
    VersionReport report_;
};

}  // namespace

VersionReport check_versions(GlibcNamespace& space, const Program& program, const target::Libc& libc, const GlibcRules& rules) {
    return Checker(space, program, libc, rules).run();
}

}  // namespace abiscope::loader
