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
    : without_symbols_(apart ? 1 : longest_unknown) {
    elf::SymbolTable symbols = elf::static_symbols(image, sections);
    for (std::uint64_t i = 1; i < symbols.size(); ++i) {
        elf::Symbol symbol = symbols.unnamed_at(i);
        if (symbol.type() == elf::stt_object && symbol.defined() && range_fits(symbol.value, symbol.size, ~std::uint64_t{0}))
            objects_.push_back({symbol.value, symbol.value + symbol.size});
    }
    std::ranges::sort(objects_, {}, [](const Object& object) { return std::pair(object.address, ~object.end); });
    auto same = std::ranges::unique(objects_, {}, &Object::address);
    objects_.erase(same.begin(), same.end());
}

const DataObjects::Object* DataObjects::around(std::uint64_t address) const {
    auto next = std::ranges::upper_bound(objects_, address, {}, &Object::address);
    return next != objects_.begin() && address < std::prev(next)->end ? &*std::prev(next) : nullptr;
}

std::uint64_t DataObjects::behind(std::uint64_t address) const {
    if (objects_.empty()) return without_symbols_;
    const Object* object = around(address);
    return object == nullptr ? 1 : object->end - address;
}

std::uint64_t DataObjects::before(std::uint64_t address) const {
    if (objects_.empty()) return without_symbols_ - 1;
    const Object* object = around(address);
    return object == nullptr ? 0 : address - object->address;
}

std::vector<disasm::Watched> DataObjects::watched(std::span<const disasm::AddressRange> words) const {
    std::vector<disasm::Watched> out;
    // Where symbols tell, compilers still add what is negative to an address before they keep it in a register.
    for (const disasm::AddressRange& word : words)
        out.push_back({.memory = word, .before = std::max(before(word.address), without_symbols_ - 1)});
    return out;
}

}  // namespace abiscope::loader
