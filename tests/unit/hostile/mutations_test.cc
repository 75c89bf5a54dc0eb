// Small files of every format, cut off at every offset and with every byte of their headers changed: nothing may crash or hang, and what
// cannot be read must say where.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bytes/mapped_file.h"
#include "inspect/inspect.h"
#include "report/json.h"
#include "rules/check.h"
#include "support/small_target.h"

namespace abiscope {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t header_bytes = 1024;
constexpr std::size_t largest = 24 << 10;

struct Sample {
    std::string name;
    Bytes bytes;
};

// The smallest seeds of each format.
std::vector<Sample> samples(const std::string& folder, std::size_t most) {
    std::vector<Sample> out;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(ABISCOPE_SOURCE) + "/tests/fuzz/corpus/" + folder)) {
        if (entry.is_regular_file() && entry.file_size() <= largest) paths.push_back(entry.path());
    }
    std::ranges::sort(paths, {}, [](const auto& path) { return std::pair(std::filesystem::file_size(path), path); });
    for (const auto& path : paths) {
        if (out.size() == most) break;
        auto source = open_file(path.string());
        if (source) out.push_back({path.filename().string(), Bytes((*source)->view().bytes().begin(), (*source)->view().bytes().end())});
    }
    return out;
}

void answer(const Sample& sample, Bytes bytes, const target::Target& target) {
    auto start = std::chrono::steady_clock::now();
    std::size_t size = bytes.size();
    SourcePtr source = Source::from_memory(sample.name, std::move(bytes));
    finding::Sink sink;
    auto card = inspect::inspect(source, {}, sink);
    if (card) {
        static_cast<void>(report::dump(report::to_json(*card), false));
    } else {
        EXPECT_NE(card.error().offset, Error::no_offset) << sample.name << ": " << card.error().describe();
    }
    loader::ModuleCache cache(target.files);
    rules::CheckRequest request;
    request.program = {.path = "./x", .module = loader::make_module(source), .status = {.mode = 0755, .uid = 1000, .gid = 1000, .size = size}};
    request.fixes = false;
    static_cast<void>(rules::check(request, target, cache));
    auto took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took, std::chrono::seconds(1)) << sample.name << " of " << size << " bytes";
}

class Mutations : public testing::TestWithParam<std::string> {
protected:
    target::Target target = test::small_target();
};

TEST_P(Mutations, CutAtEveryOffset) {
    auto files = samples(GetParam(), 3);
    ASSERT_FALSE(files.empty());
    for (const Sample& sample : files) {
        // Every offset of the headers, then every eleventh: a prime, so that no table's stride hides another.
        for (std::size_t at = 0; at < sample.bytes.size(); at += at < header_bytes ? 1 : 11) {
            answer(sample, Bytes(sample.bytes.begin(), sample.bytes.begin() + static_cast<std::ptrdiff_t>(at)), target);
        }
    }
}

TEST_P(Mutations, EveryByteOfTheHeadersChanged) {
    for (const Sample& sample : samples(GetParam(), 3)) {
        for (std::size_t at = 0; at < std::min(sample.bytes.size(), header_bytes); ++at) {
            for (unsigned flip : {0xffU, 0x01U, 0x80U}) {
                Bytes changed = sample.bytes;
                changed[at] ^= static_cast<std::byte>(flip);
                answer(sample, std::move(changed), target);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, Mutations, testing::Values("elf", "pe", "macho", "archive"), [](const auto& param) { return param.param; });

}  // namespace
}  // namespace abiscope
