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
    rules.audit_tags = from(32);
    rules.audit_by_program = from(36);
    rules.version_is_relocation_error = !from(30);
    rules.protected_warnings = from(35);
    rules.bind_now_when_secure = !from(39);
    rules.filter_in_front_of_program = from(36);
    rules.cache_count_checked = from(33);
    rules.cache_kernel_floor = !from(36);
    rules.loader_left_out = !from(41);
    if (from(32) && !from(41)) rules.malloc = from(37) ? GlibcRules::Malloc::not_seen : GlibcRules::Malloc::looked_for;
    if (!from(41)) rules.unversioned_provider = from(37) ? GlibcRules::UnversionedProvider::not_seen : GlibcRules::UnversionedProvider::assertion;
    return rules;
}

namespace {

struct KnownLines {
    std::uint32_t minor;
    GlibcAssertionLines lines;
};

constexpr std::array<KnownLines, 4> known_lines{{
    {31, {.check_match = 111, .needed_is_null = 205, .rela_relative = 547, .pltrel = 123, .relaent = 131, .relrent = {}}},
    {36, {.check_match = 107, .needed_is_null = 204, .rela_relative = 487, .pltrel = 115, .relaent = 123, .relrent = 130}},
    {41, {.check_match = {}, .needed_is_null = 204, .rela_relative = 498, .pltrel = 115, .relaent = 123, .relrent = 130}},
    {43, {.check_match = {}, .needed_is_null = 204, .rela_relative = 498, .pltrel = 115, .relaent = 123, .relrent = 130}},
}};

}  // namespace

GlibcAssertionLines glibc_assertion_lines(const Version& version) {
    for (const KnownLines& known : known_lines) {
        if (version == Version{2, known.minor}) return known.lines;
    }
    return {};
}

}  // namespace abiscope::loader
