// Shared by the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include "pe/image.h"
#include "support/pe_builder.h"

namespace abiscope::pe {

struct Parsed {
    Image image;
    finding::Sink sink;

    [[nodiscard]] const finding::Finding* find(finding::RuleId rule) const {
        for (const finding::Finding& candidate : sink.findings()) {
            if (candidate.rule() == rule) return &candidate;
        }
        return nullptr;
    }
    [[nodiscard]] bool has(finding::RuleId rule) const { return find(rule) != nullptr; }
};

inline Parsed parse(const SourcePtr& source) {
    finding::Sink sink;
    auto image = Image::parse(source, source->view(), sink);
    if (!image) throw std::runtime_error(image.error().describe());
    return {*std::move(image), std::move(sink)};
}

inline Parsed parse(const test::PeBuilder& builder) { return parse(builder.source()); }

inline Parsed parse(const test::PeBytes& bytes) { return parse(Source::from_memory("built", bytes.bytes())); }

}  // namespace abiscope::pe
