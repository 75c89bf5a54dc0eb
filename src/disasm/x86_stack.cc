#include "disasm/x86_stack.h"

#include <algorithm>

namespace abiscope::disasm {

namespace {

constexpr std::size_t most_slots = 32;

}  // namespace

void X86Stack::move(std::int64_t bytes) {
    if (!pointer_ || __builtin_add_overflow(*pointer_, bytes, &*pointer_)) return lose();
    // What lies below the stack pointer is not the program's any more.
    if (bytes > 0) std::erase_if(slots_, [&](const Slot& slot) { return slot.at < *pointer_; });
}

void X86Stack::lose() {
    pointer_.reset();
    slots_.clear();
}

KnownBits X86Stack::load(std::int64_t displacement, unsigned size) const {
    std::int64_t at = 0;
    if (!pointer_ || __builtin_add_overflow(*pointer_, displacement, &at)) return {};
    for (const Slot& slot : slots_) {
        if (at < slot.at || at - slot.at >= slot.size) continue;
        auto from = static_cast<unsigned>(at - slot.at);
        if (size > slot.size - from) return {};
        return {slot.value.zero >> from * 8, slot.value.one >> from * 8};
    }
    return {};
}

void X86Stack::store(std::int64_t displacement, unsigned size, const KnownBits& value) {
    std::int64_t at = 0;
    if (!pointer_ || __builtin_add_overflow(*pointer_, displacement, &at)) return forget();
    // Some instructions do not say how much they write.
    std::int64_t end = at + (size == 0 ? 64 : size);
    std::erase_if(slots_, [&](const Slot& slot) { return slot.at < end && at < slot.at + slot.size; });
    if (value == KnownBits{} || size == 0 || size > 8 || slots_.size() == most_slots) return;
    slots_.insert(std::ranges::upper_bound(slots_, at, {}, &Slot::at), {at, size, value});
}

X86Stack X86Stack::met(const X86Stack& other) const {
    X86Stack out;
    if (pointer_ != other.pointer_) {
        out.lose();
        return out;
    }
    out.pointer_ = pointer_;
    for (const Slot& slot : slots_) {
        auto same = std::ranges::find_if(other.slots_, [&](const Slot& one) { return one.at == slot.at && one.size == slot.size; });
        if (same == other.slots_.end()) continue;
        KnownBits both = slot.value.met(same->value);
        if (!(both == KnownBits{})) out.slots_.push_back({slot.at, slot.size, both});
    }
    return out;
}

}  // namespace abiscope::disasm
