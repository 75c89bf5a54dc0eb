// The text of /proc/PID/smaps (or maps): what is mapped, and how much of it a core dump holds under the kernel's default rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace abiscope::live {

struct Mapping {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    std::uint32_t flags = 0;           // PF_*
    bool shared = false;
    std::uint64_t file_offset = 0;     // bytes
    std::string path;                  // of a file; empty: none
    std::string name;                  // "[vdso]", "[anon:...]"; empty: none

    bool counted = false;              // the text is smaps: what follows is known
    bool private_pages = false;        // pages of its own, in memory or swapped out
    bool excluded = false;             // madvise(MADV_DONTDUMP), or a device's memory
    bool huge = false;                 // hugetlbfs
};

// What is no such line is passed over.
[[nodiscard]] std::vector<Mapping> parse_mappings(std::string_view text);

enum class Part : std::uint8_t { nothing, header_if_elf, all };

// vma_dump_size() of fs/coredump.c with filter 0x33. header_if_elf: the first page, when it starts with the magic number.
[[nodiscard]] Part dumped_part(const Mapping& mapping);

}  // namespace abiscope::live
