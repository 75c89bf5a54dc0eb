#include "disasm/features.h"

#include <utility>

namespace abiscope::disasm {

std::vector<Feature> FeatureSet::list() const {
    std::vector<Feature> features;
    for (std::size_t i = 1; i < feature_count; ++i) {
        if (bits_.test(i)) features.push_back(static_cast<Feature>(i));
    }
    return features;
}

std::string_view to_string(Absence absence) {
    switch (absence) {
        case Absence::illegal: return "illegal instruction";
        case Absence::wrong_result: return "wrong result";
        case Absence::harmless: return "harmless";
    }
    std::unreachable();
}

}  // namespace abiscope::disasm
