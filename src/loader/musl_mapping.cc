#include "loader/musl_mapping.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/checked.h"
#include "elf/spec.h"

namespace abiscope::loader::musl {

namespace {

constexpr std::size_t most_segments = 64;                              // more PT_LOADs than any linker writes
constexpr std::uint64_t surely_fits = std::uint64_t{1} << 30;          // bytes of address space that no sane machine refuses
constexpr std::uint64_t never_fits = std::uint64_t{1} << 57;           // beyond what any supported kernel gives a process
constexpr std::uint64_t never_fits_narrow = std::uint64_t{1} << 32;
constexpr std::uint64_t first_read = 960;                              // map_library's buffer: 15 headers of 64 bytes
constexpr std::uint64_t first_read_narrow = 936;                       // 18 headers of 52 bytes

std::uint64_t page_floor(std::uint64_t value, std::uint64_t page) { return value & ~(page - 1); }
std::uint64_t page_ceiling(std::uint64_t value, std::uint64_t page) { return page_floor(value + page - 1, page); }

}  // namespace

// Follows map_library() of ldso/dynlink.c check by check.
class LibraryMapper {
public:
    LibraryMapper(const elf::Image& image, std::uint64_t page, bool refuses_empty)
        : image_(image), page_(page), refuses_empty_(refuses_empty) {
        mapping_.file_ = image.bytes();
        mapping_.encoding_ = image.encoding();
        mapping_.page_ = page;
        mapping_.fixed_ = image.header().type == elf::et_exec;
    }

    Mapping::Result run() {
        const elf::Header& header = image_.header();
        if (header.type != elf::et_dyn && header.type != elf::et_exec) return Mapping::Refused{ENOEXEC};
        if (auto problem = check_table()) return *std::move(problem);
        if (auto problem = survey(true)) return *std::move(problem);
        if (mapping_.dynamic_ == 0) return Mapping::Refused{ENOEXEC};
        if (loads_.empty()) return Mapping::Uncertain{"a library with PT_DYNAMIC and no PT_LOAD: musl maps an uninitialised range"};
        if (auto problem = reserve()) return *std::move(problem);
        if (auto problem = place_segments()) return *std::move(problem);
        return text_relocations();
    }

    std::variant<Mapping, Mapping::Uncertain> run_kernel() {
        mapping_.by_kernel_ = true;
        if (auto problem = survey(false)) return std::get<Mapping::Uncertain>(*std::move(problem));
        if (loads_.empty()) return Mapping::Uncertain{"a program without PT_LOAD"};
        mapping_.start_ = page_floor(lowest_, page_);
        mapping_.end_ = page_ceiling(highest_, page_);
        for (const elf::Segment* load : loads_) {
            std::uint64_t file_end = page_ceiling(load->vaddr + load->filesz, page_);
            std::uint64_t memory_end = page_ceiling(load->vaddr + load->memsz, page_);
            std::uint64_t start = page_floor(load->vaddr, page_);
            if (load->filesz != 0) mapping_.regions_.push_back({start, file_end, page_floor(load->offset, page_), false, load->flags});
            if (load->memsz > load->filesz) {
                mapping_.regions_.push_back({load->vaddr + load->filesz, std::max(file_end, memory_end), 0, true, load->flags});
            }
        }
        return std::move(mapping_);
    }

private:
    using Problem = std::optional<Mapping::Result>;

    // The program headers must lie in the file as a whole; where they do not, pread() comes back short.
    Problem check_table() {
        const elf::Header& header = image_.header();
        std::uint64_t size = std::uint64_t{header.phentsize} * header.phnum;
        std::uint64_t record = image_.encoding().wide ? 56 : 32;
        if (size == 0) return Mapping::Refused{ENOEXEC};   // no PT_DYNAMIC among no headers
        std::uint64_t in_first_read = std::min(image_.bytes().size(), image_.encoding().wide ? first_read : first_read_narrow);
        auto end = checked_add(header.phoff, size);
        if (!end || (image_.encoding().wide && header.phoff > (std::uint64_t{1} << 62))) {
            return Mapping::Uncertain{"e_phoff is so large that musl's sum wraps or pread() refuses it"};
        }
        if (*end > in_first_read && !range_fits(header.phoff, size, image_.bytes().size())) return Mapping::Refused{ENOEXEC};
        if (header.phentsize != record) return Mapping::Uncertain{"e_phentsize is not the size of a program header"};
        if (header.phnum == elf::pn_xnum) return Mapping::Uncertain{"e_phnum is PN_XNUM, which musl takes for a number"};
        if (image_.segments().size() != header.phnum) return Mapping::Uncertain{"the program headers cannot be read as a whole"};
        return std::nullopt;
    }

    // The last PT_DYNAMIC, PT_TLS and PT_GNU_RELRO win, as in the loop they are met in.
    Problem survey(bool library) {
        lowest_ = ~std::uint64_t{0};
        for (const elf::Segment& segment : image_.segments()) {
            if (segment.type == elf::pt_dynamic) mapping_.dynamic_ = segment.vaddr;
            if (segment.type == elf::pt_tls) mapping_.tls_ = TlsSegment{segment.vaddr, segment.filesz, segment.memsz, segment.align};
            if (segment.type == elf::pt_gnu_relro) {
                mapping_.relro_start_ = page_floor(segment.vaddr, page_);
                mapping_.relro_end_ = page_floor(segment.vaddr + segment.memsz, page_);
            }
            if (segment.type != elf::pt_load) continue;
            auto memory_end = checked_add(segment.vaddr, segment.memsz);
            auto file_end = checked_add(segment.offset, segment.filesz);
            auto image_end = checked_add(segment.vaddr, segment.filesz);
            if (!memory_end || !file_end || !image_end || *memory_end > never_fits || *image_end > never_fits) {
                // A segment that ends beyond the address space cannot be reserved.
                if (library && memory_end && file_end && image_end && segment.memsz > never_fits) return Mapping::Refused{ENOMEM};
                return Mapping::Uncertain{"a PT_LOAD at the end of the address space"};
            }
            if (loads_.size() == most_segments) return Mapping::Uncertain{"more than 64 PT_LOAD segments"};
            if (segment.filesz > segment.memsz) return Mapping::Uncertain{"a PT_LOAD with more bytes in the file than in memory"};
            loads_.push_back(&segment);
            if (segment.vaddr < lowest_) {
                lowest_ = segment.vaddr;
                first_ = &segment;
            }
            highest_ = std::max(highest_, *memory_end);
        }
        return std::nullopt;
    }

    // One mmap() of the whole range from the file, with the protection of the lowest segment.
    Problem reserve() {
        mapping_.start_ = page_floor(lowest_, page_);
        mapping_.end_ = page_ceiling(highest_, page_);
        std::uint64_t offset = page_floor(first_->offset, page_);
        auto length = checked_add(mapping_.end_ - mapping_.start_, offset);
        if (!length || *length == 0) return Mapping::Refused{*length == 0 ? EINVAL : ENOMEM};
        std::uint64_t limit = image_.encoding().wide ? never_fits : never_fits_narrow;
        if (*length >= limit) return Mapping::Refused{ENOMEM};
        if (*length > surely_fits)
            return Mapping::Uncertain{"a library of more than a gigabyte: the machine's memory decides whether it is mapped"};
        mapping_.regions_.push_back({mapping_.start_, mapping_.end_, offset, false, first_->flags});
        return std::nullopt;
    }

    Problem place_segments() {
        for (const elf::Segment* load : loads_) {
            std::uint64_t start = page_floor(load->vaddr, page_);
            std::uint64_t end = page_ceiling(load->vaddr + load->memsz, page_);
            if (start != mapping_.start_ && start == end && refuses_empty_) return Mapping::Refused{EINVAL};
            if (start != mapping_.start_ && start != end) {
                mapping_.regions_.push_back({start, end, page_floor(load->offset, page_), false, load->flags});
            }
            if (load->memsz <= load->filesz || !load->writable()) continue;
            std::uint64_t zero = load->vaddr + load->filesz;
            std::uint64_t next_page = page_ceiling(zero, page_);
            if (zero != next_page) {
                Fault fault = mapping_.touch(zero, next_page - zero, true);
                if (fault == Fault::unknown) return Mapping::Uncertain{"the zero-filled part of a segment begins outside it"};
                if (fault != Fault::none) return Mapping::Killed{fault, "the page where .bss begins lies behind the end of the file"};
                mapping_.regions_.push_back({zero, next_page, 0, true, load->flags});
            }
            if (next_page < end) mapping_.regions_.push_back({next_page, end, 0, true, load->flags});
        }
        return std::nullopt;
    }

    // musl looks for the tag DT_TEXTREL only, not for DF_TEXTREL, before it looks at anything else of the dynamic section.
    Mapping::Result text_relocations() {
        std::uint64_t word = image_.encoding().wide ? 8 : 4;
        for (std::uint64_t at = mapping_.dynamic_;; at += 2 * word) {
            std::uint64_t tag = 0;
            Fault fault = mapping_.read_word(at, tag);
            if (fault == Fault::unknown) return Mapping::Uncertain{"the dynamic section lies outside the segments"};
            if (fault != Fault::none) return Mapping::Killed{fault, "the dynamic section lies behind the end of the file"};
            if (tag == elf::dt_null) break;
            if (tag == elf::dt_textrel) {
                mapping_.make_writable();
                break;
            }
        }
        return std::move(mapping_);
    }

    const elf::Image& image_;
    std::uint64_t page_;
    bool refuses_empty_;               // an empty PT_LOAD is handed to mmap()
    Mapping mapping_;
    std::vector<const elf::Segment*> loads_;
    const elf::Segment* first_ = nullptr;
    std::uint64_t lowest_ = 0, highest_ = 0;
};

Mapping::Result Mapping::of_library(const elf::Image& image, std::uint64_t page_size, const Version& libc) {
    return LibraryMapper(image, page_size, libc < Version{1, 2, 3}).run();
}

std::variant<Mapping, Mapping::Uncertain> Mapping::of_program(const elf::Image& image, std::uint64_t page_size) {
    return LibraryMapper(image, page_size, false).run_kernel();
}

const Mapping::Region* Mapping::region_at(std::uint64_t address) const {
    for (auto region = regions_.rbegin(); region != regions_.rend(); ++region) {
        if (address >= region->start && address < region->end) return &*region;
    }
    return nullptr;
}

std::uint64_t Mapping::last_mapped_byte() const { return page_ceiling(file_.size(), page_); }

Fault Mapping::touch(std::uint64_t address, std::uint64_t size, bool write) const {
    while (size != 0) {
        const Region* region = region_at(address);
        if (region == nullptr) return by_kernel_ && address >= start_ && address < end_ ? Fault::segv : Fault::unknown;
        std::uint32_t allowed = elf::pf_r | elf::pf_w | elf::pf_x;   // on every machine here writable or executable pages can be read
        if ((region->flags & (write ? elf::pf_w : allowed)) == 0 && !all_writable_) return Fault::segv;
        // Nothing on top begins within the next bytes: step to the nearest start of another region at most.
        std::uint64_t until = std::min(region->end, address + size);
        for (const Region& other : regions_) {
            if (other.start > address) until = std::min(until, other.start);
        }
        if (!region->zero && region->offset + (until - 1 - region->start) >= last_mapped_byte()) return Fault::bus;
        size -= until - address;
        address = until;
    }
    return Fault::none;
}

Fault Mapping::read_byte(std::uint64_t address, std::uint8_t& value) const {
    if (Fault fault = touch(address, 1, false); fault != Fault::none) return fault;
    const Region* region = region_at(address);
    std::uint64_t offset = region->offset + (address - region->start);
    value = region->zero || offset >= file_.size() ? 0 : static_cast<std::uint8_t>(file_.data()[offset]);
    return Fault::none;
}

Fault Mapping::read_word(std::uint64_t address, std::uint64_t& value) const {
    unsigned width = encoding_.wide ? 8 : 4;
    value = 0;
    for (unsigned i = 0; i < width; ++i) {
        std::uint8_t byte = 0;
        auto at = checked_add(address, std::uint64_t{i});
        if (!at) return Fault::unknown;
        if (Fault fault = read_byte(*at, byte); fault != Fault::none) return fault;
        unsigned place = encoding_.order == Endian::little ? i : width - 1 - i;
        value |= std::uint64_t{byte} << (8 * place);
    }
    return Fault::none;
}

View Mapping::file_bytes_at(std::uint64_t address) const {
    const Region* region = region_at(address);
    if (region == nullptr || region->zero) return {};
    std::uint64_t until = region->end;
    for (const Region& other : regions_) {
        if (other.start > address) until = std::min(until, other.start);
    }
    return file_.clamped(region->offset + (address - region->start), until - address);
}

Fault Mapping::read_text(std::uint64_t address, std::string_view& text) const {
    View bytes = file_bytes_at(address).clamped(0, longest_text);
    if (auto found = bytes.c_string(0)) {
        text = *found;
        return Fault::none;
    }
    if (bytes.size() == longest_text) return Fault::unknown;
    // Not ended within the file: what follows in memory is zero, or a fault.
    std::uint8_t next = 0;
    Fault fault = read_byte(address + bytes.size(), next);
    if (fault != Fault::none) return fault;
    if (next != 0) return Fault::unknown;
    text = bytes.as_text();
    return Fault::none;
}

bool Mapping::covers(std::uint64_t start, std::uint64_t end) const {
    for (std::uint64_t at = start; at < end;) {
        std::uint64_t reach = at;
        for (const Region& region : regions_) {
            if (region.start <= at && region.end > reach) reach = region.end;
        }
        if (reach == at) return false;
        at = reach;
    }
    return true;
}

}  // namespace abiscope::loader::musl
