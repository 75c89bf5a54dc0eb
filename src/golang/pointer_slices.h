// Finds the runtime's lists among a module's variables, without symbols: a slice of pointers each of which leads to a thing of one kind.
#pragma once

#include <concepts>
#include <cstdint>
#include <vector>

#include "base/checked.h"
#include "golang/memory.h"
#include "golang/module_data.h"

namespace abiscope::golang {

// The elements of the longest slice (pointer, length, capacity) in the variables of `module` of which every element passes `is_one`; a
// slice of more than `most` is not looked at.
template <std::predicate<std::uint64_t> IsOne>
[[nodiscard]] std::vector<std::uint64_t> longest_pointer_slice(const Memory& memory, const Module& module, std::uint64_t most,
                                                               IsOne&& is_one) {
    std::vector<std::uint64_t> best;
    std::uint64_t size = memory.word();
    auto word = [&](std::uint64_t address) { return memory.pointer(address).value_or(0); };
    for (const AddressRange& range : {module.bss, module.noptrbss, module.data, module.noptrdata}) {
        for (std::uint64_t at = align_up(range.start, size); at < range.end && range.end - at >= 3 * size;) {
            View bytes = memory.at(at);
            if (bytes.size() < 3 * size) {
                at = bytes.empty() ? range.end : at + size;
                continue;
            }
            std::uint64_t list = word(at), length = word(at + size), capacity = word(at + 2 * size);
            at += size;
            if (list == 0 || length <= best.size() || length > capacity || capacity > most || list % size != 0) continue;
            if (memory.at(list).size() / size < length) continue;
            std::vector<std::uint64_t> found;
            for (std::uint64_t i = 0; i < length && found.size() == i; ++i) {
                if (std::uint64_t one = word(list + i * size); is_one(one)) found.push_back(one);
            }
            if (found.size() == length) best = std::move(found);
        }
    }
    return best;
}

}  // namespace abiscope::golang
