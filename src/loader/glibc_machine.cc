#include "loader/glibc_machine.h"

#include <algorithm>
#include <array>
#include <span>

#include "elf/spec.h"
#include "loader/glibc_environment.h"
#include "loader/glibc_versions_table.h"

namespace abiscope::loader {

namespace {

// Names as in /proc/cpuinfo: pni is SSE3, cx16 CMPXCHG16B, abm LZCNT, lahf_lm LAHF in 64-bit mode.
constexpr std::array<std::string_view, 7> level_1{"cmov", "cx8", "fpu", "fxsr", "mmx", "sse", "sse2"};
constexpr std::array<std::string_view, 7> level_2{"cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2"};
constexpr std::array<std::string_view, 6> level_3{"avx", "avx2", "f16c", "fma", "abm", "movbe"};
constexpr std::array<std::string_view, 5> level_4{"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"};
constexpr std::array<std::string_view, 7> haswell{"avx2", "fma", "bmi1", "bmi2", "abm", "movbe", "popcnt"};

// A feature and the subdirectory of glibc-hwcaps it opens, best first (sysdeps/*/dl-hwcaps-subdirs.c).
struct FeatureDirectory {
    std::string_view feature, directory;
};
constexpr std::array<FeatureDirectory, 2> powerpc_directories{{{"arch_3_1", "power10"}, {"arch_3_00", "power9"}}};
constexpr std::array<FeatureDirectory, 4> s390x_directories{{{"nnpa", "z16"}, {"vxe2", "z15"}, {"vxe", "z14"}, {"vx", "z13"}}};

// Numbers of the bits of dl_hwcap that name x86 features, and of the platforms in a cache entry (sysdeps/x86/dl-hwcap.h).
constexpr std::uint64_t hwcap_sse2 = 1, hwcap_x86_64 = 2, hwcap_avx512_1 = 4;
constexpr unsigned first_platform = 48;
constexpr std::uint64_t x86_platforms = std::uint64_t{0xf} << first_platform;

bool has(const target::Cpu& cpu, std::string_view feature) { return std::ranges::find(cpu.features, feature) != cpu.features.end(); }

bool has_all(const target::Cpu& cpu, std::span<const std::string_view> features) {
    return std::ranges::all_of(features, [&](std::string_view feature) { return has(cpu, feature); });
}

bool is_intel(const target::Cpu& cpu) {
    return cpu.vendor.empty() ? cpu.name.find("Intel") != std::string::npos : cpu.vendor == "GenuineIntel";
}

// As the loader makes it of uname(2) (sysdeps/unix/sysv/linux/dl-sysdep.c, _dl_discover_osversion): the first three numbers, a byte each.
std::uint32_t kernel_word(const Version& version) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i) word = word << 8 | (version.part(i) & 0xff);
    return word;
}

// The legacy subdirectories: every combination of the hardware names, the platform and "tls", most first (elf/dl-hwcaps.c up to 2.36).
void add_combinations(const std::vector<std::string>& names, std::vector<std::string>& out) {
    for (std::uint32_t bits = 1U << names.size(); bits-- > 1;) {
        std::string path;
        for (std::size_t i = names.size(); i-- > 0;) {
            if ((bits >> i & 1) != 0) path += names[i] + "/";
        }
        out.push_back(std::move(path));
    }
}

void set_cache_flags(std::uint16_t machine, bool wide, bool hard_float, CacheQuery& query) {
    std::int32_t flags = 3, also = 1;
    switch (machine) {
        case elf::em_x86_64: flags = also = wide ? 0x303 : 0x803; break;
        case elf::em_aarch64: flags = also = 0xa03; break;
        case elf::em_arm:
            flags = hard_float ? 0x903 : 0xb03;
            also = 3;
            break;
        case elf::em_riscv: flags = also = 0x1003; break;
        case elf::em_ppc64: flags = also = 0x503; break;
        case elf::em_s390:
            flags = wide ? 0x403 : 3;
            also = wide ? flags : 1;
            break;
        case elf::em_loongarch: flags = also = 0x1203; break;
        default: break;
    }
    query.wanted_flags = flags;
    query.also_flags = also;
}

}  // namespace

bool exactly_known(std::uint16_t machine) { return machine == elf::em_x86_64 || machine == elf::em_aarch64 || machine == elf::em_386; }

std::uint32_t x86_isa_level(const target::Cpu& cpu) {
    if (!has_all(cpu, level_1)) return 0;
    if (!has_all(cpu, level_2)) return isa_baseline;
    if (!has_all(cpu, level_3)) return isa_baseline | isa_v2;
    if (!has_all(cpu, level_4)) return isa_baseline | isa_v2 | isa_v3;
    return isa_baseline | isa_v2 | isa_v3 | isa_v4;
}

GlibcMachine glibc_machine(const target::Target& target, const target::Libc& libc, target::ElfIdentity identity) {
    GlibcMachine out;
    out.machine = identity.machine;
    out.wide = identity.wide;
    out.big_endian = identity.big_endian;
    out.platform = libc.platform_token;
    out.x86 = identity.machine == elf::em_x86_64 || identity.machine == elf::em_386;
    const target::Cpu& cpu = target.cpu;
    if (out.x86) out.isa_level = x86_isa_level(cpu);

    const GlibcRules rules = glibc_rules(libc.version);
    std::vector<std::string> levels;
    if (identity.machine == elf::em_x86_64) {
        if ((out.isa_level & isa_v4) != 0) levels.emplace_back("x86-64-v4");
        if ((out.isa_level & isa_v3) != 0) levels.emplace_back("x86-64-v3");
        if ((out.isa_level & isa_v2) != 0) levels.emplace_back("x86-64-v2");
    } else if (identity.machine == elf::em_ppc64 || identity.machine == elf::em_s390) {
        std::span<const FeatureDirectory> table = powerpc_directories;
        if (identity.machine == elf::em_s390) table = s390x_directories;
        for (const FeatureDirectory& entry : table) {
            if (has(cpu, entry.feature)) levels.emplace_back(entry.directory);
        }
    }

    std::vector<std::string> names;
    if (identity.machine == elf::em_x86_64) {
        if (rules.x86_hwcap_names) names.emplace_back("x86_64");
        if (out.platform.empty()) out.platform = "x86_64";
        out.cache.hwcap = hwcap_x86_64;
        if (rules.x86_hwcap_names && is_intel(cpu)) {
            bool phi = has(cpu, "avx512cd") && has(cpu, "avx512er");
            if (has(cpu, "avx512cd") && !phi && has(cpu, "avx512bw") && has(cpu, "avx512dq") && has(cpu, "avx512vl")) {
                names.emplace_back("avx512_1");
                out.cache.hwcap |= hwcap_avx512_1;
            }
            if (out.platform == "x86_64") {
                if (phi && has(cpu, "avx512pf")) out.platform = "xeon_phi";
                else if (has_all(cpu, haswell)) out.platform = "haswell";
            }
        }
        if (out.platform == "haswell") out.cache.platform_bit = std::uint64_t{1} << (first_platform + 2);
        if (out.platform == "xeon_phi") out.cache.platform_bit = std::uint64_t{1} << (first_platform + 3);
        out.cache.platform_mask = x86_platforms;
    } else if (identity.machine == elf::em_386) {
        if (has(cpu, "sse2")) {
            names.emplace_back("sse2");
            out.cache.hwcap = hwcap_sse2;
        }
        if (out.platform.empty()) out.platform = "i686";
        out.cache.platform_bit = std::uint64_t{1} << (first_platform + (out.platform == "i686" ? 1 : 0));
        out.cache.platform_mask = std::uint64_t{3} << first_platform;
    } else if (identity.machine == elf::em_aarch64) {
        if (has(cpu, "atomics")) names.emplace_back("atomics");
        if (out.platform.empty()) out.platform = "aarch64";
    } else if (identity.machine == elf::em_arm) {
        if (has(cpu, "vfp")) names.emplace_back("vfp");
        if (has(cpu, "neon")) names.emplace_back("neon");
        if (out.platform.empty()) out.platform = "v7l";
    }
    if (!out.platform.empty()) names.push_back(out.platform);
    names.emplace_back("tls");

    if (rules.glibc_hwcaps) {
        for (const std::string& level : levels) out.subdirectories.push_back("glibc-hwcaps/" + level + "/");
        out.cache.subdirectories = levels;
    }
    if (rules.legacy_hwcaps) {
        add_combinations(names, out.subdirectories);
    } else {
        out.cache.hwcap = 0;
        out.cache.platform_bit = 0;
        out.cache.platform_mask = 0;
    }
    out.subdirectories.emplace_back();
    out.cache.legacy_hwcaps = rules.legacy_hwcaps;
    out.cache.named_hwcaps = rules.glibc_hwcaps;
    if (rules.cache_kernel_floor) out.cache.kernel = kernel_word(believed_kernel(target));
    out.cache.x86_levels = out.x86;
    out.cache.isa_level = out.isa_level;
    set_cache_flags(identity.machine, identity.wide, target.architecture != target::Architecture::armel, out.cache);
    return out;
}

}  // namespace abiscope::loader
