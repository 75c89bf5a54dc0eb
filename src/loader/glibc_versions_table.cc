#include "loader/glibc_versions_table.h"

#include <array>

namespace abiscope::loader {

GlibcRules glibc_rules(const Version& version) {
    auto from = [&](std::uint32_t minor) { return version.empty() || version >= Version{2, minor}; };
    GlibcRules rules;
    rules.glibc_hwcaps = from(33);
    rules.legacy_hwcaps = !from(37);
    rules.x86_hwcap_names = from(26);
    rules.kernel_floor = !from(36);
    rules.segments_by_page = from(35);
    rules.dt_relr = from(36);
    rules.sorted_by_depth = from(35);
    rules.isa_needed = from(33);
    rules.refuses_pie = from(30);
    rules.absolute_zero = from(28);
    rules.version_is_relocation_error = !from(30);
    rules.protected_warnings = from(35);
    rules.bind_now_when_secure = !from(39);
    return rules;
}

namespace {

struct KnownLines {
    std::uint32_t minor;
    GlibcAssertionLines lines;
};

constexpr std::array<KnownLines, 1> known_lines{{
    {36, {.check_match = 107, .needed_is_null = 204, .rela_relative = 487}},
}};

}  // namespace

GlibcAssertionLines glibc_assertion_lines(const Version& version) {
    for (const KnownLines& known : known_lines) {
        if (version == Version{2, known.minor}) return known.lines;
    }
    return {};
}

}  // namespace abiscope::loader
