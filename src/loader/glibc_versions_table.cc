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
    auto needed = [&](std::uint32_t since) {
        using Needed = GlibcRules::Needed;
        if (!from(since)) return Needed::never;
        if (from(41)) return Needed::with_c_library;
        return from(37) ? Needed::not_seen : Needed::with_loader;
    };
    rules.malloc = needed(32);
    rules.mutexes = needed(34);
    rules.early_init = from(32);
    if (!from(41)) rules.unversioned_provider = from(37) ? GlibcRules::UnversionedProvider::not_seen : GlibcRules::UnversionedProvider::assertion;
    return rules;
}

namespace {

struct KnownLines {
    std::uint32_t minor;
    GlibcAssertionLines lines;
};

constexpr std::array<KnownLines, 4> known_lines{{
    {31, {.check_match = 111, .needed_is_null = 205, .rela_relative = 547, .early_init = {}, .mutex_lock = {}, .mutex_unlock = {}, .pltrel = 123, .relaent = 131, .relrent = {}}},
    {36, {.check_match = 107, .needed_is_null = 204, .rela_relative = 487, .early_init = 37, .mutex_lock = 44, .mutex_unlock = 51, .pltrel = 115, .relaent = 123, .relrent = 130}},
    {41, {.check_match = {}, .needed_is_null = 204, .rela_relative = 498, .early_init = 37, .mutex_lock = 44, .mutex_unlock = 51, .pltrel = 115, .relaent = 123, .relrent = 130}},
    {43, {.check_match = {}, .needed_is_null = 204, .rela_relative = 498, .early_init = 37, .mutex_lock = 44, .mutex_unlock = 51, .pltrel = 115, .relaent = 123, .relrent = 130}},
}};

}  // namespace

GlibcAssertionLines glibc_assertion_lines(const Version& version) {
    for (const KnownLines& known : known_lines) {
        if (version == Version{2, known.minor}) return known.lines;
    }
    return {};
}

}  // namespace abiscope::loader
