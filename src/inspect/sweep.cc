#include "inspect/sweep.h"

#include "disasm/levels.h"
#include "loader/isa_check.h"

namespace abiscope::inspect {

namespace {

std::string level_of(disasm::Architecture architecture, disasm::Feature feature) {
    for (const disasm::Level& level : disasm::levels(architecture)) {
        if (level.features.contains(feature)) return std::string(level.name);
    }
    return {};
}

}  // namespace

std::optional<IsaSweep> sweep_elf(const elf::Image& image, const std::vector<elf::Section>& sections) {
    auto swept = loader::SweptCode::make(image, sections);
    if (!swept) return std::nullopt;
    const disasm::Sweep& sweep = swept->sweep();
    IsaSweep out;
    out.bytes = sweep.bytes_swept;
    if (sweep.level != nullptr) out.level = sweep.level->name;
    // On a CPU that has no more than the lowest there is.
    auto levels = disasm::levels(swept->code().architecture());
    disasm::FeatureSet absent = loader::lacking_features(levels.empty() ? disasm::FeatureSet() : levels.front().features);
    for (const disasm::FeatureUse& use : sweep.uses) {
        // Instructions that run as no-ops everywhere (ENDBR64, PREFETCHW) ask nothing of the CPU.
        if (use.count == 0 && use.doubtful == 0) continue;
        out.uses.push_back({.feature = std::string(disasm::info(use.feature).name),
                            .level = level_of(swept->code().architecture(), use.feature),
                            .count = use.count != 0 ? use.count : use.doubtful,
                            .instruction = use.first.text,
                            .address = use.first.address,
                            .file_offset = use.first.file_offset,
                            .function = swept->function_name(use.first.function),
                            .guard = swept->guard_of(use.feature, absent).words,
                            .certain = use.count != 0});
    }
    return out;
}

}  // namespace abiscope::inspect
