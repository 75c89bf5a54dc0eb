#include "loader/glibc_faster_copies.h"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "elf/spec.h"

namespace abiscope::loader {

std::optional<Problem> faster_copy(std::span<const LoadedLibrary> libraries, std::span<const Problem> problems, const GlibcMachine& machine,
                                   const target::Target& target) {
    if (machine.machine != elf::em_x86_64 || target.cpu.exact || !target.files) return std::nullopt;
    constexpr std::pair<std::uint32_t, std::string_view> levels[] = {{isa_v4, "x86-64-v4"}, {isa_v3, "x86-64-v3"}, {isa_v2, "x86-64-v2"}};
    auto copy_beside = [&](std::string_view path) -> std::optional<Problem> {
        std::size_t slash = path.rfind('/');
        if (slash == std::string_view::npos || !path.starts_with('/') || path.contains("/glibc-hwcaps/")) return std::nullopt;
        std::string folder = fmt::format("{}/glibc-hwcaps", path.substr(0, slash));
        if (!target.files->status(folder, target::Credentials{})) return std::nullopt;
        for (auto [bit, level] : levels) {
            if ((machine.isa_level & bit) != 0) continue;
            std::string copy = fmt::format("{}/{}{}", folder, level, path.substr(slash));
            if (!target.files->status(copy, target::Credentials{})) continue;
            return Problem{.kind = ProblemKind::evidence_missing,
                           .stage = Stage::libraries,
                           .fatal = false,
                           .certain = false,
                           .object = std::string(path),
                           .subject = std::string(path.substr(slash + 1)),
                           .reason = fmt::format("whether the processor is {}, for then {} is taken: only the least it can have is known "
                                                 "(--cpu names it)",
                                                 level, copy),
                           .places = {{copy, std::nullopt, 0, "file", "a copy for newer processors"}},
                           .trace = {}};
        }
        return std::nullopt;
    };
    for (const Problem& problem : problems) {
        for (const finding::Step& step : problem.trace) {
            if (auto found = copy_beside(step.what)) return found;
        }
    }
    for (const LoadedLibrary& library : libraries) {
        if (library.found_by == FoundBy::program || library.found_by == FoundBy::interpreter) continue;
        for (const finding::Step& step : library.trace) {
            if (auto problem = copy_beside(step.what)) return problem;
        }
        if (auto problem = copy_beside(library.path)) return problem;
    }
    return std::nullopt;
}

}  // namespace abiscope::loader
