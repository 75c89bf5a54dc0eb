#include "core/cpu.h"

#include "bytes/reader.h"
#include "core/spec.h"
#include "disasm/cpuid_bits.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

using disasm::Feature;

struct State {
    Feature first;
    Feature last;
    std::uint64_t bits;
    std::string_view source;
};

// Intel SDM volume 1, 13.3: the register state an instruction needs enabled.
constexpr State states[] = {
    {Feature::avx, Feature::avx2, 0x6, "XCR0 bits 1 and 2 (SSE, AVX)"},
    {Feature::fma, Feature::fma, 0x6, "XCR0 bits 1 and 2 (SSE, AVX)"},
    {Feature::f16c, Feature::f16c, 0x6, "XCR0 bits 1 and 2 (SSE, AVX)"},
    {Feature::avx512f, Feature::avx512vl, 0xe6, "XCR0 bits 5 to 7 (AVX-512)"},
    {Feature::avx512_4fmaps, Feature::avx512_vpopcntdq, 0xe6, "XCR0 bits 5 to 7 (AVX-512)"},
    {Feature::amx_bf16, Feature::amx_tile, 0x60000, "XCR0 bits 17 and 18 (AMX)"},
};

constexpr std::size_t record_size = 20 + 9 * 32;   // struct cpu_features_basic, then nine leaves, each as read and as usable

// glibc, sysdeps/x86/include/cpu-features.h: struct cpu_features. Its place within _rtld_global_ro differs from release to release, so it
// is looked for by what it must hold: family, model and stepping as leaf 1 says them, and AT_HWCAP, which is leaf 1's EDX.
std::optional<CrashedCpu> leaves_at(View bytes, std::uint32_t hwcap) {
    Reader reader(bytes, Endian::little, "cpu_features");
    std::uint32_t kind = reader.u32();
    std::uint32_t most = reader.u32();
    CrashedCpu cpu;
    cpu.family = reader.u32();
    cpu.model = reader.u32();
    std::uint32_t stepping = reader.u32();
    for (CpuidLeaf& leaf : cpu.leaves) {
        leaf.eax = reader.u32();
        leaf.ebx = reader.u32();
        leaf.ecx = reader.u32();
        leaf.edx = reader.u32();
        reader.skip(16);
    }
    if (!reader.ok() || kind == 0 || kind > 8 || most < 7 || most > 0x100) return std::nullopt;
    std::uint32_t signature = cpu.leaves[0].eax;
    std::uint32_t family = signature >> 8 & 0xf;
    std::uint32_t model = signature >> 4 & 0xf;
    if (family == 0xf || family == 6) model += signature >> 12 & 0xf0;
    if (family == 0xf) family += signature >> 20 & 0xff;
    bool same = cpu.leaves[0].edx == hwcap && family == cpu.family && model == cpu.model && (signature & 0xf) == stepping;
    if (!same) return std::nullopt;
    cpu.has_leaves = true;
    return cpu;
}

}  // namespace

CrashedCpu crashed_cpu(const Process& process) {
    CrashedCpu cpu;
    std::optional<std::uint64_t> xcr0;
    if (!process.notes.threads.empty()) {
        // The kernel puts XCR0 into the first bytes that the hardware leaves to software (struct _fpx_sw_bytes; XSAVE area, byte 464).
        Reader reader(process.notes.threads.front().extended, Endian::little, "NT_X86_XSTATE");
        reader.seek(464);
        std::uint64_t value = reader.u64();
        if (reader.ok()) xcr0 = value;
    }
    auto hwcap = process.notes.auxiliary_value(at_hwcap);
    std::uint64_t base = process.notes.auxiliary_value(at_base).value_or(0);
    const Module* loader = process.module_at(base);
    bool x86 = process.layout != nullptr && process.layout->machine == elf::em_x86_64;
    if (x86 && hwcap && loader != nullptr && base != 0) {
        std::uint64_t left = 1 << 20;  // bytes to look at
        for (const Region& region : process.memory.regions()) {
            const MappedFile* file = process.memory.file_at(region.start);
            bool of_loader = region.start >= loader->start && region.start < loader->end && file != nullptr && file->path == loader->path;
            constexpr std::uint64_t longest = 1 << 16;
            if (!of_loader || region.executable() || region.dumped.size() > longest || region.dumped.size() > left) continue;
            left -= region.dumped.size();
            for (std::uint64_t at = 0; at + record_size <= region.dumped.size(); at += 4) {
                auto found = leaves_at(region.dumped.clamped(at, record_size), static_cast<std::uint32_t>(*hwcap));
                if (!found) continue;
                cpu = *found;
                cpu.address = region.start + at;
                break;
            }
            if (cpu.has_leaves) break;
        }
    }
    cpu.xcr0 = xcr0;
    return cpu;
}

FeatureAnswer has_feature(const CrashedCpu& cpu, Feature feature) {
    if (cpu.xcr0) {
        for (const State& state : states) {
            if (feature < state.first || feature > state.last) continue;
            if ((*cpu.xcr0 & state.bits) != state.bits) return {Has::no, state.source};
        }
    }
    if (!cpu.has_leaves) return {};
    for (const disasm::CpuidBit& place : disasm::cpuid_bits()) {
        if (place.feature != feature) continue;
        const CpuidLeaf& leaf = cpu.leaves[place.leaf];
        std::uint32_t value = place.reg == 0 ? leaf.eax : place.reg == 1 ? leaf.ebx : place.reg == 2 ? leaf.ecx : leaf.edx;
        return {(value >> place.bit & 1) != 0 ? Has::yes : Has::no, place.source};
    }
    return {};
}

}  // namespace abiscope::core
