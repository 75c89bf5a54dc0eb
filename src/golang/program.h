// A Go program as a whole: its modules, and which release made it and how that is known.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "golang/buildinfo.h"
#include "golang/memory.h"
#include "golang/module_data.h"
#include "golang/types.h"

namespace abiscope::golang {

enum class VersionSource : std::uint8_t {
    unknown,
    build_info,      // the blob that `go version` reads
    build_version,   // runtime.buildVersion, a string in the data
    shape,           // table of functions, module data and the numbers of the runtime's functions: a range of releases
};
[[nodiscard]] std::string_view to_string(VersionSource source);

struct Version {
    VersionSource source = VersionSource::unknown;
    std::string text;                          // "go1.26.5"; empty when only the shape is known
    std::optional<Release> release;
    ReleaseRange shape;                        // that the bytes agree with
    std::vector<std::string> because;          // what was looked at, in words
    std::optional<std::uint64_t> file_offset;  // of the blob or the string
};

class Program {
public:
    // `build` is what the blob says, if there is one. Error not_found: no table of functions that a module points at. `memory` must outlive
    // it. Findings: those of find_modules(), GO-VERSION-NEWER-THAN-DATA, GO-BUILD-INFO-MISSING.
    [[nodiscard]] static Result<Program> open(const Memory& memory, const std::optional<BuildInfo>& build, finding::Sink& sink);

    [[nodiscard]] const Memory& memory() const { return *memory_; }
    [[nodiscard]] const std::vector<FoundModule>& modules() const { return modules_; }
    [[nodiscard]] const FoundModule& main() const { return modules_.front(); }
    [[nodiscard]] const Version& version() const { return version_; }

    // The release whose layouts are used: the version's, or the oldest that the shape allows; newest_release for a newer one.
    [[nodiscard]] Release release() const { return release_; }

    // The module whose text holds `pc`, or null.
    [[nodiscard]] const FoundModule* module_at(std::uint64_t pc) const;

    [[nodiscard]] TypeReader types(const FoundModule& module) const;

    // The calls at `pc`, innermost first, as PclnTable::frames() gives them.
    std::size_t frames(const FoundModule& module, const Function& function, std::uint64_t pc, std::span<SourceFrame> out) const;

private:
    const Memory* memory_ = nullptr;
    std::vector<FoundModule> modules_;
    Version version_;
    Release release_;
};

// "github.com/user/repo/pkg" of a function's name; "" for what the linker made. As debug/gosym does, but for escapes: %2e is a dot.
[[nodiscard]] std::string package_of(std::string_view function);

}  // namespace abiscope::golang
