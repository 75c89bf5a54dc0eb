#include "disasm/sweep.h"

#include <algorithm>
#include <utility>

#include "disasm/decoder.h"
#include "disasm/flow.h"
#include "disasm/sweep_raw.h"

namespace abiscope::disasm {

namespace {

std::optional<std::size_t> function_index(std::uint32_t function) {
    if (function == no_function) return std::nullopt;
    return function;
}

// Fills in what a reader of the report wants to see of an instruction.
class Sites {
public:
    explicit Sites(const Code& code) : code_(code) {
        if (auto decoder = Decoder::create(code.architecture(), code.order())) decoder_.emplace(*std::move(decoder));
    }

    [[nodiscard]] Site at(std::uint64_t address) const {
        View rest = code_.bytes_at(address);
        Site site{.address = address, .file_offset = rest.file_offset(), .function = code_.function_at(address), .bytes = {}, .text = {}};
        if (!decoder_) return site;
        if (auto instruction = decoder_->decode(rest.bytes(), address)) {
            site.bytes = std::move(instruction->bytes);
            site.text = std::move(instruction->text);
        }
        return site;
    }

    [[nodiscard]] bool reached(const Site& site) const {
        return decoder_ && site.function && flows_to(code_, *decoder_, *site.function, site.address);
    }

private:
    const Code& code_;
    std::optional<Decoder> decoder_;
};

// One row per feature out of one tally per kind of instruction.
std::vector<FeatureUse> feature_uses(const RawSweep& raw, const Code& code) {
    std::array<FeatureUse, feature_count> uses{};
    std::array<std::uint64_t, feature_count> first_clean;
    std::array<std::uint64_t, feature_count> first_doubtful;
    first_clean.fill(no_address);
    first_doubtful.fill(no_address);
    std::array<Absence, feature_count> absence_clean{};
    std::array<Absence, feature_count> absence_doubtful{};
    auto lower = [](std::uint64_t& first, Absence& absence, std::uint64_t candidate, Absence its) {
        if (candidate < first) {
            first = candidate;
            absence = its;
        }
    };
    for (std::size_t i = 0; i < raw.tallies.size(); ++i) {
        const RawTally& tally = raw.tallies[i];
        Needs needs = raw.needs(static_cast<std::uint8_t>(i));
        for (Feature feature : {needs.first, needs.second}) {
            if (feature == Feature::none || tally.clean + tally.doubtful == 0) continue;
            auto f = static_cast<std::size_t>(feature);
            uses[f].feature = feature;
            if (needs.absence == Absence::harmless) {
                uses[f].harmless += tally.clean + tally.doubtful;
                continue;
            }
            uses[f].count += tally.clean;
            uses[f].doubtful += tally.doubtful;
            lower(first_clean[f], absence_clean[f], tally.first_clean, needs.absence);
            lower(first_doubtful[f], absence_doubtful[f], tally.first_doubtful, needs.absence);
        }
    }
    std::vector<FeatureUse> found;
    Sites sites(code);
    for (std::size_t f = 0; f < uses.size(); ++f) {
        FeatureUse& use = uses[f];
        if (use.feature == Feature::none) continue;
        if (use.count + use.doubtful != 0) {
            bool clean = use.count != 0;
            use.absence = clean ? absence_clean[f] : absence_doubtful[f];
            use.first = sites.at(clean ? first_clean[f] : first_doubtful[f]);
            use.trust = clean ? sites.reached(use.first) ? Trust::reached : Trust::clean : Trust::doubtful;
        } else {
            use.absence = Absence::harmless;
        }
        found.push_back(std::move(use));
    }
    return found;
}

FeatureSet features_of(const RawSweep& raw, const std::bitset<256>& codes) {
    FeatureSet features;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (!codes.test(i)) continue;
        Needs needs = raw.needs(static_cast<std::uint8_t>(i));
        if (needs.absence == Absence::harmless) continue;
        features.insert(needs.first);
        features.insert(needs.second);
    }
    return features;
}

Probe::Kind probe_kind(Landmark landmark) {
    if (landmark == Landmark::xgetbv) return Probe::Kind::xgetbv;
    if (landmark == Landmark::rdssp) return Probe::Kind::rdssp;
    return Probe::Kind::cpuid;
}

}  // namespace

Sweep sweep(const Code& code) {
    RawSweep raw = sweep_raw(code);
    Sweep result{.features_known = raw.features_known,
                 .uses = feature_uses(raw, code),
                 .functions = {},
                 .probes = {},
                 .probe_count = raw.probe_count,
                 .used = {},
                 .doubtful = {},
                 .level = nullptr,
                 .doubtful_level = nullptr,
                 .bytes_swept = raw.bytes_swept,
                 .bytes_undecodable = raw.bytes_undecodable,
                 .bytes_data = raw.bytes_data};
    for (const RawFunction& function : raw.functions) {
        FunctionUse use{.function = function_index(function.function),
                        .features = features_of(raw, function.clean),
                        .doubtful = features_of(raw, function.doubtful),
                        .first = function.first};
        use.doubtful.erase(use.features);
        if (!use.features.empty() || !use.doubtful.empty()) result.functions.push_back(use);
    }
    for (const RawProbe& probe : raw.probes) {
        result.probes.push_back({.kind = probe_kind(probe.landmark),
                                 .address = probe.address,
                                 .file_offset = code.bytes_at(probe.address).file_offset(),
                                 .function = function_index(probe.function),
                                 .trust = probe.clean ? Trust::clean : Trust::doubtful});
    }
    for (const FeatureUse& use : result.uses) {
        if (use.count != 0) result.used.insert(use.feature);
        else if (use.doubtful != 0) result.doubtful.insert(use.feature);
    }
    if (result.features_known) {
        FeatureSet all = result.used;
        all.insert(result.doubtful);
        result.level = lowest_level(code.architecture(), result.used);
        result.doubtful_level = lowest_level(code.architecture(), all);
    }
    return result;
}

const FeatureUse* Sweep::find(Feature feature) const {
    auto use = std::ranges::find(uses, feature, &FeatureUse::feature);
    return use == uses.end() ? nullptr : &*use;
}

std::string_view to_string(Trust trust) {
    switch (trust) {
        case Trust::doubtful: return "doubtful";
        case Trust::clean: return "clean";
        case Trust::reached: return "reached";
    }
    std::unreachable();
}

}  // namespace abiscope::disasm
