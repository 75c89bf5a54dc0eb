// What the tests of this folder share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes/source.h"
#include "finding/sink.h"
#include "macho/image.h"
#include "support/macho_builder.h"

namespace abiscope::macho {

// An image out of bytes, and the findings made on the way. The header must be whole.
struct Loaded {
    explicit Loaded(std::vector<std::byte> bytes)
        : source(Source::from_memory("test", std::move(bytes))), parsed(Image::parse(source, source->view(), sink)) {}

    Image& image() { return *parsed; }

    [[nodiscard]] std::vector<std::string> rules() const {
        std::vector<std::string> names;
        for (const auto& finding : sink.findings()) names.emplace_back(finding::rule(finding.rule()).name);
        return names;
    }
    [[nodiscard]] bool has(std::string_view rule) const {
        return std::ranges::any_of(sink.findings(), [&](const auto& finding) { return finding::rule(finding.rule()).name == rule; });
    }
    // Offset on disk of the first evidence of the first finding of that rule.
    [[nodiscard]] std::uint64_t place(std::string_view rule) const {
        for (const auto& finding : sink.findings()) {
            if (finding::rule(finding.rule()).name == rule) return finding.evidence().front().offset.value_or(~std::uint64_t{0});
        }
        return ~std::uint64_t{0};
    }

    finding::Sink sink;
    SourcePtr source;
    Result<Image> parsed;
};

// A small library with __TEXT over the header and __DATA and __LINKEDIT after it, no findings.
inline test::MachoBuilder small_library(bool wide = true, bool big = false) {
    test::MachoBuilder builder(wide, big);
    builder.file_size = 0x3000;
    builder.segment(
        {.name = "__TEXT",
         .address = 0x10000,
         .memory_size = 0x1000,
         .offset = 0,
         .file_size = 0x1000,
         .protection = 5,
         .sections = {{.segment = "__TEXT", .name = "__text", .address = 0x10800, .size = 0x100, .offset = 0x800, .flags = 0x80000400}}});
    builder.segment({.name = "__DATA",
                     .address = 0x11000,
                     .memory_size = 0x2000,
                     .offset = 0x1000,
                     .file_size = 0x1000,
                     .protection = 3,
                     .sections = {{.segment = "__DATA", .name = "__data", .address = 0x11000, .size = 0x100, .offset = 0x1000},
                                  {.segment = "__DATA", .name = "__bss", .address = 0x12000, .size = 0x800, .flags = 1}}});
    builder.segment(
        {.name = "__LINKEDIT", .address = 0x13000, .memory_size = 0x1000, .offset = 0x2000, .file_size = 0x1000, .protection = 1});
    builder.dylib(0xd, "@rpath/libx.dylib", 0x00010203, 0x00010000);
    builder.uuid();
    return builder;
}

}  // namespace abiscope::macho
