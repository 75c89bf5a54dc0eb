// Prints what the debug information of a program says of addresses, for tests/differential/core_lines.py:
//   lines_dump FILE < ADDRESSES     one hexadecimal address in a line; an answer in JSON for each, in their order
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bytes/mapped_file.h"
#include "core/module.h"
#include "debuginfo/program_lines.h"

namespace {

using namespace abiscope;
using Json = nlohmann::ordered_json;

class Files final : public debuginfo::FileFinder {
public:
    Result<SourcePtr> open(const std::string& path) override { return open_file(path); }
};

Json frame(const std::string& function, const debuginfo::SourcePlace& place) {
    return {
        {"function", function}, {"file", place.file}, {"line", place.line}, {"column", place.column}, {"statement", place.is_statement}};
}

int fail(const std::string& why) {
    std::fputs((why + "\n").c_str(), stderr);
    return 1;
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return fail("usage: lines_dump FILE < ADDRESSES");
    std::vector<std::uint64_t> asked;
    char word[64];
    while (std::scanf("%63s", word) == 1) asked.push_back(std::strtoull(word, nullptr, 16));
    Files files;
    auto source = open_file(words[1]);
    if (!source) return fail(source.error().describe());
    auto image = elf::Image::parse(*source);
    if (!image) return fail(image.error().describe());
    finding::Sink sink;
    core::Module module;
    module.opened = words[1];
    module.image = *image;
    if (auto sections = debuginfo::read_debug_sections(*source, (*source)->view(), default_limits, sink))
        module.file_build_id = sections->links.build_id;
    auto file = module.debug_file(&files);
    if (!file) return fail("there is no debug information");
    auto lines = debuginfo::ProgramLines::open(*file, &files, default_limits);
    if (!lines) return fail(lines.error().describe());
    std::vector<std::uint64_t> sorted = asked;
    std::ranges::sort(sorted);
    sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
    std::vector<debuginfo::CodePlace> places = lines->find(sorted);
    std::map<std::uint64_t, Json> answers;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        Json frames = Json::array();
        for (const auto& call : places[i].inlined) frames.push_back(frame(call.function, call.source));
        frames.push_back(frame(places[i].function, places[i].source));
        answers[sorted[i]] = std::move(frames);
    }
    for (std::uint64_t address : asked) fmt::print("{}\n", answers[address].dump());
}
