#include <algorithm>

#include "abi/go_layout.h"
#include "base/checked.h"

namespace abiscope::abi {

namespace {

// runtime/malloc.go, maxTinySize.
constexpr std::uint64_t tiny_size = 16;

}  // namespace

GoAllocation go_allocation(std::uint64_t size, bool has_pointers, const Profile& profile) {
    const GoAllocator& allocator = profile.go;
    GoAllocation out;
    if (allocator.classes.empty() || size == 0) return out;
    // Up to as many words as a word has bits, the mask of an object lies at the end of its span; beyond, since there are headers, a
    // header names its type.
    std::uint64_t most_in_span = std::uint64_t{profile.pointer} * profile.pointer * 8;
    bool has_headers = allocator.header != 0;
    out.header = has_headers && has_pointers && size > most_in_span ? allocator.header : 0;
    auto at = std::ranges::lower_bound(allocator.classes, size + out.header, {}, &GoSizeClass::bytes);
    // Large objects have no header; since there are headers, room for one is asked of all objects, without pointers too.
    if (at == allocator.classes.end() || size > allocator.classes.back().bytes - allocator.header) {
        out.header = 0;
        out.size_class = out.span = align_up(size, allocator.page);
        out.objects_per_span = 1;
        return out;
    }
    out.tiny = !has_pointers && size < tiny_size;
    if (out.tiny) at = std::ranges::lower_bound(allocator.classes, tiny_size, {}, &GoSizeClass::bytes);
    out.size_class = at->bytes;
    out.span = std::uint64_t{at->pages} * allocator.page;
    std::uint64_t reserved = 0;
    bool mask_in_span = out.size_class <= most_in_span;
    if (has_headers && has_pointers && mask_in_span) reserved += out.span / profile.pointer / 8;
    if (mask_in_span && out.size_class >= tiny_size) reserved += allocator.inline_marks;
    out.objects_per_span = (out.span - reserved) / out.size_class;
    return out;
}

}  // namespace abiscope::abi
