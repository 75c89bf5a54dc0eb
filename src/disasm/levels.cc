#include "disasm/levels.h"

#include <initializer_list>
#include <vector>

namespace abiscope::disasm {

namespace {

using enum Feature;

struct Step {
    std::string_view name;
    FeatureSet adds;
};

std::vector<Level> cumulative(std::initializer_list<Step> steps) {
    std::vector<Level> table;
    FeatureSet all;
    for (const Step& step : steps) {
        all.insert(step.adds);
        table.push_back(Level{step.name, all});
    }
    return table;
}

// psABI x86-64 1.0, table 3.1. OSFXSR and SCE are bits of control registers: FXSR and SYSCALL stand for them here.
const std::vector<Level>& psabi_levels() {
    static const std::vector<Level> table = cumulative({
        {"x86-64-v1", {i486, i586, i686, cmov, cx8, fpu, fxsr, mmx, sse, sse2, syscall, nopl, clflush}},
        {"x86-64-v2", {cx16, lahf, popcnt, sse3, ssse3, sse4_1, sse4_2}},
        {"x86-64-v3", {avx, avx2, bmi1, bmi2, f16c, fma, lzcnt, movbe, xsave}},
        {"x86-64-v4", {avx512f, avx512bw, avx512cd, avx512dq, avx512vl}},
    });
    return table;
}

// GCC -march=i386 .. i686 and what each CPU generation added. Debian's i386 is "i686" with NOPL since release 12.
const std::vector<Level>& i386_levels() {
    static const std::vector<Level> table = cumulative({
        {"i386", {fpu}},
        {"i486", {i486}},
        {"i586", {i586, cx8}},
        {"i686", {i686, cmov, nopl}},
        {"pentium3", {fxsr, mmx, sse}},
        {"pentium4", {sse2, clflush}},
    });
    return table;
}

// GCC config/aarch64/aarch64-arches.def. Armv9.0 is Armv8.5 with SVE2, so it follows it here; 8.6 and later are not below it.
const std::vector<Level>& arm64_levels() {
    static const std::vector<Level> table = cumulative({
        {"armv8-a", {}},
        {"armv8.1-a", {arm_lse, arm_rdm, arm_crc32}},
        {"armv8.2-a", {}},
        {"armv8.3-a", {arm_pauth, arm_lrcpc, arm_fcma, arm_jscvt}},
        {"armv8.4-a", {arm_dotprod, arm_flagm, arm_lrcpc2}},
        {"armv8.5-a", {arm_flagm2, arm_frint, arm_sb}},
        {"armv9-a", {arm_fp16, arm_sve, arm_sve2}},
    });
    return table;
}

}  // namespace

std::span<const Level> levels(Architecture architecture) {
    switch (architecture) {
        case Architecture::x86: return i386_levels();
        case Architecture::x86_64: return psabi_levels();
        case Architecture::arm64: return arm64_levels();
        default: return {};
    }
}

std::span<const Level> glibc_levels(GlibcTest test) {
    auto build = [](const FeatureSet& v3) {
        return cumulative({
            {"x86-64-v1", {cmov, cx8, fpu, fxsr, mmx, sse, sse2}},
            {"x86-64-v2", {cx16, lahf, popcnt, sse3, ssse3, sse4_1, sse4_2}},
            {"x86-64-v3", v3},
            {"x86-64-v4", {avx512f, avx512bw, avx512cd, avx512dq, avx512vl}},
        });
    };
    static const std::vector<Level> without_bmi = build({avx, avx2, f16c, fma, lzcnt, movbe});
    static const std::vector<Level> with_bmi = build({avx, avx2, bmi1, bmi2, f16c, fma, lzcnt, movbe});
    return test == GlibcTest::with_bmi ? with_bmi : without_bmi;
}

const Level* lowest_level(Architecture architecture, const FeatureSet& used) {
    std::span<const Level> table = levels(architecture);
    if (table.empty()) return nullptr;
    FeatureSet outside = used;
    outside.erase(table.back().features);
    FeatureSet wanted = used;
    wanted.erase(outside);
    for (const Level& level : table) {
        if (level.features.contains(wanted)) return &level;
    }
    return nullptr;
}

const Level* highest_level(std::span<const Level> table, const FeatureSet& cpu) {
    const Level* best = nullptr;
    for (const Level& level : table) {
        if (cpu.contains(level.features)) best = &level;
    }
    return best;
}

const Level* find_level(Architecture architecture, std::string_view name) {
    for (const Level& level : levels(architecture)) {
        if (level.name == name) return &level;
    }
    return nullptr;
}

}  // namespace abiscope::disasm
