#include "golang/version.h"

#include <algorithm>
#include <array>

#include "golang/release_data.h"

namespace abiscope::golang {

namespace {

constexpr std::uint64_t longest_version = 96;
constexpr std::uint64_t shortest_version = 5;   // go1.9

// go1.22, go1.22.3, go1.25rc1, devel go1.23-..., with experiments behind a blank. Nothing else may follow.
bool is_version(std::string_view text) {
    if (!parse_release(text)) return false;
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

}  // namespace

std::vector<VersionString> find_version_strings(const Memory& memory, const Module& module) {
    std::vector<VersionString> out;
    unsigned word = memory.word();
    for (const AddressRange& range : {module.noptrdata, module.data}) {
        View bytes = memory.at(range.start).clamped(0, range.size());
        if (range.start % word != 0) continue;
        for (std::uint64_t at = 0; range_fits(at, std::uint64_t{2} * word, bytes.size()); at += word) {
            auto value = [&](std::uint64_t offset) {
                return word == 8 ? load<std::uint64_t>(bytes.data() + offset, memory.order())
                                 : load<std::uint32_t>(bytes.data() + offset, memory.order());
            };
            std::uint64_t length = value(at + word);
            if (length < shortest_version || length > longest_version || value(at) < 0x1000) continue;
            auto text = memory.bytes(value(at), length);
            if (!text || !is_version(text->as_text())) continue;
            bool known = std::ranges::any_of(out, [&](const VersionString& one) { return one.text == text->as_text(); });
            if (!known) out.push_back({std::string(text->as_text()), range.start + at});
        }
    }
    return out;
}

ReleaseRange releases_by_function_ids(const PclnTable& table, ReleaseRange within) {
    // Functions that every program has, whose numbers moved: release by release in data/go/names.tsv.
    constexpr auto known = std::to_array<std::string_view>({"goexit", "sigpanic", "systemstack", "mcall", "gcBgMarkWorker"});
    std::array<std::optional<std::uint8_t>, known.size()> seen;
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        auto function = table.at(i);
        if (!function || function->id == 0) continue;
        std::string_view name = table.name(*function);
        if (!name.starts_with("runtime.")) continue;
        name.remove_prefix(8);
        for (std::size_t k = 0; k < known.size(); ++k) {
            if (name == known[k]) seen[k] = function->id;
        }
    }
    std::optional<ReleaseRange> out;
    for (Release release = within.first; release <= within.last; ++release.minor) {
        bool agrees = true;
        for (std::size_t k = 0; k < known.size(); ++k)
            agrees = agrees && (!seen[k] || value_of(NameKind::function_id, release, known[k]) == *seen[k]);
        if (!agrees) continue;
        if (!out) out = {release, release};
        out->last = release;
    }
    return out.value_or(within);
}

}  // namespace abiscope::golang
