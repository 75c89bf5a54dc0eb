#include "loader/data_objects.h"

#include <algorithm>
#include <utility>

#include "base/checked.h"
#include "elf/spec.h"
#include "elf/symbols.h"

namespace abiscope::loader {

namespace {

constexpr std::uint64_t longest_unknown = 128;

}  // namespace

DataObjects::DataObjects(const elf::Image& image, const std::vector<elf::Section>& sections, bool apart)
    : without_symbols_(apart ? 1 : longest_unknown), longest_(without_symbols_) {
    elf::SymbolTable symbols = elf::static_symbols(image, sections);
    for (std::uint64_t i = 1; i < symbols.size(); ++i) {
        elf::Symbol symbol = symbols.unnamed_at(i);
        if (symbol.type() == elf::stt_object && symbol.defined() && range_fits(symbol.value, symbol.size, ~std::uint64_t{0}))
            objects_.push_back({symbol.value, symbol.value + symbol.size});
    }
    for (const Object& object : objects_) longest_ = std::max(longest_, object.end - object.address);
    std::ranges::sort(objects_, {}, [](const Object& object) { return std::pair(object.address, ~object.end); });
    auto same = std::ranges::unique(objects_, {}, &Object::address);
    objects_.erase(same.begin(), same.end());
}

std::uint64_t DataObjects::behind(std::uint64_t address) const {
    if (objects_.empty()) return without_symbols_;
    auto next = std::ranges::upper_bound(objects_, address, {}, &Object::address);
    bool inside = next != objects_.begin() && address < std::prev(next)->end;
    return inside ? std::prev(next)->end - address : 1;
}

}  // namespace abiscope::loader
