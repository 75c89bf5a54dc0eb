#include "rules/rebuild.h"
#include "rules/shell_word.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "elf/sections.h"
#include "finding/sink.h"

namespace abiscope::rules {

using finding::Applicability;
using finding::Fix;
using finding::FixKind;

namespace {

// Go's names where they differ from Debian's.
std::string go_architecture(target::Architecture architecture) {
    using target::Architecture;
    switch (architecture) {
        case Architecture::i386: return "386";
        case Architecture::armhf: return "arm GOARM=7";
        case Architecture::armel: return "arm GOARM=5";
        case Architecture::ppc64el: return "ppc64le";
        case Architecture::mips64el: return "mips64le";
        case Architecture::mipsel: return "mipsle";
        default: return std::string(to_string(architecture));
    }
}

std::string go_system(target::Os os) { return os == target::Os::windows ? "windows" : os == target::Os::macos ? "darwin" : "linux"; }

// The name the build gets: that of the package, with the ending its system wants. Files named on go's command line have none.
std::string new_name(const Situation& situation) {
    bool named = !situation.go->path.empty() && situation.go->path != "command-line-arguments";
    std::string_view whole = named ? situation.go->path : situation.name;
    std::string name(whole.substr(whole.rfind('/') + 1));
    constexpr std::string_view ending = ".exe";
    if (name.ends_with(ending)) name.erase(name.size() - ending.size());
    return situation.target.os == target::Os::windows ? name + std::string(ending) : name;
}

}  // namespace

Fix static_build(const loader::Problem& problem, const Situation& situation) {
    Fix fix{.kind = FixKind::command, .applicability = Applicability::likely, .text = {}, .side_effects = {}};
    if (situation.go) {
        fix.text = fmt::format("CGO_ENABLED=0 GOOS={} GOARCH={} go build", go_system(situation.target.os),
                               go_architecture(situation.target.architecture));
        fix.side_effects = "packages that import \"C\" are left out of the build; names are resolved by Go's own resolver";
    } else {
        fix.text = "link statically: `gcc -static ...` (or `musl-gcc -static ...`); Rust: `cargo build --target x86_64-unknown-linux-musl`";
        fix.applicability = Applicability::advice;
        fix.side_effects = "a static glibc cannot dlopen, and its name lookups still need the target's NSS libraries";
    }
    if (auto module = as_static(*situation.program.module)) {
        try_fix(fix, problem, situation, {.program = [&](loader::Program& program) { program.module = *module; }, .target = {}});
    }
    return fix;
}

std::optional<Fix> take_whole_program(const Situation& situation) {
    const loader::Module* module = situation.program.module.get();
    if (module == nullptr || module->image() == nullptr) return std::nullopt;
    finding::Sink unheard;
    if (!elf::is_debug_file(elf::read_sections(*module->image(), unheard))) return std::nullopt;
    std::string id = text::hex_bytes(module->notes().build_id.bytes(), "");
    return Fix{.kind = FixKind::command,
               .applicability = Applicability::advice,
               .text = fmt::format("this is a separate debug file, without the program's code: take the program it was split from{}",
                                   id.empty() ? "" : ", with build id " + id),
               .side_effects = {}};
}

Fix build_for_target(const Situation& situation) {
    Fix fix{.kind = FixKind::command, .applicability = Applicability::applies_template, .text = {}, .side_effects = {}};
    std::string system = go_system(situation.target.os);
    if (situation.go) {
        fix.text = fmt::format("GOOS={} GOARCH={} go build -o {} {}", system, go_architecture(situation.target.architecture),
                               shell_word(new_name(situation)), situation.go->path.empty() ? std::string("<PACKAGE>") : situation.go->path);
        fix.applicability = situation.go->path.empty() ? Applicability::applies_template : Applicability::likely;
    } else {
        fix.text = fmt::format("build it for {} on {}: a cross compiler (`CC=<TRIPLE>-gcc`), or the same build run on such a machine",
                               system, to_string(situation.target.architecture));
        fix.applicability = Applicability::advice;
    }
    return fix;
}

}  // namespace abiscope::rules
