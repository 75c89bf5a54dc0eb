#include "loader/kernel_map.h"

#include <algorithm>
#include <utility>

#include "elf/spec.h"

namespace abiscope::loader {

namespace {

// Private writable memory counts against what the machine has (vm.overcommit_memory). Every machine has this much; beyond it one would
// have to know the machine.
constexpr std::uint64_t memory_of_every_machine = std::uint64_t{1} << 30;

// Every file system takes files of this size (ext3's limit is the smallest in use); mmap refuses what lies beyond its file system's own.
constexpr std::uint64_t file_size_everywhere = std::uint64_t{1} << 41;
constexpr std::uint64_t file_size_nowhere = std::uint64_t{1} << 63;

constexpr std::size_t fetched_bytes = 80;

constexpr std::uint64_t narrow_mask = 0xffffffff;

// Room that is free above whatever mmap() places first: the least distance it keeps from the stack (mmap_base() of mm/util.c).
constexpr std::uint64_t gap_above = std::uint64_t{1} << 27;
// Room enough for the vdso and its data, with what separates them.
constexpr std::uint64_t vdso_room = std::uint64_t{1} << 18;

std::uint64_t saturating_end(std::uint64_t start, std::uint64_t size) { return checked_add(start, size).value_or(~std::uint64_t{0}); }

// total_mapping_size(): from the page of the lowest PT_LOAD to the end of the highest.
std::uint64_t total_size(const std::vector<elf::Segment>& segments, std::uint64_t page, bool wide) {
    std::uint64_t least = ~std::uint64_t{0}, most = 0;
    bool any = false;
    for (const elf::Segment& segment : segments) {
        if (segment.type != elf::pt_load) continue;
        any = true;
        least = std::min(least, align_down(segment.vaddr, page));
        std::uint64_t end = segment.vaddr + segment.memsz;
        most = std::max(most, wide ? end : end & narrow_mask);
    }
    if (!any) return 0;
    return wide ? most - least : (most - least) & narrow_mask;
}

// maximum_alignment(): the largest p_align that is a power of two, at least a page when there is one.
std::uint64_t largest_alignment(const std::vector<elf::Segment>& segments, std::uint64_t page) {
    std::uint64_t most = 0;
    for (const elf::Segment& segment : segments) {
        if (segment.type == elf::pt_load && is_power_of_two(segment.align)) most = std::max(most, segment.align);
    }
    return align_up(most, page);
}

}  // namespace

void AddressSpace::refuse(const elf::Segment& segment, std::string reason) {
    if (!refused_) refused_ = MapTrouble{std::move(reason), segment};
}

void AddressSpace::doubt(const elf::Segment& segment, std::string reason) {
    if (!unsure_) unsure_ = MapTrouble{std::move(reason), segment};
}

// get_unmapped_area() for a fixed place, and security_mmap_addr().
bool AddressSpace::check_range(const elf::Segment& segment, std::uint64_t start, std::uint64_t size) {
    if (size > format_.task_size_most || start > format_.task_size_most - size) {
        refuse(segment, "the segment does not fit in the address space");
        return false;
    }
    if (size > format_.task_size_least || start > format_.task_size_least - size) doubt(segment, "the size of the kernel's address space");
    if (start < target_.kernel.mmap_min_addr && target_.user.uid != 0) {
        refuse(segment, "the segment lies below vm.mmap_min_addr");
        return false;
    }
    if (saturating_end(start, size) > format_.random_zone)
        doubt(segment, "whether the segment meets the stack, which lies at a random place");
    return true;
}

void AddressSpace::check_memory(const elf::Segment& segment, std::uint64_t size) {
    if (size > memory_of_every_machine) doubt(segment, "how much memory the machine has, and its vm.overcommit_memory");
}

bool AddressSpace::map_file(View file, const elf::Segment& segment, std::uint64_t start, std::uint64_t size, std::uint64_t offset,
                            Placing placing, std::uint64_t total) {
    std::uint64_t length = total != 0 ? page_end(total) : size;
    if (offset % page_ != 0) {
        refuse(segment, "p_offset and p_vaddr differ modulo the page size");
        return false;
    }
    auto end = checked_add(offset, length);
    if (length == 0 || !end || *end >= file_size_nowhere) {
        refuse(segment, "the segment's place in the file is beyond what any file can have");
        return false;
    }
    if (*end > file_size_everywhere) doubt(segment, "the largest file the file system can hold");
    if (placing == Placing::fixed) {
        if (!check_range(segment, start, length)) return false;
    } else if (length > format_.task_size_most) {
        refuse(segment, "the program does not fit in the address space");
        return false;
    } else if (length > format_.task_size_least / 2) {
        doubt(segment, "whether the address space has room for the program");
    }
    if (segment.writable()) check_memory(segment, length);
    bool executable = segment.executable() || (read_implies_exec_ && segment.readable());
    std::uint64_t mapped = std::min(size, length);
    if (total != 0 && length > size) mappings_.push_back({start + size, start + length, Content::hole, false, false, {}, 0});
    mappings_.push_back({start, start + mapped, Content::file, segment.writable(), executable, file, offset});
    return true;
}

void AddressSpace::map_zeros(const elf::Segment& segment, std::uint64_t start, std::uint64_t size) {
    if (size == 0) return;
    if (!check_range(segment, start, size)) return;
    check_memory(segment, size);
    mappings_.push_back({start, start + size, Content::zeros, true, segment.executable() || read_implies_exec_, {}, 0});
}

// elf_load(). The return value is where the segment's first page came to lie.
std::uint64_t AddressSpace::load_segment(View file, const elf::Segment& segment, std::uint64_t address, Placing placing,
                                         std::uint64_t total) {
    std::uint64_t within = segment.vaddr % page_;
    std::uint64_t start = page_start(address);
    std::uint64_t zero_start = start;
    if (segment.filesz != 0) {
        std::uint64_t size = page_end(segment.filesz + within);
        if (size != 0) {
            if (placing == Placing::anywhere) {
                start = page_start(format_.random_zone - std::min(saturating_end(page_end(total), gap_above), format_.random_zone));
                placed_start_ = start - std::min(start, vdso_room);
                placed_end_ = saturating_end(start, page_end(total));
            }
            if (!map_file(file, segment, start, size, segment.offset - within, placing, total)) return start;
        }
        zero_start = start + within + segment.filesz;
        if (segment.memsz > segment.filesz && zero_start % page_ != 0) {
            // padzero(): writes zeros to the end of the page, which faults where the file does not reach.
            bool in_file = align_down(segment.offset + segment.filesz, page_) < file.size();
            if (segment.writable() && !in_file) refuse(segment, "the page that p_filesz ends in is not in the file and cannot be cleared");
            if (segment.writable() && in_file) cleared_.push_back({zero_start, page_end(zero_start), mappings_.size()});
        }
    }
    if (segment.memsz > segment.filesz) {
        std::uint64_t zero_end = start + within + segment.memsz;
        std::uint64_t first = page_end(zero_start);
        map_zeros(segment, first, page_end(zero_end) - first);
    }
    return start;
}

// The checks that follow each segment in load_elf_binary() and load_elf_interp().
void AddressSpace::check_segment(const elf::Segment& segment, std::uint64_t address, std::uint64_t mapped_at) {
    if (segment.filesz > segment.memsz) return refuse(segment, "p_filesz is larger than p_memsz");
    auto outside = [&](std::uint64_t task_size) {
        return mapped_at >= task_size || address >= task_size || segment.memsz > task_size || task_size - segment.memsz < address;
    };
    if (outside(format_.task_size_most)) return refuse(segment, "the segment lies beyond the address space");
    if (outside(format_.task_size_least)) doubt(segment, "the size of the kernel's address space");
}

// Where an ET_DYN program is put that the kernel places itself. The real place is random; this one stands for all of them.
std::uint64_t AddressSpace::program_base(View file, const elf::Segment& first, bool has_interpreter, std::uint64_t alignment,
                                         std::uint64_t total) {
    if (!has_interpreter) {
        // Mapped once to see where there is room, unmapped, and aligned downwards from there.
        std::uint64_t found = load_segment(file, first, 0, Placing::anywhere, total);
        mappings_.clear();
        cleared_.clear();
        return align_down(found, alignment);
    }
    std::uint64_t lowest = format_.dynamic_base;
    std::uint64_t highest = lowest + (format_.encoding.wide ? std::uint64_t{1} << 40 : std::uint64_t{1} << 28);
    if (alignment == 0) return lowest;
    if ((align_down(lowest, alignment) == 0) != (align_down(highest, alignment) == 0)) {
        doubt(first, "where the program is put: p_align is larger than the random part of its address");
    }
    return align_down(lowest, alignment);
}

std::uint64_t AddressSpace::load(View file, const std::vector<elf::Segment>& segments, bool position_independent, bool has_interpreter,
                                 bool is_interpreter) {
    std::uint64_t total = total_size(segments, page_, format_.encoding.wide);
    if (is_interpreter && total == 0) {
        refused_ = MapTrouble{"the interpreter has no PT_LOAD segment that takes memory", std::nullopt};
        return 0;
    }
    std::uint64_t alignment = largest_alignment(segments, page_);
    if (!is_interpreter) program_independent_ = position_independent;
    std::uint64_t bias = 0;
    bool first = true;
    for (const elf::Segment& segment : segments) {
        if (segment.type != elf::pt_load) continue;
        bool places_all = first && (position_independent || is_interpreter);
        Placing placing = Placing::fixed;
        if (first && position_independent) {
            if (total == 0) refuse(segment, "the segments take no memory at all");
            bool by_mmap = is_interpreter || (!has_interpreter && alignment <= page_);
            std::uint64_t base = by_mmap || refused_ ? 0 : program_base(file, segment, has_interpreter, alignment, total);
            if (refused_) return 0;
            // load_elf_interp() asks for address 0, but for the segment's own after a program that is not position-independent.
            bias = !is_interpreter ? page_start(base - segment.vaddr) : program_independent_ ? 0 - segment.vaddr : 0;
            if (by_mmap) placing = Placing::anywhere;
        }
        std::uint64_t mapped_at = load_segment(file, segment, bias + segment.vaddr, placing, places_all ? total : 0);
        if (first && position_independent)
            bias = is_interpreter ? mapped_at - page_start(segment.vaddr) : bias + mapped_at - page_start(bias + segment.vaddr);
        first = false;
        if (!refused_) check_segment(segment, is_interpreter ? bias + segment.vaddr : segment.vaddr, mapped_at);
        if (refused_) return bias;
    }
    return bias;
}

const AddressSpace::Mapping* AddressSpace::mapping_at(std::uint64_t address) const {
    for (auto mapping = mappings_.rbegin(); mapping != mappings_.rend(); ++mapping) {
        if (address >= mapping->start && address < mapping->end) return mapping->content == Content::hole ? nullptr : &*mapping;
    }
    return nullptr;
}

std::optional<std::byte> AddressSpace::byte_at(std::uint64_t address) const {
    const Mapping* mapping = mapping_at(address);
    if (mapping == nullptr) return std::nullopt;
    if (mapping->content == Content::zeros) return std::byte{0};
    auto index = static_cast<std::size_t>(mapping - mappings_.data());
    for (const Cleared& cleared : cleared_) {
        if (cleared.after > index && address >= cleared.start && address < cleared.end) return std::byte{0};
    }
    std::uint64_t offset = mapping->offset + (address - mapping->start);
    if (offset < mapping->file.size()) return mapping->file.data()[offset];
    if (align_down(offset, page_) < mapping->file.size()) return std::byte{0};
    return std::nullopt;
}

AddressSpace::Fetch AddressSpace::fetch(std::uint64_t address) const {
    Fetch fetch;
    const Mapping* mapping = mapping_at(address);
    if (mapping == nullptr) {
        bool perhaps_vdso = address >= placed_start_ && address < placed_end_;
        fetch.kind = perhaps_vdso || address >= format_.random_zone ? Fetch::Kind::unsure : Fetch::Kind::not_mapped;
    } else if (!mapping->executable) {
        fetch.kind = Fetch::Kind::not_executable;
    } else if (!byte_at(address)) {
        fetch.kind = Fetch::Kind::past_end_of_file;
    } else {
        for (std::size_t i = 0; i < fetched_bytes; ++i) {
            auto byte = byte_at(address + i);
            if (!byte) break;
            fetch.bytes.push_back(*byte);
        }
    }
    return fetch;
}

}  // namespace abiscope::loader
