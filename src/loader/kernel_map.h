// The memory a kernel makes of a program's PT_LOAD segments (elf_load() and elf_map() of fs/binfmt_elf.c, do_mmap() and vm_brk_flags() of
// mm/), kept as far as it decides whether the first instruction can be fetched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/view.h"
#include "elf/segments.h"
#include "loader/kernel_elf_formats.h"

namespace abiscope::loader {

// The first thing about a segment that stops the kernel, or that cannot be told from here.
struct MapTrouble {
    std::string reason;
    std::optional<elf::Segment> segment;   // nothing when it is about all of them
};

class AddressSpace {
public:
    AddressSpace(const ElfFormat& format, const target::Target& target)
        : format_(format), target_(target), page_(target.kernel.page_size) {}

    // All readable memory is executable (personality READ_IMPLIES_EXEC).
    void read_implies_exec() { read_implies_exec_ = true; }

    // Maps every PT_LOAD. `position_independent` is e_type ET_DYN; a program with an interpreter is put elsewhere than one without, and
    // the interpreter itself is mapped last. Returns the load bias; what it returns after refused() is of no use.
    std::uint64_t load(View file, const std::vector<elf::Segment>& segments, bool position_independent, bool has_interpreter,
                       bool is_interpreter);

    // The kernel cannot map the program: it dies by SIGSEGV.
    [[nodiscard]] const std::optional<MapTrouble>& refused() const { return refused_; }
    // It may or may not: `reason` says what one would have to know.
    [[nodiscard]] const std::optional<MapTrouble>& unsure() const { return unsure_; }

    struct Fetch {
        enum class Kind : std::uint8_t { fine, not_mapped, not_executable, past_end_of_file, unsure };
        Kind kind = Kind::fine;
        std::vector<std::byte> bytes;  // up to 80 from the address on, as long as they are known
    };
    [[nodiscard]] bool maps_page_zero() const { return mapping_at(0) != nullptr; }
    [[nodiscard]] Fetch fetch(std::uint64_t address) const;

private:
    enum class Content : std::uint8_t { hole, file, zeros };
    struct Mapping {
        std::uint64_t start, end;  // [start, end), whole pages
        Content content;
        bool writable, executable;
        View file;
        std::uint64_t offset;  // file offset of `start`
    };
    struct Cleared {
        std::uint64_t start, end;
        std::size_t after;  // the number of mappings there were
    };
    enum class Placing : std::uint8_t { anywhere, fixed };

    void refuse(const elf::Segment& segment, std::string reason);
    void doubt(const elf::Segment& segment, std::string reason);
    std::uint64_t load_segment(View file, const elf::Segment& segment, std::uint64_t address, Placing placing, std::uint64_t total);
    bool map_file(View file, const elf::Segment& segment, std::uint64_t start, std::uint64_t size, std::uint64_t offset, Placing placing,
                  std::uint64_t total);
    void map_zeros(const elf::Segment& segment, std::uint64_t start, std::uint64_t size);
    bool check_range(const elf::Segment& segment, std::uint64_t start, std::uint64_t size);
    void check_memory(const elf::Segment& segment, std::uint64_t size);
    void check_segment(const elf::Segment& segment, std::uint64_t address, std::uint64_t mapped_at);
    std::uint64_t program_base(View file, const elf::Segment& first, bool has_interpreter, std::uint64_t alignment, std::uint64_t total);
    [[nodiscard]] const Mapping* mapping_at(std::uint64_t address) const;
    [[nodiscard]] std::optional<std::byte> byte_at(std::uint64_t address) const;
    [[nodiscard]] std::uint64_t page_start(std::uint64_t value) const { return align_down(value, page_); }
    [[nodiscard]] std::uint64_t page_end(std::uint64_t value) const { return align_up(value, page_); }

    ElfFormat format_;
    const target::Target& target_;
    std::uint64_t page_;
    bool read_implies_exec_ = false;
    bool program_independent_ = false;
    // What mmap() placed itself: the vdso is put into a hole of it, or next to it.
    std::uint64_t placed_start_ = 0, placed_end_ = 0;
    std::vector<Mapping> mappings_;
    std::vector<Cleared> cleared_;
    std::optional<MapTrouble> refused_, unsure_;
};

}  // namespace abiscope::loader
