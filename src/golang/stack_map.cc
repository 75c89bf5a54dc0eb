#include "golang/stack_map.h"

#include "golang/release_data.h"

namespace abiscope::golang {

std::optional<PointerMap> pointer_map(const Memory& memory, const PclnTable& table, const Function& function, FuncData which,
                                      std::uint64_t pc) {
    auto address = table.funcdata(function, which);
    if (!address) return std::nullopt;
    // A frame that goes on at its entry has not done anything yet: the map for entering the function, which is the first one.
    std::int32_t index = pc == function.entry ? -1 : table.pcdata(function, PcData::stack_map_index, pc - 1).value_or(-1);
    if (index < 0) index = 0;
    // stackmap: number of bitmaps, bits of each, the bitmaps.
    auto count = memory.integer<std::int32_t>(*address);
    auto bits = memory.integer<std::int32_t>(*address + 4);
    if (!count || !bits || index >= *count || *bits < 0) return std::nullopt;
    std::uint64_t bytes = (static_cast<std::uint64_t>(*bits) + 7) / 8;
    auto map = memory.at(*address).try_slice(8 + static_cast<std::uint64_t>(index) * bytes, bytes);
    if (!map) return std::nullopt;
    return PointerMap{*map, static_cast<std::uint32_t>(*bits)};
}

StackObjects::StackObjects(const Memory& memory, const PclnTable& table, const Module& module, Release release, const Function& function)
    : memory_(&memory), rodata_(module.rodata), release_(release) {
    auto address = table.funcdata(function, FuncData::stack_objects);
    auto layout = struct_layout("runtime.stackObjectRecord", release, memory.word());
    if (!address || !layout) return;
    record_ = layout->size();
    list_ = *address + memory.word();
    std::uint64_t claimed = memory.pointer(*address).value_or(0);
    std::uint64_t there = memory.at(list_).size() / record_;
    count_ = claimed <= there ? claimed : 0;
}

std::optional<StackObject> StackObjects::at(std::uint64_t index) const {
    if (index >= count_) return std::nullopt;
    std::uint64_t at = list_ + index * record_;
    StackObject out;
    auto i32 = [&](std::uint64_t offset) { return memory_->integer<std::int32_t>(at + offset).value_or(0); };
    std::uint64_t word = memory_->word();
    if (release_ <= Release{16}) {   // offset, type; a word each
        out.offset = static_cast<std::int32_t>(memory_->pointer(at).value_or(0));
        out.type = memory_->pointer(at + word).value_or(0);
        return out;
    }
    out.offset = i32(0);
    out.size = static_cast<std::uint32_t>(i32(4));
    std::int32_t pointers = i32(8);
    // A type with a program instead of a mask has its pointer bytes negated (up to 1.23).
    out.pointer_bytes = static_cast<std::uint32_t>(pointers < 0 ? -static_cast<std::int64_t>(pointers) : pointers);
    if (release_ == Release{17}) out.mask = memory_->pointer(at + align_up(12, word)).value_or(0);
    else out.mask = rodata_ + static_cast<std::uint32_t>(i32(12));
    return out;
}

}  // namespace abiscope::golang
