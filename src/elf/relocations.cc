#include "elf/relocations.h"

#include <algorithm>
#include <bit>

#include "bytes/endian.h"
#include "elf/spec.h"

namespace abiscope::elf {

namespace {

std::optional<RelocationRange> range_of(const Image& image, RelocationTable table, std::uint64_t address_tag, std::uint64_t size_tag,
                                        bool with_addend) {
    const Dynamic& dynamic = *image.dynamic();
    auto address = dynamic.value(address_tag);
    auto size = dynamic.value(size_tag);
    if (!address || !size || *size == 0) return std::nullopt;
    RelocationRange range;
    range.table = table;
    range.with_addend = with_addend;
    range.record_size = image.encoding().wide ? (with_addend ? 24 : 16) : (with_addend ? 12 : 8);
    range.records = image.view_at(*address, *size);
    range.whole = range.records.size() == *size;
    return range;
}

}  // namespace

std::vector<RelocationRange> relocation_ranges(const Image& image) {
    std::vector<RelocationRange> out;
    if (!image.dynamic()) return out;
    const Dynamic& dynamic = *image.dynamic();
    if (auto range = range_of(image, RelocationTable::rela, dt_rela, dt_relasz, true)) out.push_back(*range);
    if (auto range = range_of(image, RelocationTable::rel, dt_rel, dt_relsz, false)) out.push_back(*range);
    bool plt_has_addend = dynamic.value(dt_pltrel).value_or(image.encoding().wide ? dt_rela : dt_rel) == dt_rela;
    auto plt = range_of(image, RelocationTable::jmprel, dt_jmprel, dt_pltrelsz, plt_has_addend);
    if (plt) {
        for (RelocationRange& first : out) {
            bool inside = plt->records.data() >= first.records.data() && plt->records.data() < first.records.data() + first.records.size();
            if (inside) first.records = first.records.clamped(0, static_cast<std::uint64_t>(plt->records.data() - first.records.data()));
        }
        out.push_back(*plt);
    }
    return out;
}

namespace {

// The words of DT_RELR until `each` returns false. An even one is an address, an odd one a bitmap of the words after it (gABI, "Relative
// Relocation Table"). False: there is no such table.
template <typename Each>
bool for_each_relr_word(const Image& image, const Each& each) {
    if (!image.dynamic()) return false;
    auto address = image.dynamic()->value(dt_relr);
    auto size = image.dynamic()->value(dt_relrsz);
    if (!address || !size) return false;
    View words = image.view_at(*address, *size);
    bool wide = image.encoding().wide;
    std::uint64_t width = wide ? 8 : 4;
    for (std::uint64_t i = 0; i + width <= words.size(); i += width) {
        std::uint64_t word = wide ? load<std::uint64_t>(words.data() + i, image.encoding().order)
                                  : load<std::uint32_t>(words.data() + i, image.encoding().order);
        if (!each(word)) break;
    }
    return true;
}

}  // namespace

RelrSummary read_relr(const Image& image) {
    RelrSummary summary;
    summary.present = for_each_relr_word(image, [&](std::uint64_t word) {
        summary.places += (word & 1) == 0 ? 1U : static_cast<unsigned>(std::popcount(word)) - 1U;
        return true;
    });
    return summary;
}

void visit_relr(const Image& image, const std::function<bool(std::uint64_t place)>& visit) {
    std::uint64_t width = image.encoding().wide ? 8 : 4;
    std::uint64_t next = 0;   // the place of a bitmap's first bit
    for_each_relr_word(image, [&](std::uint64_t word) {
        if ((word & 1) == 0) {
            next = word + width;
            return visit(word);
        }
        std::uint64_t place = next;
        for (std::uint64_t bits = word >> 1; bits != 0; bits >>= 1, place += width) {
            if ((bits & 1) != 0 && !visit(place)) return false;
        }
        next += (width * 8 - 1) * width;
        return true;
    });
}

}  // namespace abiscope::elf
